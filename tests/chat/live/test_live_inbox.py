"""The agents' side: queues, rows as they change, whose conversations they see, and that openings are written down."""

from __future__ import annotations

import time

import pytest

from chat.ledger import read
from chat.ledger.event import Audience
from chat.live import limits, socket
from chat.live.limits import Rate
from chat.people.models import Agent, Site
from tests.chat.live.line import Client, served

pytestmark = pytest.mark.usefixtures("database")


async def queue(agent: Client, name: str) -> list[str]:
    await agent.send("queue", name=name)
    return [row["conversation"] for row in (await agent.next("queue", name=name))["rows"]]


async def test_a_row_moves_between_queues_as_the_conversation_changes() -> None:
    async with served() as live, live.agent("Tom") as tom, live.nadia() as nadia:
        assert await queue(tom, "open") == []
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        row = await tom.next("row")
        assert (row["row"]["conversation"], row["row"]["who"], row["row"]["last"]) == (conversation, "Nadia", "Hello")
        assert row["queues"] == ["open", "unassigned", "waiting"] and row["row"]["unread"]
        await tom.done("reply", conversation, text="Good morning.")
        row = await tom.next("row")
        assert row["queues"] == ["open", "mine"] and row["row"]["assignee_name"] == "Tom" and not row["row"]["unread"]
        await tom.done("close", conversation, outcome="Answered.")
        assert (await tom.next("row"))["queues"] == ["closed"]
        assert [await queue(tom, name) for name in ("open", "mine", "closed")] == [[], [], [conversation]]


async def test_who_is_asked_to_take_over_finds_it_with_their_own() -> None:
    async with served() as live, live.agent("Tom") as tom, live.agent("Ines") as ines, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        await tom.done("reply", conversation, text="Good morning.")
        await tom.done("hand_off", conversation, to=live.agents["Ines"].ref, reason="Card refunds need Ines.")
        while (row := await ines.next("row"))["row"]["offered_to"] != live.agents["Ines"].ref:
            pass
        assert row["queues"] == ["open", "mine"]
        assert await queue(ines, "mine") == await queue(tom, "mine") == [conversation]
        await ines.done("decline", conversation, reason="I am away.")
        assert await queue(ines, "mine") == []


async def test_a_queue_is_read_page_by_page_without_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TABLE, "open by network", Rate(100, 1))
    async with served() as live, live.agent("Tom") as tom:
        ids = set()
        for number in range(53):
            async with live.nadia() as visitor:
                ids.add((await visitor.done("open", text=f"Hello {number}"))["conversation"])
        await tom.send("queue", name="open")
        first = await tom.next("queue")
        await tom.send("queue", name="open", after=first["next"])
        second = await tom.next("queue")
        found = [row["conversation"] for row in first["rows"] + second["rows"]]
        assert len(found) == len(set(found)) == 53 and set(found) == ids
        assert second["next"] is None and first["counts"]["open"] == 53


async def test_an_opening_is_written_down_once_in_a_quarter_of_an_hour() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        for _ in range(2):
            async with live.agent("Ruth", conversation=conversation) as ruth:
                await ruth.next("live")
        opened = [e for e in read.events(int(conversation), audience=Audience.EVERYONE) if e.kind == "staff.opened"]
        assert len(opened) <= 2  # two if the quarter of an hour ended in between
        assert {event.values["by"] for event in opened} == {"Ruth"}


async def test_agents_see_the_conversations_of_their_own_sites_alone() -> None:
    async with served() as live:
        other = Site.objects.create(key="heron", name="Heron", prefix="HE")
        paul = Agent.objects.create_user("paul@heron.example", None, name="Paul")
        paul.sites.add(other)
        live.agents["Paul"] = paul
        async with live.nadia() as nadia, live.agent("Paul") as stranger:
            conversation = (await nadia.done("open", text="Hello"))["conversation"]
            await stranger.send("watch", conversation=conversation)
            assert (await stranger.next("error"))["code"] == "not-found"
            assert await queue(stranger, "open") == []
            assert not [frame for frame in stranger.frames if frame["t"] == "row"]


@pytest.mark.parametrize("change", ["site", "role"])
async def test_who_may_no_longer_read_a_conversation_hears_no_more_of_it(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    monkeypatch.setattr(socket, "BEAT_EVERY", 0.1)
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        async with live.agent("Tom", conversation=conversation) as tom:
            await tom.next("live", conversation=conversation)
            if change == "site":
                live.agents["Tom"].sites.clear()
            else:
                Agent.objects.filter(pk=live.agents["Tom"].pk).update(role="analyst")
            assert (await tom.next("error", conversation=conversation))["code"] == "not-found"
            await nadia.done("say", conversation, text="Only for those who look after me.")
            for _ in range(5):
                await tom.any()
            assert "Only for those" not in str(tom.events(conversation))


async def test_an_analyst_gets_rows_without_words_and_no_thread() -> None:
    async with served() as live:
        lea = Agent.objects.create_user("lea@brindle.example", None, name="Lea", role="analyst")
        lea.sites.add(live.site)
        live.agents["Lea"] = lea
        async with live.nadia() as nadia, live.agent("Lea") as analyst:
            conversation = (await nadia.done("open", text="My card number is"))["conversation"]
            row = (await analyst.next("row"))["row"]
            assert (row["last"], row["subject"]) == ("", ""), "a chat's subject is its first words"
            await analyst.send("watch", conversation=conversation)
            assert (await analyst.next("error"))["code"] == "forbidden"


async def test_an_answer_waits_if_the_customer_wrote_meanwhile() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        ack = await nadia.done("open", text="Hello")
        later = await nadia.done("say", ack["conversation"], text="It is urgent.")
        await tom.do("reply", ack["conversation"], key="k", text="Good morning.", after=ack["position"])
        assert (await tom.next("refused", key="k"))["code"] == "moved"
        await tom.next("ack", key=await tom.do("reply", ack["conversation"], key="k", text="Good morning.", after=later["position"]))


async def test_an_unknown_queue_is_named_as_such() -> None:
    async with served() as live, live.agent("Tom") as tom:
        await tom.send("queue", name="secret")
        assert (await tom.next("error"))["code"] == "not-found"


async def test_what_agents_put_aside_is_open_to_the_customer() -> None:
    async with served() as live, live.agent("Tom") as tom, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        await tom.done("snooze", conversation, until=time.time_ns() // 1000 + 10**12)
        head = read.head(int(conversation))
        assert head is not None and head.state.status == "snoozed"
        token = nadia.frames[0]["visitor"]
        async with live.nadia(visitor=token, conversation=conversation) as again:
            welcome = again.frames[0]
            assert welcome["conversations"][0]["status"] == "open"
            assert (await again.next("watching"))["state"]["status"] == "open"
            await tom.done("reply", conversation, text="Tomorrow more.")
            told = await again.next("event", kind="handoff.claimed")
            assert told["state"]["status"] == "open"


async def test_a_note_is_withheld_on_a_known_ground_only() -> None:
    async with served() as live, live.agent("Tom") as tom, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        refused = await tom.next("refused", key=await tom.do("note", conversation, text="Hm.", withheld="yes"))
        assert (refused["code"], refused["field"]) == ("form", "withheld")
        ack = await tom.done("note", conversation, text="Paul knows more.", withheld="others")
        entry = read.entry(int(conversation), ack["position"])
        assert entry is not None and entry.disclose == "others"
