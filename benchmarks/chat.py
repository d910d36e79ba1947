"""Messages a second, each sealed, durable, acknowledged to its sender and delivered to the other side: 200 customers and 200 agents of
one site, conversation i joins customer i and agent i. Beside it, in turns: the raw ASGI echo under the web server as it is installed, the
same echo in our own process (whose server end costs half as much or less), an echo over our own consumer, and the same chat with a writer
that writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.figures import Figure, Plan
from benchmarks.servers.running import Store
from benchmarks.sides import Side, in_turns, people, remark

UNIT = "messages/s"
OF_ECHO = {"daphne": 0.30, "uvicorn": 0.18}


def figures(plan: Plan) -> Iterator[Figure]:
    with ExitStack() as stores:
        light = Store(plan, customers=people(plan), conversations=people(plan))
        stores.callback(light.drop)
        if plan.quick:
            yield from _under("daphne", plan, light, None)
            return
        grown = Store(plan, customers=people(plan), conversations=people(plan), postgres=True)
        stores.callback(grown.drop)
        for web in OF_ECHO:
            yield from _under(web, plan, light, grown)


def _under(web: str, plan: Plan, light: Store, grown: Store | None) -> Iterator[Figure]:
    with ExitStack() as open_sides:
        sides = {
            what: open_sides.enter_context(Side(plan, what, light, web=web)) for what in ("bare", "echo", "consumer", "chat", "storeless")
        }
        if grown is not None:
            sides["postgres"] = open_sides.enter_context(Side(plan, "chat", grown, web=web))
        rates = in_turns(plan, sides)
        notes = {what: remark(side, sides["bare"]) for what, side in sides.items()}
        stored = remark(sides["chat"], sides["storeless"])
    bare, echo, name = f"raw echo, {web} as installed", f"raw echo, {web} in our process", web.capitalize()
    yield Figure(
        key=f"chat.consumer.{web}",
        title=f"Own consumer / raw ASGI echo, both in our process, {name}",
        a="echo over our consumer",
        b=echo,
        unit=UNIT,
        values_a=rates["consumer"],
        values_b=rates["echo"],
        target=0.85,
        gross=0.25,
        note=notes["consumer"],
    )
    for what, engine in (("chat", "SQLite"), ("postgres", "PostgreSQL")):
        if what in rates:
            yield Figure(
                key=f"chat.{engine.lower()}.{web}",
                title=f"Durable chat on {engine} / raw echo, {name} as installed",
                a="durable and delivered",
                b=bare,
                unit=UNIT,
                values_a=rates[what],
                values_b=rates["bare"],
                target=OF_ECHO[web],
                gross=OF_ECHO[web] / 4,
                note=notes[what],
            )
            yield Figure(
                key=f"chat.{engine.lower()}.{web}.ours",
                title=f"Durable chat on {engine} / raw echo, {name} in our process",
                a="durable and delivered",
                b=echo,
                unit=UNIT,
                values_a=rates[what],
                values_b=rates["echo"],
            )
    yield Figure(
        key=f"chat.bare.{web}",
        title=f"Raw echo in our process / raw echo, {name} as installed",
        a=echo,
        b=bare,
        unit=UNIT,
        values_a=rates["echo"],
        values_b=rates["bare"],
    )
    yield Figure(
        key=f"chat.storeless.{web}",
        title=f"Durable chat on SQLite / with the store off, {name}",
        a="durable and delivered",
        b="sealed and delivered, never written",
        unit=UNIT,
        values_a=rates["chat"],
        values_b=rates["storeless"],
        target=0.8,
        gross=0.2,
        note=stored,
    )
