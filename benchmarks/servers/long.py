"""Very long conversations for a store that has a site and an agent: told through `append`, some hundred events in one command.

`python -m benchmarks.servers.long tell EVENTS...` prints their ids as JSON; `... check ID` the seconds that a verification takes.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time

import django

STEP = 500
"""Events in one command."""
QUESTION = "Line {n}: the shade is dented on the left side, and I would like to keep the lamp if you can refund a part of what I paid."
ANSWER = "Line {n}: I am looking into it, and I will be back with you by Friday at the very latest.\nThank you for your patience, Nadia."


def tell(events: int) -> int:
    """A conversation with so many events: of ten, four by the customer, four by the agent, one seen, and one note."""
    from chat.events.lifecycle import ConversationOpened
    from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
    from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
    from chat.ledger.event import Kind
    from chat.people.models import Agent, Customer, Site

    site, agent = Site.objects.order_by("pk")[0], Agent.objects.order_by("pk")[0]
    nadia = Customer.objects.create(site=site, name="Nadia")
    conversation = secrets.randbits(62) | 1
    opened = ConversationOpened(by="Nadia", customer=nadia.ref, subject="Dented shade on Heron lamp")
    fact = Fact(conversation=conversation, body=opened, actor=nadia.ref, channel="widget", key="open")
    opens = Opens(conversation=conversation, site=site.pk, source="widget", key=str(conversation))
    append_sync(Command(facts=(fact,), opens=opens, rows=(Joins(conversation=conversation, ref=nadia.ref),)))

    def said(n: int) -> Fact:
        body: Kind = MessageSaid(by="Nadia", text=QUESTION.format(n=n))
        if n % 10 == 9:
            body = NoteAdded(by=agent.name, text="Card refunds above EUR 30 need Ruth.")
        elif n % 10 == 8:
            body = MessageSeen(by="Nadia", upto=n - 1)
        elif n % 2:
            body = MessageSaid(by=agent.name, text=ANSWER.format(n=n))
        actor = agent.ref if n % 2 else nadia.ref
        return Fact(conversation=conversation, body=body, actor=actor, channel="widget", key=f"n{n}")

    for first in range(2, events + 1, STEP):
        facts = tuple(said(n) for n in range(first, min(first + STEP, events + 1)))
        append_sync(Command(facts=facts), timeout=120)
    return conversation


def check(conversation: int) -> float:
    """Seconds of one verification: seals, head and state."""
    from chat.ledger.check import check as verify

    begun = time.perf_counter()
    broken = verify(conversation)
    if broken is not None:
        raise RuntimeError(f"Entry {broken.position}: {broken.problem}")
    return time.perf_counter() - begun


def main(what: str, numbers: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    from server import logs

    logs.set_up()
    django.setup()
    if what == "tell":
        from chat.ledger.writer import stop_writer

        told = [tell(events) for events in numbers]
        stop_writer()
        print(json.dumps(told))
    else:
        print(json.dumps([check(conversation) for conversation in numbers]))


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]])
