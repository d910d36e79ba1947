"""`python -m benchmarks.servers.reading CONVERSATIONS`: fills a store, then says how long a way of reading it takes, line by line.

What is timed are the functions that the inbox's socket and pages call, with the rows they give out; the way over the network is not.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

LEAST = 7
"""Calls of which the median counts, whatever they take."""


def main(conversations: int) -> None:
    import django

    django.setup()
    ways = _ways(conversations)
    for name, call in ways.items():
        assert call(), f"Nothing was read by {name}."
    print("ready", flush=True)
    for line in sys.stdin:
        name, seconds = line.split()
        print(_milliseconds(ways[name], float(seconds)), flush=True)


def _ways(conversations: int) -> dict[str, Callable[[], Any]]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from benchmarks.servers import filled
    from chat.actions.access import Who
    from chat.ledger.writer import stop_writer
    from chat.people.models import Agent, Site
    from chat.web.inbox import find, rows

    sites = [Site.objects.create(key=f"shop{n}", name="Brindle Lamps", prefix="BR") for n in range(2)]
    agent = Agent.objects.create(email="tom@bench.example", name="Tom")
    agent.sites.set(sites)
    _told(sites[0].pk)
    stop_writer()
    filled.fill(conversations, sites=(sites[0].pk, sites[1].pk))
    by_id = {site.pk: site for site in sites}
    who = Who(ref="agent:5", name="Tom", side="agents", role="agent", sites=frozenset(by_id))
    half = (filled.BEGUN + conversations // 2 * filled.SECOND, conversations // 2 * 2048 + 7)
    return {
        "queue": lambda: rows.page("open", who=who, sites=by_id, after=None).rows,
        "deep": lambda: rows.page("open", who=who, sites=by_id, after=half).rows,
        "mine": lambda: rows.page("mine", who=who, sites=by_id, after=half).rows,
        "counts": lambda: rows.counts(who, by_id),
        "common": lambda: find.conversations(sites, "lamp ", role="agent").rows,
        "rare": lambda: find.conversations(sites, "needle ", role="agent").rows,
        "both": lambda: find.conversations(sites, "lamp often500 ", role="agent").rows,
        "begun": lambda: find.conversations(sites, "seldom12", role="agent").rows,
        "older": lambda: find.conversations(sites, "lamp ", role="agent", below=conversations * filled.EVENTS // 2).rows,
    }


def _told(site: int) -> None:
    """The conversation that the others are copies of."""
    from chat.events.lifecycle import ConversationOpened
    from chat.events.talk import MessageSaid
    from chat.ledger.append import Command, Fact, Opens, append_sync

    opened = ConversationOpened(by="Nadia", customer="customer:41", subject="Dented shade", address="nadia@customer.example")
    bodies = (opened, *(MessageSaid(by="Nadia", text=f"My Heron lamp came with a dent in the shade. {n}") for n in range(4)))
    facts = tuple(Fact(conversation=3, body=b, actor="customer:41", channel="widget", key=f"k{n}") for n, b in enumerate(bodies))
    append_sync(Command(facts=facts, opens=Opens(conversation=3, site=site, source="bench", key="told")))


def _milliseconds(call: Callable[[], Any], seconds: float) -> float:
    until, taken = time.perf_counter() + seconds, []
    while len(taken) < LEAST or time.perf_counter() < until:
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main(int(sys.argv[1]))
