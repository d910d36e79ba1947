"""The live room as a client meets it: replay, live, acknowledgement after the commit, and the same key twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat.ledger import read
from chat.ledger.event import Audience
from tests.chat.ledger.cast import say
from tests.chat.live.line import Client, served

pytestmark = pytest.mark.usefixtures("database")


async def opened(nadia: Client, text: str = "My lamp came with a dent.") -> str:
    ack = await nadia.done("open", text=text, name="Nadia")
    conversation: str = ack["conversation"]
    await nadia.next("live", conversation=conversation)
    return conversation


def told(conversation: str, audience: Audience = Audience.AGENTS) -> list[read.Entry]:
    return list(read.events(int(conversation), audience=audience))


async def test_a_first_message_opens_a_conversation_that_is_then_watched() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        assert [event["kind"] for event in nadia.events(conversation)] == ["conversation.opened", "message.said"]
        assert nadia.events(conversation)[1]["body"]["text"] == "My lamp came with a dent."
        assert nadia.events(conversation)[1]["side"] == "customer"


async def test_an_ack_comes_after_the_commit() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        ack = await nadia.done("say", conversation, text="On the left side.")
        entry = read.entry(int(conversation), ack["position"])
        assert entry is not None and entry.values["text"] == "On the left side." and entry.at == ack["at"]


async def test_the_same_key_twice_is_the_same_event() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        first = await nadia.next("ack", key=await nadia.do("say", conversation, key="k-1", text="Hello"))
        again = await nadia.next("ack", key=await nadia.do("say", conversation, key="k-1", text="Hello"))
        assert first == again
        assert [e.values.get("text") for e in told(conversation)].count("Hello") == 1


async def test_the_same_opening_twice_is_the_same_conversation() -> None:
    async with served() as live, live.nadia() as nadia:
        first = await nadia.next("ack", key=await nadia.do("open", key="o-1", text="Hello"))
        again = await nadia.next("ack", key=await nadia.do("open", key="o-1", text="Hello"))
        assert first["conversation"] == again["conversation"]


async def test_the_same_key_with_another_content_is_refused() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        await nadia.next("ack", key=await nadia.do("say", conversation, key="k-1", text="Hello"))
        await nadia.do("say", conversation, key="k-1", text="Good bye")
        assert (await nadia.next("refused", key="k-1"))["code"] == "conflict"


async def test_an_answer_reaches_the_other_side_live() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        async with live.agent("Tom", conversation=conversation, after=0) as tom:
            await tom.next("live", conversation=conversation)
            await tom.done("reply", conversation, text="Could you send a photo?")
            event = await nadia.next("event", kind="message.said", side="agents")
            assert event["body"]["text"] == "Could you send a photo?" and event["body"]["by"] == "Tom"
            said = await nadia.done("say", conversation, text="Here it is.")
            heard = await tom.next("event", position=said["position"])
            assert heard["body"]["text"] == "Here it is." and heard["state"]["position"] >= heard["position"]


async def test_what_is_said_while_the_ledger_is_read_comes_once_and_with_its_own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    events, lines = read.events, ["Between the two looks."]

    def a_line_before(conversation: int, **asked: Any) -> Iterator[read.Entry]:
        if lines:
            say(conversation, lines.pop(), actor="customer:1")
        return events(conversation, **asked)

    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        monkeypatch.setattr(read, "events", a_line_before)
        async with live.agent("Tom", conversation=conversation, after=0) as tom:
            while (await tom.next("event"))["body"].get("text") != "Between the two looks.":
                pass
            last = (await nadia.done("say", conversation, text="And one more."))["position"]
            await tom.next("event", position=last)
            shown = tom.events(conversation)
            assert [event["position"] for event in shown] == list(range(1, last + 1))
            (between,) = [event["position"] for event in shown if event["body"].get("text") == "Between the two looks."]
            # The state comes with the latest event: that is the line itself, or the opening of the conversation by Tom right after it.
            states = [event["state"] for event in shown if between <= event["position"] < last and "state" in event]
            assert states and all(state["position"] >= between for state in states)


async def test_a_cut_client_gets_exactly_what_it_missed() -> None:
    async with served() as live:
        async with live.connect() as nadia:
            token = (await nadia.hello())["visitor"]
            conversation = await opened(nadia)
            held = nadia.events(conversation)[-1]["position"]
            nadia.cut()
        async with live.agent("Tom") as tom:
            for text in ("One.", "Two."):
                await tom.done("reply", conversation, text=text)
        async with live.connect() as again:
            welcome = await again.hello(visitor=token, conversation=conversation, after=held)
            await again.next("live", conversation=conversation)
            events = again.events(conversation)
            assert welcome["visitor"] == token and welcome["head"] == events[-1]["position"]
            assert [e["body"]["text"] for e in events if e["kind"] == "message.said"] == ["One.", "Two."]
            assert events[0]["prev"] == held


async def test_a_customer_sees_no_trace_of_notes_but_an_unbroken_chain_of_prev() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = await opened(nadia)
        for number in range(3):
            await tom.done("note", conversation, text=f"Note {number}")
            await tom.done("reply", conversation, text=f"Line {number}")
        while [e["body"].get("text") for e in nadia.events(conversation)][-1] != "Line 2":
            await nadia.next("event")
        previous = 0
        for event in nadia.events(conversation):
            assert event["kind"] != "note.added" and event["prev"] == previous
            previous = event["position"]


async def test_agents_and_the_customer_share_one_order() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = await opened(nadia)
        await tom.send("watch", conversation=conversation, after=0)
        await tom.next("live", conversation=conversation)
        for number in range(10):
            await nadia.do("say", conversation, text=f"customer {number}")
            await tom.do("reply", conversation, text=f"agent {number}")
        for client in (nadia, tom):
            while sum(e["kind"] == "message.said" for e in client.events(conversation)) < 21:
                await client.next("event")
        seen = [[e["position"] for e in c.events(conversation) if e["kind"] == "message.said"] for c in (nadia, tom)]
        assert seen[0] == seen[1] == sorted(set(seen[0]))


async def test_typing_is_passed_on_and_says_nothing_else() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        async with live.agent("Tom", conversation=conversation) as tom:
            await tom.next("live")
            await nadia.send("typing", conversation=conversation, on=True)
            expected = {"t": "typing", "conversation": conversation, "side": "customer", "name": "Nadia", "on": True}
            assert await tom.next("typing") == expected
            await tom.send("typing", conversation=conversation, on=True)
            assert (await nadia.next("typing"))["name"] == "Tom"
        assert "typing" not in {event.kind for event in told(conversation)}


async def test_what_was_seen_is_kept_once_and_quietly() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = await opened(nadia)
        for number in range(3):
            ack = await tom.done("reply", conversation, text=f"Line {number}")
            await nadia.next("event", position=ack["position"])
        for position in range(3, ack["position"] + 1):
            await nadia.send("seen", conversation=conversation, position=position)
        seen = await nadia.next("event", kind="message.seen")
        while seen["body"]["upto"] < ack["position"]:
            seen = await nadia.next("event", kind="message.seen")
        head = read.head(int(conversation))
        assert head is not None and head.state.seen[seen["actor"]] == ack["position"]
        assert len([e for e in told(conversation) if e.kind == "message.seen"]) <= 2


async def test_that_the_customer_saw_a_line_is_nothing_for_an_agent_to_see() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation = await opened(nadia)
        async with live.agent("Tom", conversation=conversation) as tom:
            answer = await tom.done("reply", conversation, text="It is on its way.")
            await nadia.next("event", position=answer["position"])
            await nadia.send("seen", conversation=conversation, position=answer["position"])
            by_nadia = await tom.next("event", kind="message.seen")
            await tom.send("seen", conversation=conversation, position=by_nadia["position"])
            said = await nadia.done("say", conversation, text="Thank you!")
            await tom.next("event", position=said["position"])
            await tom.send("seen", conversation=conversation, position=said["position"])
            while (await nadia.next("event", kind="message.seen"))["body"]["upto"] < said["position"]:
                pass
        by_tom = [e.body.upto for e in told(conversation) if e.kind == "message.seen" and e.body.by == "Tom"]
        assert by_tom[-1] == said["position"] and by_nadia["position"] not in by_tom


async def test_nobody_has_seen_what_is_not_there_yet() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = await opened(nadia)
        first = await tom.done("reply", conversation, text="Which shade is it?")
        await nadia.next("event", position=first["position"])
        await nadia.send("watch", conversation=conversation, after=2**53)
        await nadia.send("seen", conversation=conversation, position=2**53)
        seen = await nadia.next("event", kind="message.seen")
        assert seen["body"]["upto"] < seen["position"]
        second = await tom.done("reply", conversation, text="Still here?")
        await nadia.next("event", position=second["position"])


async def test_what_was_seen_just_before_leaving_is_kept() -> None:
    async with served() as live, live.agent("Tom") as tom:
        async with live.nadia() as nadia:
            conversation = await opened(nadia)
            for text in ("One.", "Two."):
                ack = await tom.done("reply", conversation, text=text)
                await nadia.next("event", position=ack["position"])
                await nadia.send("seen", conversation=conversation, position=ack["position"])
        await tom.send("watch", conversation=conversation, after=0)
        while (await tom.next("event", kind="message.seen"))["body"]["upto"] != ack["position"]:
            pass


async def test_a_visitor_comes_back_to_their_list_of_conversations() -> None:
    async with served() as live:
        async with live.connect() as nadia:
            token = (await nadia.hello())["visitor"]
            conversation = await opened(nadia)
        async with live.connect() as again:
            welcome = await again.hello(visitor=token)
        assert [(line["conversation"], line["case"]) for line in welcome["conversations"]] == [(conversation, "BR-1")]
        assert welcome["you"]["name"] == "Nadia"


async def test_everybody_sees_who_is_here() -> None:
    async with served() as live, live.nadia() as nadia:
        async with live.agent("Tom") as tom:
            assert (await nadia.next("presence"))["here"] == 1
            conversation = await opened(nadia)
            async with live.agent("Ines", conversation=conversation) as ines, live.connect() as late:
                assert (await late.hello())["site"]["here"] == 2
                await tom.send("watch", conversation=conversation, after=0)
                both = [{"name": "Ines", "replying": False}, {"name": "Tom", "replying": True}]
                await tom.send("typing", conversation=conversation, on=True)
                while [{k: p[k] for k in ("name", "replying")} for p in (await ines.next("presence", here=None))["viewing"]] != both:
                    pass
        while (await nadia.next("presence"))["here"] != 0:
            pass


async def test_a_stopping_server_says_so() -> None:
    async with served() as live, live.nadia() as nadia:
        from chat.live.stopping import close_all

        await close_all()
        assert await nadia.closed() == (4001, "the server stops")
