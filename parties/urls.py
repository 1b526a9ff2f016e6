"""Routes of signing in, acting, delegating and notifications."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
