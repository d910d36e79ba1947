"""Fills an empty store with visitors who have a conversation each: `python -m benchmarks.visitors 5000`. Writes who they are.

Runs before the server, in a process of its own, with the server's settings.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys

TOGETHER = 500


def main(many: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from chat.ledger.writer import stop_writer
    from chat.people import visitors
    from chat.people.models import Customer, Site

    site = Site.objects.create(key="bench", name="Bench Lamps", prefix="BE", away_after=0)
    tokens = [visitors.new_token(site.pk) for _ in range(many)]
    digests = [known.digest for token in tokens if (known := visitors.recognise(token)) is not None]
    Customer.objects.bulk_create(Customer(site=site, visitor=digest, name="Nadia") for digest in digests)
    refs = {row.visitor: row.ref for row in Customer.objects.all()}
    rooms = asyncio.run(_open(site.pk, [refs[digest] for digest in digests]))
    stop_writer()
    (settings.DATA / "visitors.json").write_text(json.dumps(list(zip(tokens, rooms, strict=True))))


async def _open(site: int, people: list[str]) -> list[str]:
    rooms: list[str] = []
    for begin in range(0, len(people), TOGETHER):
        rooms += await asyncio.gather(*(_one(site, ref) for ref in people[begin : begin + TOGETHER]))
    return rooms


async def _one(site: int, ref: str) -> str:
    from chat.events.lifecycle import ConversationOpened
    from chat.events.talk import MessageSaid
    from chat.ledger.append import Command, Fact, Joins, Opens, append

    room = secrets.randbits(62) | 1
    opened = ConversationOpened(by="Nadia", customer=ref, subject="Dented shade on Heron lamp")
    said = MessageSaid(by="Nadia", text="My lamp came with a dent in the shade. Could you have a look?")
    facts = tuple(
        Fact(conversation=room, body=body, actor=ref, channel="widget", key=key) for body, key in ((opened, "open"), (said, "say"))
    )
    opens = Opens(conversation=room, site=site, source="widget", key=str(room))
    await append(Command(facts=facts, opens=opens, rows=(Joins(conversation=room, ref=ref),)))
    return str(room)


if __name__ == "__main__":
    main(int(sys.argv[1]))
