"""The agents' side of the live protocol: queues, rows as they change, and every conversation of their own sites. Never logs a body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from django.urls import path

from chat.actions.access import Who, enter
from chat.ledger.read import Head, in_thread
from chat.live import frames, holding, limits, opening, shown, who
from chat.live.frames import FromAgent
from chat.live.presence import Place
from chat.live.socket import Socket
from chat.live.wire import Closing
from chat.people.models import Site
from chat.web.inbox import rows
from chat.web.inbox.changes import Interest, changes


class InboxSocket(Socket):
    """An agent who is signed in."""

    __slots__ = ("_away", "_cookies", "_interest", "_opened", "_places", "_sites", "_stop")
    channel = "inbox"
    handlers = {**Socket.handlers, frames.Queue: "_on_queue", frames.Undo: "_on_undo"}
    reader = frames.Reader(FromAgent)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._cookies = who.cookies_in(self.scope)
        self._sites: dict[int, Site] = {}
        self._places: dict[int, Place] = {}
        self._interest = Interest(agent="", tell=self._changed)
        self._stop: Callable[[], None] | None = None
        self._opened: dict[int, int] = {}
        self._away = False

    async def arrive(self, hello: frames.Hello) -> dict[str, Any]:
        if not await self._recognise():
            self.error("forbidden", "Sign in first.")
            raise Closing(4401, "not signed in")
        self._be_seen()
        self._interest.agent = self.who.ref
        self._stop = changes().listen(self._interest)
        you = {"ref": self.who.ref, "name": self.who.name, "side": self.who.side, "role": self.who.role}
        shops = [shown.site(shop, here=len(self._places[pk].people())) for pk, shop in self._sites.items()]
        return {"visitor": "", "you": you, "site": shops[0] if shops else None, "sites": shops, "conversations": []}

    def too_fast(self, action: str) -> float:
        return limits.take("agent", self.who.ref)

    async def before_watch(self, conversation: int) -> None:
        """Analysts see no bodies; everybody else's opening is written down before anything is shown."""
        opening.permitted(self.who.role)
        if self._opened.get(conversation) == opening.bucket():
            return
        if await opening.record(await in_thread(enter, self.who, conversation)):
            self._opened[conversation] = opening.bucket()

    def may_be_unwelcome(self) -> bool:
        return True

    async def still_welcome(self) -> bool:
        if not await self._recognise():
            return False
        self._be_seen()
        self._let_go()
        return True

    def beat(self) -> None:
        super().beat()
        for place in self._places.values():
            place.beat()

    async def leaving(self) -> None:
        for place in self._places.values():
            place.leave()
        if self._stop:
            self._stop()
        await super().leaving()

    async def _recognise(self) -> bool:
        found = await in_thread(self._look_up)
        if found is None:
            return False
        self.who, self._sites, self._away = found
        return True

    def _look_up(self) -> tuple[Who, dict[int, Site], bool] | None:
        agent = who.signed_in(self._cookies)
        if agent is None:
            return None
        me = who.agent(agent)
        return me, {shop.pk: shop for shop in Site.objects.filter(pk__in=me.sites).order_by("pk")}, agent.away

    def _be_seen(self) -> None:
        """Stand at every site of theirs, and be counted there unless they are away."""
        for site in self._sites.keys() - self._places.keys():
            self._places[site] = Place(-site, self._presence_changed)
        for site in self._places.keys() - self._sites.keys():
            self._places.pop(site).leave()
        for place in self._places.values():
            if self._away:
                place.withdraw()
            else:
                place.join(self.name, ref=self.who.ref, name=self.who.name)

    def _let_go(self) -> None:
        """Follow nothing any more that they may no longer read: their sites and role can change while they look."""
        for conversation, watch in list(self.watches.items()):
            if self.who.role in opening.NO_BODIES or watch.site not in self.who.sites:
                self.unwatch(conversation)
                self.error("not-found", "There is no such conversation.", conversation=str(conversation))

    async def _on_queue(self, frame: frames.Queue) -> None:
        if frame.name not in rows.QUEUES:
            self.error("not-found", "There is no such queue.")
            return
        after = (frame.after[0], frames.identifier(frame.after[1])) if frame.after else None
        page, counts = await asyncio.gather(
            in_thread(rows.page, frame.name, who=self.who, sites=self._sites, after=after),
            in_thread(rows.counts, self.who, self._sites),
        )
        changes().shows(self._interest, frame.name, [int(row["conversation"]) for row in page.rows])
        self.put("queue", name=frame.name, rows=page.rows, next=page.next, counts=counts)

    async def _on_undo(self, frame: frames.Undo) -> None:
        found = await holding.taken_back(self.who, frames.identifier(frame.conversation), frame.key)
        if found is None:
            self.error("late", "It has just been sent.", conversation=frame.conversation)
        else:
            self.put("undone", key=frame.key, conversation=frame.conversation, **found)

    def _changed(self, head: Head) -> None:
        site = self._sites.get(head.site)
        if site is not None:
            queues = rows.queues_of(head, agent=self.who.ref)
            self.put("row", row=rows.row(head, who=self.who, site=site), queues=queues)

    def _presence_changed(self) -> None:
        self.put("presence", here=len({person["ref"] for place in self._places.values() for person in place.people()}))


websocket_urlpatterns = [path("live/inbox", InboxSocket.application())]
