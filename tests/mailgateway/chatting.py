"""A chat that goes on by mail, for tests about what leaves. Knows no gateway."""

from __future__ import annotations

from chat.events.lifecycle import ConversationOpened
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, Fact, Joins, Opens, append
from chat.people.models import Customer, Site
from mailgateway.deciding import caps
from tests.mailgateway.gateway import TOM

AWAY_AFTER = 120


async def chatted(conversation: int = 77, *, address: str = "nadia@customer.example", site: Site | None = None, answer: str = "") -> int:
    """Nadia asked and told her address; with `answer`, Tom's mail waits to be sent."""
    caps.unconfirmed.counter.forget()
    site = site or Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    nadia = Customer.objects.create(site=site, visitor=f"{conversation:064}", name="Nadia")
    opened = ConversationOpened(by="Nadia", customer=nadia.ref, subject="Dented shade", address=address, away_after=AWAY_AFTER)
    asked = MessageSaid(by="Nadia", text="My lamp has a dent.")
    facts = [
        Fact(conversation=conversation, body=opened, actor=nadia.ref, channel="widget", key="open"),
        Fact(conversation=conversation, body=asked, actor=nadia.ref, channel="widget", key="k1"),
    ]
    if answer:
        facts.append(Fact(conversation=conversation, body=MessageSaid(by="Tom", text=answer), actor=TOM, channel="email", key="a1"))
    opens = Opens(conversation=conversation, site=site.pk, source="widget", key=f"k{conversation}")
    await append(Command(facts=tuple(facts), opens=opens, rows=(Joins(conversation=conversation, ref=nadia.ref),)))
    return conversation
