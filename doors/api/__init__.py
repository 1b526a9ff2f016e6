"""The interfaces: translate, call one action or queryset, answer."""
