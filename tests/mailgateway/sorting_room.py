"""Conversations with a letter of ours in each, and what becomes of a mail that answers one: decided and written as in the product."""

from __future__ import annotations

from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.event import Audience
from chat.ledger.read import Entry
from chat.ledger.received import Arrival
from chat.people.models import Site
from mailgateway import intake, sorting
from mailgateway.deciding.verdict import Verdict
from mailgateway.parser import parse
from mailgateway.proof.evidence import Evidence
from tests.mailgateway.gateway import Gateway
from tests.mailgateway.mutations import Draft, Sent


async def lettered(gateway: Gateway, *, cases: int) -> list[Sent]:
    """One letter of ours in each of several conversations, with customers of their own; and a second site."""
    Site.objects.create(key="orders", name="Brindle Orders", prefix="BO", mail_base="orders")
    opened = {}
    for number in range(cases):
        address, name = f"nadia@customer{number}.example", f"Nadia {number}"
        fields = {"From": f"{name} <{address}>", "Message_ID": f"<first@customer{number}.example>"}
        opened[address] = name, await gateway.opened("My lamp has a dent.\n", **fields)
        await gateway.answer(opened[address][1], f"We send you a new one, {name}.")
    sent = []
    for letter in await gateway.mails_out():
        if "We send you a new one" in str(letter.get_body(("plain",)).get_content()):
            address = str(letter["To"].addresses[0].addr_spec)
            name, conversation = opened[address]
            sent.append(Sent(conversation, address, name, letter))
    assert len(sent) == cases
    return sent


async def sort(draft: Draft, *, proof: Evidence | None = None) -> tuple[Verdict, Entry | None]:
    """What is decided, and the message it made. `proof` is what the checks found; without it they are made, and find nothing."""
    raw = draft.raw()
    envelope = {"sender": draft.sender, "recipients": [draft.recipient], "peer": "192.0.2.9"}
    digest = f"{draft.number:064x}"
    row = Arrival(
        id=0, source="email", digest=digest, envelope=envelope, received_at=0, state="waiting", reason="", conversation=None, attempts=1
    )
    verdict = await read.in_thread(sorting.sort, row, raw, parse(raw), checked=proof)
    conversation = await intake._written(verdict)
    if conversation is None:
        return verdict, None
    return verdict, [one for one in read.events(conversation, audience=Audience.AGENTS) if isinstance(one.body, MessageSaid)][-1]
