"""Several processes share one PostgreSQL and one Redis: what is said at one of them is heard at the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from smtplib import SMTP

import pytest
import websockets

from tests.chat.live.line import Client
from tests.services import Postgres, Redis, RunningServer

pytestmark = pytest.mark.engine
SECRET = "one secret for all processes of this house"


async def test_two_web_processes_a_gateway_and_a_worker_are_one_house(
    server_factory: Callable[..., RunningServer], postgres_server: Postgres, redis_server: Redis
) -> None:
    shared = {"database": postgres_server.create_database(), "redis": redis_server.url, "secret": SECRET}
    blobs = server_factory(**shared).folder / "shared-blobs"
    house = {role: server_factory(command=role, blobs=str(blobs), **shared) for role in ("serve", "mail", "work")}
    second = server_factory(command="serve", blobs=str(blobs), **shared)
    assert house["serve"].run("demo", "--conversations", "2").returncode == 0
    house["serve"].start()
    second.start()
    house["mail"].start_role()
    house["work"].start_role()

    async with _at(house["serve"]) as here, _at(second) as there:
        welcome = await here.hello(site="brindle", visitor="")
        opened = await here.done("open", text="Is anybody there?", name="Nadia")
        conversation = opened["conversation"]
        await there.hello(site="brindle", visitor=welcome["visitor"], conversation=conversation, after=0)
        await there.next("live")
        await here.done("say", conversation, text="Hello from the other door")
        heard = await there.next("event", kind="message.said", position=3, within=10)
        assert heard["body"]["text"] == "Hello from the other door"

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "nadia@customer.example",
        "support@support.example",
        "Lamp",
        "<1@customer.example>",
    )
    mail.set_content("By mail this time.")
    with SMTP("127.0.0.1", house["mail"].smtp_port, timeout=20) as smtp:
        smtp.send_message(mail)
    for _ in range(60):
        if "4 conversations verified" in (await asyncio.to_thread(second.run, "verify")).stdout:
            break
        await asyncio.sleep(0.5)
    else:
        pytest.fail("the worker did not take the mail in: " + house["work"].log()[-2000:])


def _at(server: RunningServer) -> _Line:
    return _Line(server.port)


class _Line:
    def __init__(self, port: int) -> None:
        self._connecting = websockets.connect(f"ws://127.0.0.1:{port}/live/widget")

    async def __aenter__(self) -> Client:
        return Client(await self._connecting.__aenter__())

    async def __aexit__(self, *problem: object) -> None:
        await self._connecting.__aexit__(*problem)
