"""The one Django app: loads every plug-in when Django is ready and puts the ledger's triggers back after each migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChatConfig(AppConfig):
    name = "chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat import discover

        discover.load()
        post_migrate.connect(_reinstall, sender=self)


def _reinstall(using: str, **_: Any) -> None:
    # Django remakes SQLite tables for many changes, and a remade table has lost its triggers without a word.
    from chat.ledger import triggers

    triggers.install(using)
