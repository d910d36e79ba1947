"""Fills an empty store with a shop: customers with tokens, agents who are signed in, conversations that they share. Writes who they are.

Runs before the server, in a process of its own, with the server's settings.
"""

from __future__ import annotations

import json
import secrets
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command

CAST = "cast.json"


def fill(*, customers: int, conversations: int) -> None:
    """Migrate, make the shop, and leave its people in the data folder."""
    call_command("migrate", verbosity=0, interactive=False)
    from chat.ledger.writer import stop_writer

    people = shop(customers=customers, conversations=conversations)
    stop_writer()
    (settings.DATA / CAST).write_text(json.dumps(people))


def shop(*, customers: int, conversations: int) -> list[dict[str, Any]]:
    """As many agents as customers; person i belongs to conversation i modulo `conversations`. Gives the members of a crowd."""
    from chat.people.models import Site

    site = Site.objects.create(key="bench", name="Bench Lamps", prefix="BE", away_after=0)
    rooms = [secrets.randbits(62) | 1 for _ in range(conversations)]
    people = [_customer(site, rooms, number) for number in range(customers)]
    return people + [_agent(site, rooms, number) for number in range(customers)]


def _customer(site: Any, rooms: list[int], number: int) -> dict[str, Any]:
    from chat.events.lifecycle import ConversationOpened
    from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
    from chat.people import visitors
    from chat.people.models import Customer

    token = visitors.new_token(site.pk)
    known = visitors.recognise(token)
    assert known is not None
    row = Customer.objects.create(site=site, visitor=known.digest, name=f"Nadia {number}")
    room = rooms[number % len(rooms)]
    joins = Joins(conversation=room, ref=row.ref)
    if number < len(rooms):
        body = ConversationOpened(by=row.name, customer=row.ref, subject="Dented shade on Heron lamp")
        fact = Fact(conversation=room, body=body, actor=row.ref, channel="widget", key="open")
        append_sync(Command(facts=(fact,), opens=Opens(conversation=room, site=site.pk, source="widget", key=str(room)), rows=(joins,)))
    else:
        from chat.events.talk import NoteAdded

        fact = Fact(conversation=room, body=NoteAdded(by="Ruth", text="One more of them."), actor="agent:999", channel="inbox", key=row.ref)
        append_sync(Command(facts=(fact,), rows=(joins,)))
    return {"side": "customer", "room": str(room), "token": token, "path": "/live/widget"}


def _agent(site: Any, rooms: list[int], number: int) -> dict[str, Any]:
    from chat.events.handoff import HandoffClaimed
    from chat.ledger.append import Command, Fact, append_sync
    from chat.people.models import Agent

    agent = Agent(email=f"tom{number}@bench.example", name=f"Tom {number}", password="!")
    agent.save()
    agent.sites.add(site)
    room = rooms[number % len(rooms)]
    if number < len(rooms):
        fact = Fact(conversation=room, body=HandoffClaimed(by=agent.name), actor=agent.ref, channel="inbox", key="claim")
        append_sync(Command(facts=(fact,)))
    return {"side": "agents", "room": str(room), "cookie": _signed_in(agent), "path": "/live/inbox"}


def _signed_in(agent: Any) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
