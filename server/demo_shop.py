"""The demo shop."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def sign_in_file() -> Path:
    """Where the demo's password is kept, for whoever starts the demo again."""
    return Path(settings.DATA) / "demo-password"


def fill(conversations: int = 240) -> None:
    from chat.people.models import Agent, Site

    site = Site.objects.create(key="brindle", name="Brindle Lamps", prefix="BR")
    password = "lamp-post-harbour"
    for name, role in (("Ruth", "admin"), ("Tom", "agent"), ("Ines", "agent")):
        agent = Agent.objects.create_user(f"{name.lower()}@demo.example", password, name=name, role=role)
        agent.sites.add(site)
    sign_in_file().write_text(password + "\n")
