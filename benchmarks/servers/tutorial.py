"""The chat of the Channels tutorial, with the one line that stores a message: what most people begin with. The address names the room.

It has the product's database settings, which are kinder to it than Django's own, and a channel layer that may hold more than a hundred.
"""

from __future__ import annotations

import json
import os
from typing import Any, ClassVar

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import models
from django.urls import path

CAPACITY = 100_000
CONNECTIONS = 5_000
"""To Redis; with the client's own hundred it fails when everybody speaks at once."""


def configure() -> None:
    """Before Django is set up."""
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [{"address": os.environ["BENCH_REDIS"], "max_connections": CONNECTIONS}], "capacity": CAPACITY},
        }
    }


def application() -> Any:
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.core.asgi import get_asgi_application
    from django.db import connection

    class Message(models.Model):
        room = models.CharField(max_length=64)
        text = models.TextField()
        at = models.DateTimeField(auto_now_add=True)
        objects: ClassVar[models.Manager[Any]] = models.Manager()

        class Meta:
            app_label = "tutorial"

    class ChatConsumer(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            self.room = self.scope["url_route"]["kwargs"]["room"]
            self.group = f"chat_{self.room}"
            await self.channel_layer.group_add(self.group, self.channel_name)
            await self.accept()

        async def disconnect(self, code: int) -> None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            message = json.loads(text_data or "{}")["message"]
            await Message.objects.acreate(room=self.room, text=message)
            await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": message})

        async def chat_message(self, event: dict[str, Any]) -> None:
            await self.send(text_data=json.dumps({"message": event["message"]}))

    with connection.schema_editor() as editor:
        editor.create_model(Message)
    connection.close()
    rooms = URLRouter([path("ws/chat/<str:room>/", ChatConsumer.as_asgi())])  # type: ignore[arg-type]  # an application, not a view
    return ProtocolTypeRouter({"http": get_asgi_application(), "websocket": rooms})
