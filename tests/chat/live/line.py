"""A live server in the test's own loop, and clients that speak docs/protocol.md over a real connection. Knows no page."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
import websockets
from django.conf import settings
from django.test import Client as Browser

from chat.live import limits
from chat.live.stopping import close_all
from chat.people.models import Agent, Site
from tests.services import free_port


class Client:
    """One connection. Every frame is kept in `frames`; `next` waits for one of a kind."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.frames: list[dict[str, Any]] = []
        self.acknowledges = True
        self._unread: list[dict[str, Any]] = []

    async def send(self, t: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"t": t, **fields}))

    async def hello(self, **fields: Any) -> dict[str, Any]:
        await self.send("hello", **{"v": 1, "site": "brindle", **fields})
        return await self.next("welcome")

    async def do(self, action: str, conversation: str = "", *, key: str = "", **form: Any) -> str:
        """Ask for an action; gives its key."""
        key = key or str(uuid.uuid4())
        await self.send("do", key=key, conversation=conversation, action=action, form=form)
        return key

    async def done(self, action: str, conversation: str = "", **form: Any) -> dict[str, Any]:
        """Do it and wait for the ack."""
        key = await self.do(action, conversation, **form)
        return await self.next("ack", key=key)

    async def any(self, *, within: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(within):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        self.frames.append(frame)
        if frame["t"] == "event" and self.acknowledges and frame["position"] % 32 == 0:
            await self.send("got", conversation=frame["conversation"], position=frame["position"])
        return frame

    async def next(self, t: str, *, within: float = 10, **fields: Any) -> dict[str, Any]:
        """The next frame of this kind with these fields; others stay for later."""
        for frame in self._unread:
            if _fits(frame, t, fields):
                self._unread.remove(frame)
                return frame
        async with asyncio.timeout(within):
            while not _fits(frame := await self.any(within=within), t, fields):
                self._unread.append(frame)
        return frame

    async def closed(self, *, within: float = 10) -> tuple[int, str]:
        """Read until the server closes; gives code and reason."""
        try:
            while True:
                await self.any(within=within)
        except websockets.ConnectionClosed as over:
            return (over.rcvd.code, over.rcvd.reason) if over.rcvd else (1006, "")

    def events(self, conversation: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["t"] == "event" and frame["conversation"] == conversation]

    def cut(self) -> None:
        """As if the cable were pulled."""
        self.connection.transport.abort()


def _fits(frame: dict[str, Any], t: str, fields: dict[str, Any]) -> bool:
    return frame["t"] == t and all(frame.get(name) == value for name, value in fields.items())


class Live:
    """A running server with the shop Brindle and the agents Tom, Ines and Ruth."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.site = Site.objects.create(key="brindle", name="Brindle Lamps", prefix="BR")
        self.agents: dict[str, Agent] = {}
        for name, role in (("Tom", "agent"), ("Ines", "agent"), ("Ruth", "lead")):
            agent = Agent.objects.create_user(f"{name.lower()}@brindle.example", None, name=name, role=role)
            agent.sites.add(self.site)
            self.agents[name] = agent

    @asynccontextmanager
    async def connect(self, face: str = "widget", **options: Any) -> AsyncIterator[Client]:
        async with websockets.connect(f"ws://127.0.0.1:{self.port}/live/{face}", **options) as connection:
            yield Client(connection)

    @asynccontextmanager
    async def nadia(self, **hello: Any) -> AsyncIterator[Client]:
        async with self.connect() as client:
            await client.hello(**hello)
            yield client

    @asynccontextmanager
    async def agent(self, name: str = "Tom", **hello: Any) -> AsyncIterator[Client]:
        async with self.connect("inbox", additional_headers={"Cookie": self.cookie(name)}) as client:
            await client.hello(**hello)
            yield client

    def cookie(self, name: str) -> str:
        browser = Browser()
        browser.force_login(self.agents[name])
        return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


@asynccontextmanager
async def served() -> AsyncIterator[Live]:
    """The product's ASGI application under uvicorn; Daphne serves it in the journeys."""
    from server.asgi import application

    limits.clear()
    port = free_port()
    config = uvicorn.Config(
        application, host="127.0.0.1", port=port, log_level="error", lifespan="off", interface="asgi3", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn tells by this flag alone
        await asyncio.sleep(0.01)
    try:
        yield Live(port)
    finally:
        await close_all()
        server.should_exit = True
        await running
