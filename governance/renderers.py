"""JSON with every moment in the time of the city, as serializers write it."""

from datetime import datetime
from typing import Any

from django.utils.timezone import is_aware, localtime
from rest_framework import renderers
from rest_framework.utils.encoders import JSONEncoder


class Encoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        """A moment that passed no field would otherwise be written in UTC."""
        if isinstance(obj, datetime) and is_aware(obj):
            obj = localtime(obj)
        return super().default(obj)


class JSONRenderer(renderers.JSONRenderer):
    encoder_class = Encoder
