"""What happens before the first request: migrate, fill the demo shop or make a set-up code, and tell the person where things are."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.management import call_command

from server import demo_shop

_setup_code = ""


def migrate() -> None:
    """Bring the database to this version. Triggers are put in place afterwards by the app."""
    call_command("migrate", verbosity=0, interactive=False)


def prepare() -> None:
    """Everything that must be so before the ports open."""
    global _setup_code
    migrate()
    if settings.PRODUCTION:
        call_command("collectstatic", verbosity=0, interactive=False)
    from chat.people.models import Agent

    if settings.DEMO and not Agent.objects.exists():
        demo_shop.fill()
    elif not Agent.objects.exists():
        _setup_code = secrets.token_urlsafe(12)
        settings.SETUP_CODE = _setup_code


def tell() -> None:
    """Print where everything is and how to get in."""
    url = settings.PUBLIC_URL
    lines = [
        "",
        "Throughline is running. Stop it with Ctrl+C; nothing is lost.",
        "",
        f"  Inbox (agents)     {url}/inbox/",
        f"  Mail comes in at   {settings.SMTP_HOST}:{settings.SMTP_PORT} for {settings.MAIL_DOMAIN}",
    ]
    if settings.RELAY:
        lines.append(f"  Mail goes out by   {settings.RELAY}")
    else:
        lines.append(f"  Mail goes out to   {url}/mailbox/  (no relay is set: read and answer it there)")
    kept = demo_shop.sign_in_file()
    if kept.exists():
        lines += [f"  Demo shop          {url}/demo/", "", "  Sign in as ruth@demo.example, tom@demo.example or ines@demo.example"]
        lines.append(f"  with the password  {kept.read_text().strip()}")
    elif _setup_code:
        lines += [f"  First run          {url}/setup/", f"  with the code      {_setup_code}"]
    print("\n".join([*lines, ""]), flush=True)
