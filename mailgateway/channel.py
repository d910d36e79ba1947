"""The e-mail channel: which events go out by mail, and to whom. Pure; how they get there is the courier's business."""

from __future__ import annotations

from collections.abc import Sequence

from chat.channels.channel import Channel, register_channel
from chat.events.lifecycle import ConversationMoved
from chat.ledger.event import Audience, Kind
from chat.ledger.routes import Intent, Placed
from chat.ledger.state import State
from mailgateway import alarms as alarms
from mailgateway import forgetting as forgetting

NAME = "email"


def route(body: Kind, event: Placed, state: State) -> Sequence[Intent]:
    """One mail to the customer for each event that speaks through this door, except their own words."""
    if event.channel != NAME or event.audience != Audience.EVERYONE or not state.customer.address:
        return []
    own_words = state.is_customer(event.actor) and not isinstance(body, ConversationMoved)
    return [] if own_words else [Intent(NAME, state.customer.ref)]


register_channel(Channel(name=NAME, label="e-mail", route=route))
