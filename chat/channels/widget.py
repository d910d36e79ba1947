"""The chat in the customer's browser: the customer's side of the live protocol. Its pages and its loader stand in widget_pages.

Nothing leaves through a route: whoever watches a conversation gets its events from the live room.
"""

from __future__ import annotations

from typing import Any

from django.urls import path

from chat.actions.action import Forbidden
from chat.channels.channel import Channel, register_channel
from chat.ledger import read
from chat.ledger.append import NoSuchConversation
from chat.ledger.read import in_thread
from chat.live import frames, limits, origin, shown, who
from chat.live.presence import Place
from chat.live.socket import Socket
from chat.people import links, visitors
from chat.people.links import LinkSession
from chat.people.models import Site
from chat.people.visitors import Visitor

register_channel(Channel(name="widget", label="chat"))
OPENS = "open"
SAYS = "say"
CHANGES_ADDRESS = frozenset({"move", "introduce"})
TELLS_ADDRESS = CHANGES_ADDRESS | {"send_link"}
"""Actions after which mail goes to an address that somebody typed, which may be a stranger's, or that is theirs and wants no flood."""


class WidgetSocket(Socket):
    """A visitor with a token, or a customer whom a link from a mail brought here."""

    __slots__ = ("_network", "_place", "_visitor")
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
            if self.who.only:
                raise Forbidden("This link opens one conversation. Start another one in the chat.")
            return self._limited("open")
        if action in CHANGES_ADDRESS and self.who.only:
            # Codes go to the address: whoever was lent a link could else have them mailed to a mailbox of their own.
            raise Forbidden("A link changes no address. Do that in the browser you chatted in.")
        if action in TELLS_ADDRESS:
            return self._limited("address")
        return limits.take("customer", self.who.owner)

    async def known_again(self, action: str) -> None:
        # The first conversation makes the visitor a customer with a ref, and a name can be told at any time; saying changes neither.
        if self._visitor is not None and action != SAYS:
            self.who = await in_thread(who.visitor, self._visitor)

    async def did(self, conversation: int) -> None:
        if conversation not in self.watches:
            await self.watch(conversation, after=0)

    def may_be_unwelcome(self) -> bool:
        return bool(self.who.only)

    async def still_welcome(self) -> bool:
        """A cancelled link ends its sockets too."""
        return await in_thread(self._linked, self.who.only) is not None

    async def leaving(self) -> None:
        if self._place:
            self._place.leave()
        await super().leaving()

    def beat(self) -> None:
        super().beat()
        if self._place:
            self._place.beat()

    def _limited(self, what: str) -> float:
        whose = (("visitor", self.who.owner), ("network", self._network), ("site", str(self.site)))
        return next((wait for kind, key in whose if (wait := limits.take(f"{what} by {kind}", key))), 0.0)

    def _recognise(self, hello: frames.Hello) -> tuple[Site, str, list[dict[str, Any]]]:
        shop = Site.objects.filter(key=hello.site).first()
        if shop is None:
            raise NoSuchConversation("There is no such site.")
        self.site = shop.pk
        asked = frames.identifier(hello.conversation)
        linked = self._linked(asked) if asked and not hello.visitor else None
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

    def _linked(self, conversation: int) -> LinkSession | None:
        return links.session_of(who.cookies_in(self.scope), conversation)

    def _presence_changed(self) -> None:
        if self._place:
            self.put("presence", here=len(self._place.people()))


websocket_urlpatterns = [path("live/widget", WidgetSocket.application())]
