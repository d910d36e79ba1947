"""The chat in the customer's browser: the customer's side of the live protocol. Its pages and its loader stand in widget_pages.

Nothing leaves through a route: whoever watches a conversation gets its events from the live room.
"""

from __future__ import annotations

from typing import Any

from django.urls import path

from chat.channels.channel import Channel, register_channel
from chat.ledger import read
from chat.ledger.append import NoSuchConversation
from chat.ledger.read import in_thread
from chat.live import frames, limits, origin, shown, who
from chat.live.presence import Place
from chat.live.socket import Socket, route_of
from chat.people import links, visitors
from chat.people.models import Site
from chat.people.visitors import Visitor

register_channel(Channel(name="widget", label="chat"))
OPENS = "open"
SAYS = "say"


class WidgetSocket(Socket):
    """A visitor with a token, or a customer whom a link from a mail brought here."""

    channel = "widget"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._visitor: Visitor | None = None
        self._network = origin.network(self.scope)
        self._place: Place | None = None

    async def arrive(self, hello: frames.Hello) -> dict[str, Any]:
        shop, token, listed = await in_thread(self._recognise, hello)
        self._place = Place(-shop.pk, self._presence_changed)
        you = {"ref": self.who.ref, "name": self.who.name, "side": self.who.side}
        return {"visitor": token, "you": you, "site": shown.site(shop, here=len(self._place.people())), "conversations": listed}

    def too_fast(self, action: str) -> float:
        if action == OPENS:
            whose = (("open by visitor", self.who.owner), ("open by network", self._network), ("open by site", str(self.site)))
            return next((wait for kind, key in whose if (wait := limits.take(kind, key))), 0.0)
        return limits.take("customer", self.who.owner)

    async def did(self, action: str, conversation: int) -> None:
        if self._visitor is not None and action != SAYS:
            # The first conversation makes the visitor a customer with a ref, and a name can be told at any time; saying changes neither.
            self.who = await in_thread(who.visitor, self._visitor)
        if conversation not in self.watches:
            await self.watch(conversation, after=0)

    def left(self) -> None:
        if self._place:
            self._place.leave()

    def beat(self) -> None:
        super().beat()
        if self._place:
            self._place.beat()

    def _recognise(self, hello: frames.Hello) -> tuple[Site, str, list[dict[str, Any]]]:
        shop = Site.objects.filter(key=hello.site).first()
        if shop is None:
            raise NoSuchConversation("There is no such site.")
        self.site = shop.pk
        linked = links.session_of(who.cookies_in(self.scope), int(hello.conversation)) if hello.conversation and not hello.visitor else None
        if linked is not None:
            self.who = who.by_link(linked)
            return shop, "", [shown.listed(head, shop) for head in read.heads([linked.conversation]).values()]
        known = visitors.recognise(hello.visitor)
        token = hello.visitor
        if known is None or known.site != shop.pk:
            token = visitors.new_token(shop.pk)
            known = visitors.recognise(token)
        assert known is not None
        self._visitor = known
        self.who = who.visitor(known)
        heads = read.conversations_of(self.who.ref) if self.who.ref else []
        return shop, token, [shown.listed(head, shop) for head in heads if head.site == shop.pk]

    def _presence_changed(self) -> None:
        if self._place:
            self.put("presence", here=len(self._place.people()))


websocket_urlpatterns = [path("live/widget", route_of(WidgetSocket))]
