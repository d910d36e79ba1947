"""What happens before the first request: migrate, fill the demo shop, gather the static files; and what the person is told."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError

from chat.transcripts import prepared
from chat.web.setup import first_run
from server import demo_shop

_nobody_yet = False


def migrate() -> None:
    """Bring the database to this version. Triggers are put in place afterwards by the app."""
    call_command("migrate", verbosity=0, interactive=False)


def prepare() -> None:
    """Everything that must be so before the ports open."""
    migrate()
    from chat.people.models import Agent

    if settings.DEMO and not Agent.objects.exists():
        demo_shop.fill()
    prepare_pages()


def prepare_pages() -> None:
    """What a process that only serves pages needs: in production the static files under their hashed names."""
    global _nobody_yet
    prepared.clear()
    if settings.PRODUCTION:
        call_command("collectstatic", verbosity=0, interactive=False)
    try:
        _nobody_yet = first_run.needed()
    except DatabaseError:
        # Not migrated yet, or away: /health says so.
        _nobody_yet = False


def tell_first_run() -> None:
    """Print how to set this server up, as long as nobody has."""
    if _nobody_yet:
        print("\n".join(["", *_first_run(), ""]), flush=True)


def _first_run() -> list[str]:
    return [
        f"  First run          {settings.PUBLIC_URL}/setup/",
        f"  with the code      {first_run.setup_code()}  (asked for on other machines than this one)",
    ]


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
    elif _nobody_yet:
        lines += _first_run()
    print("\n".join([*lines, ""]), flush=True)
