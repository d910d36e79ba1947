"""With few conversations that several read at once: messages a second, acknowledged and delivered to everybody else in the room, against a
Socket.IO server (python-socketio) on the same PostgreSQL that does one INSERT a message. Both have one process under the same web server.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure, Plan
from benchmarks.servers.running import Store
from benchmarks.sides import PEOPLE, Side, in_turns

CONVERSATIONS = 32


def figures(plan: Plan) -> Iterator[Figure]:
    for count, title in ((CONVERSATIONS, "32 customers and 32 agents"), (PEOPLE, "200 customers and 200 agents")):
        if plan.quick and count == PEOPLE:
            continue
        store = Store(plan, customers=count, conversations=CONVERSATIONS, postgres=True)
        try:
            for web in ("daphne",) if plan.quick else ("daphne", "uvicorn"):
                yield _against(plan, store, web, count, title)
        finally:
            store.drop()


def _against(plan: Plan, store: Store, web: str, count: int, title: str) -> Figure:
    with Side(plan, "chat", store, web=web) as ours, Side(plan, "socketio", store, web=web) as theirs:
        rates = in_turns(plan, {"chat": ours, "socketio": theirs})
    return Figure(
        key=f"socketio.{count}.{web}",
        title=f"32 conversations, {title} / Socket.IO, {web.capitalize()}",
        a="durable and delivered",
        b="Socket.IO, one INSERT each",
        unit="messages/s",
        values_a=rates["chat"],
        values_b=rates["socketio"],
        target=1.0,
        gross=0.25,
    )
