"""The e-mail channel: which events go out by mail, and to whom. Pure; how they get there is the courier's business."""

from __future__ import annotations

from collections.abc import Sequence

from chat.channels.channel import Channel, register_channel
from chat.events.lifecycle import ConversationMoved
from chat.ledger.event import Audience, Kind
from chat.ledger.routes import Intent, Placed
from chat.ledger.state import State
from mailgateway import forgetting as forgetting
from mailgateway.sending import alarms as alarms

NAME = "email"


def route(body: Kind, event: Placed, state: State) -> Sequence[Intent]:
    """One mail to the customer for each event that speaks through this door, except their own words; and one to everybody in copy whom
    an answer is addressed to."""
    if event.channel != NAME or event.audience != Audience.EVERYONE:
        return []
    if state.is_customer(event.actor) and not isinstance(body, ConversationMoved):
        return []
    also = [ref for ref in getattr(body, "also", ()) if ref in state.others and state.others[ref].address]
    return [Intent(NAME, ref) for ref in ([state.customer.ref] if state.customer.address else []) + also]


register_channel(Channel(name=NAME, label="e-mail", route=route))
