"""What a channel is: a door with a name and a label, and, if events leave through it, a pure `route` that says which and to whom.

Knows no particular channel: each is a file of its own that registers itself here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.ledger.routes import Route, register_route


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`name` stands in the header of events for ever; `label` is what people read; `route` is None if nothing leaves through it."""

    name: str
    label: str
    route: Route | None = None


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> Channel:
    """Add a channel. Another one under the same name is refused."""
    if _channels.get(channel.name, channel) != channel:
        raise TypeError(f"Two channels are called {channel.name!r}.")
    _channels[channel.name] = channel
    if channel.route is not None:
        register_route(channel.name, channel.route)
    return channel


def channels() -> Mapping[str, Channel]:
    return dict(sorted(_channels.items()))


def label(name: str) -> str:
    """How people read a channel's name; the name itself if nobody registered it."""
    known = _channels.get(name)
    return known.label if known else name
