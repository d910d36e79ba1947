"""A link from a mail speaks for its addressee on the live socket: in its one conversation, until it is cancelled."""

from __future__ import annotations

import pytest
import websockets

from chat.live import socket
from chat.people import links
from chat.people.models import Link
from tests.chat.live.line import Client, Live, served

pytestmark = pytest.mark.usefixtures("database")


async def linked(live: Live, nadia: Client) -> tuple[str, str, int]:
    """Nadia's conversation, the cookie of a browser that redeemed a link to it, and the link's row."""
    ack = await nadia.done("open", text="Hello", name="Nadia")
    event = await nadia.next("event", position=1)
    issued = links.issue(int(ack["conversation"]), event["actor"])
    link = links.find(issued.path.partition("#")[2])
    assert isinstance(link, Link)
    return ack["conversation"], f"{links.COOKIE}={links.with_link({}, link)}", link.pk


async def test_a_link_reads_and_writes_its_conversation_and_no_other() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation, cookie, _ = await linked(live, nadia)
        other = (await nadia.done("open", text="Another one"))["conversation"]
        async with live.connect(additional_headers={"Cookie": cookie}) as reader:
            welcome = await reader.hello(conversation=conversation)
            assert welcome["visitor"] == "" and welcome["you"]["name"] == "Nadia"
            await reader.next("live", conversation=conversation)
            ack = await reader.done("say", conversation, text="From the record.")
            assert (await nadia.next("event", position=ack["position"]))["body"]["text"] == "From the record."
            await reader.send("watch", conversation=other)
            assert (await reader.next("error", conversation=other))["code"] == "not-found"
            await reader.do("open", key="k", text="A third")
            assert (await reader.next("refused", key="k"))["code"] == "forbidden"


async def test_a_link_changes_no_address_because_codes_go_there() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation, cookie, _ = await linked(live, nadia)
        async with live.connect(additional_headers={"Cookie": cookie}) as reader:
            await reader.hello(conversation=conversation)
            for action in ("introduce", "move"):
                await reader.do(action, conversation, key=action, address="somebody@elsewhere.example")
                assert (await reader.next("refused", key=action))["code"] == "forbidden"


async def test_a_cancelled_link_ends_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BEAT_EVERY", 0.1)
    async with served() as live, live.nadia() as nadia:
        conversation, cookie, row = await linked(live, nadia)
        async with live.connect(additional_headers={"Cookie": cookie}) as reader:
            await reader.hello(conversation=conversation)
            links.cancel(row)
            assert (await reader.closed())[0] == 4401
        async with live.connect(additional_headers={"Cookie": cookie}) as again:
            await again.send("hello", v=1, site="brindle", conversation=conversation)
            assert (await again.closed())[0] == 4404


async def test_a_socket_to_an_unknown_address_is_refused() -> None:
    async with served() as live:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with live.connect("nothing"):
                pass
        assert refused.value.response.status_code == 403
