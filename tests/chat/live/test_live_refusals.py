"""What the live room does not take: strange frames, foreign pages, other people's conversations, too much of anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
import websockets

from chat.events.talk import MessageSaid
from chat.ledger.append import Command, Fact, append_sync
from chat.live import limits, socket, window
from chat.live.limits import Rate
from chat.live.wire import Wire
from tests.chat.live.line import served

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def full_buckets() -> Iterator[None]:
    limits.clear()
    yield
    limits.clear()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        '{"t": "shout"}',
        '{"t": "typing", "conversation": "1"}',
        '{"t": "seen", "conversation": 5, "position": 1}',
        '{"t": "seen", "conversation": "1", "position": -1}',
        '{"t": "do", "key": "", "action": "say"}',
        '{"t": "watch", "conversation": "1", "aftre": 3}',
        '{"t": "watch", "conversation": "1; drop"}',
        '{"t": "hello", "v": 1}',
        '{"t": "queue", "name": "mine"}',
        '{"t": "do", "key": "k", "action": "say", "form": ' + "[" * 30_000,
        '{"t": "do", "key": "k", "action": "say", "form": {"text": "\\ud800"}}',
    ],
)
async def test_a_malformed_frame_is_answered_and_the_socket_closed(text: str) -> None:
    async with served() as live, live.nadia() as nadia:
        await nadia.connection.send(text)
        assert (await nadia.next("error"))["code"] == "malformed"
        assert (await nadia.closed())[0] == 4400


async def test_octets_are_no_frame() -> None:
    async with served() as live, live.nadia() as nadia:
        await nadia.connection.send(b'{"t": "beat"}')
        assert (await nadia.closed())[0] == 4400


async def test_a_frame_that_is_too_large_closes_the_socket() -> None:
    async with served() as live, live.nadia() as nadia:
        await nadia.do("say", "1", text="x" * 66_000)
        assert (await nadia.next("error"))["code"] == "too-large"
        assert (await nadia.closed())[0] == 4413


async def test_another_version_of_the_protocol_is_named() -> None:
    async with served() as live, live.connect() as client:
        await client.send("hello", v=2, site="brindle")
        assert (await client.next("error"))["code"] == "version"
        assert (await client.closed())[0] == 4400


async def test_the_first_frame_is_hello() -> None:
    async with served() as live, live.connect() as client:
        await client.send("beat")
        assert (await client.closed())[0] == 4400


async def test_who_says_no_hello_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_WITHIN", 0.2)
    async with served() as live, live.connect() as client:
        assert await client.closed() == (4408, "no hello")


async def test_who_is_silent_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(socket, "SILENT_AFTER", 0.3)
    async with served() as live, live.nadia() as nadia:
        assert await nadia.closed() == (4408, "silent too long")
        assert {"t": "beat", "heads": {}} in nadia.frames


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1"])
async def test_a_foreign_page_cannot_connect(origin: str) -> None:
    async with served() as live:
        for face in ("widget", "inbox"):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with live.connect(face, additional_headers={"Origin": origin}):
                    pass
            assert refused.value.response.status_code == 403


async def test_our_own_page_can_connect() -> None:
    async with served() as live, live.connect(additional_headers={"Origin": live.url}) as client:
        await client.hello()


async def test_an_unknown_and_a_foreign_conversation_are_answered_with_the_same_bytes() -> None:
    async with served() as live, live.nadia() as nadia:
        hers = (await nadia.done("open", text="Hello"))["conversation"]
        unknown = str(int(hers) + 1)
        answers = []
        for conversation in (hers, unknown, "9" * 19, "0"):
            async with live.nadia() as stranger:
                await stranger.send("watch", conversation=conversation, after=0)
                answers.append(json.dumps(await stranger.next("error")).replace(conversation, ""))
                await stranger.do("say", conversation, key="k", text="Let me in")
                answers.append(json.dumps(await stranger.next("refused")))
            async with live.connect() as stranger:
                await stranger.send("hello", v=1, site="brindle", conversation=conversation)
                if conversation != "0":
                    answers.append(json.dumps(await stranger.next("error")))
                    assert await stranger.closed() == (4404, "not-found")
        assert len(set(answers)) == 2


async def test_a_made_up_token_is_a_new_visitor() -> None:
    async with served() as live, live.nadia() as nadia:
        token = nadia.frames[0]["visitor"]
        forged = token[:-1] + ("0" if token[-1] != "0" else "1")
        async with live.connect() as stranger:
            assert (await stranger.hello(visitor=forged))["visitor"] not in (token, forged)


async def test_the_inbox_needs_a_sign_in() -> None:
    async with served() as live, live.connect("inbox") as stranger:
        await stranger.send("hello", v=1)
        assert (await stranger.closed())[0] == 4401


async def test_who_signs_out_is_closed_at_the_next_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BEAT_EVERY", 0.1)
    async with served() as live, live.agent("Tom") as tom:
        live.agents["Tom"].is_active = False
        live.agents["Tom"].save()
        assert (await tom.closed())[0] == 4401


async def test_a_customer_cannot_do_what_agents_do() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        await nadia.do("note", conversation, key="k", text="I am an agent")
        assert (await nadia.next("refused", key="k"))["code"] == "forbidden"


async def test_a_bad_form_names_its_field_and_nothing_is_stored() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        for key, form in (("a", {"text": "nul \0"}), ("b", {"txt": "misspelt"}), ("c", {"text": 5}), ("d", {"text": "x" * 30_000})):
            await nadia.do("say", conversation, key=key, **form)
            assert (await nadia.next("refused", key=key))["code"] == "form"


async def test_a_name_stands_in_one_line_without_hidden_characters() -> None:
    async with served() as live, live.nadia() as nadia:
        name = "Nadia\r\nSpoken with   Tom\u202e\x07"
        conversation = (await nadia.done("open", text="Hello", name=name))["conversation"]
        await nadia.done("introduce", conversation, name=name)
        opened, introduced = await nadia.next("event", position=1), await nadia.next("event", kind="customer.introduced")
        assert opened["body"]["by"] == introduced["body"]["shown_name"] == "Nadia Spoken with Tom"


@pytest.mark.parametrize("to", ["customer:2", "agent:²", "agent:", "2"])
async def test_only_an_agent_is_asked_to_take_over(to: str) -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        key = await tom.do("hand_off", conversation, to=to, reason="She knows lamps.")
        assert (await tom.next("refused", key=key))["field"] == "to"


async def test_who_is_too_fast_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "customer", Rate(3, 0.2))
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        for number in range(8):
            await nadia.do("say", conversation, key=f"k{number}", text="quick")
        refused = await nadia.next("refused")
        assert refused["code"] == "limit" and 0 < refused["retry_after"] <= 1
        await asyncio.sleep(0.3)
        await nadia.next("ack", key=await nadia.do("say", conversation, key=refused["key"], text="quick"))


async def test_telling_addresses_is_limited_because_mail_goes_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "address by visitor", Rate(2, 60))
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        for number in range(2):
            await nadia.done("move", conversation, address=f"stranger{number}@customer.example")
        key = await nadia.do("introduce", conversation, address="stranger3@customer.example")
        assert (await nadia.next("refused", key=key))["code"] == "limit"


async def test_opening_conversations_is_limited_by_network_for_ever_new_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "open by network", Rate(2, 60))
    async with served() as live:
        for expected in ("ack", "ack", "refused"):
            async with live.nadia() as visitor:
                await visitor.do("open", text="Hello", key="k")
                await visitor.next(expected, key="k")


async def test_a_flood_of_frames_closes_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "frame", Rate(50, 1))
    async with served() as live, live.nadia() as nadia:
        for _ in range(80):
            await nadia.send("beat")
        assert await nadia.closed() == (4429, "too fast")


async def test_a_slow_reader_gets_a_window_and_is_told_to_resume_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BEAT_EVERY", 0.2)
    monkeypatch.setattr(socket, "PATIENCE", 0.5)
    async with served() as live:
        async with live.nadia() as nadia:
            conversation, token = (await nadia.done("open", text="Hello"))["conversation"], nadia.frames[0]["visitor"]
        said = [
            Fact(
                conversation=int(conversation), body=MessageSaid(by="Tom", text=str(n)), actor="agent:1", channel="widget", key=f"bulk:{n}"
            )
            for n in range(400)
        ]
        append_sync(Command(facts=tuple(said)))
        async with live.connect() as slow:
            slow.acknowledges = False
            await slow.hello(visitor=token, conversation=conversation)
            before = Wire.fallen_behind
            assert await slow.closed() == (4429, "resume")
            assert Wire.fallen_behind == before + 1
            held = slow.events(conversation)
            assert len(held) == window.SIZE
        async with live.connect() as again:
            await again.hello(visitor=token, conversation=conversation, after=held[-1]["position"])
            await again.next("live")
            assert len(held) + len(again.events(conversation)) == 402


async def test_a_client_follows_twenty_conversations_at_once() -> None:
    async with served() as live, live.agent("Tom") as tom:
        ids = []
        for number in range(21):
            async with live.nadia() as visitor:
                ids.append((await visitor.done("open", text=f"Hello {number}"))["conversation"])
        for conversation in ids:
            await tom.send("watch", conversation=conversation, after=0)
        assert (await tom.next("error"))["code"] == "limit"
        await tom.send("unwatch", conversation=ids[0])
        await tom.send("watch", conversation=ids[-1], after=0)
        await tom.next("live", conversation=ids[-1])
