"""What can be taken back: it is durable and unsaid until then, goes out once, and is never lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from django.conf import settings

from chat.actions.action import perform
from chat.ledger import copies, deliveries, read
from chat.ledger.copies import Gone
from chat.ledger.event import Audience
from chat.live import holding
from chat.people import held
from chat.people.held import Held
from chat.people.models import Agent
from tests.chat.live.line import Client, served

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.engine]

NADIA = "nadia@customer.example"


@asynccontextmanager
async def shop():
    """Nadia asked, Tom and Ines look at it."""
    async with served() as live, live.nadia() as nadia:
        conversation = (await nadia.done("open", text="My lamp has a dent.", name="Nadia", address=NADIA))["conversation"]
        async with live.agent("Tom", conversation=conversation) as tom:
            await tom.next("live", conversation=conversation)
            yield live, nadia, tom, conversation


async def send(tom: Client, conversation: str, text: str = "We refund EUR 40.", *, key: str = "k1", **form: object) -> dict:
    return await hold(tom, conversation, "reply", key=key, text=text, by="email", **form)


async def hold(tom: Client, conversation: str, action: str, *, key: str, **form: object) -> dict:
    await tom.send("do", key=key, conversation=conversation, action=action, form=form, hold=True)
    return await tom.next("ack", key=key)


def time_is_up() -> None:
    Held.objects.filter(problem="").update(at=0)


def kinds(conversation: str) -> list[str]:
    quiet = {"staff.opened", "message.seen"}
    return [entry.kind for entry in read.events(int(conversation), audience=Audience.AGENTS) if entry.kind not in quiet]


async def test_an_answer_by_mail_waits_unsaid_and_goes_out_once_when_its_time_is_up() -> None:
    async with shop() as (_, _, tom, conversation):
        ack = await send(tom, conversation)
        assert (ack["position"], ack["held"]) == (0, True)
        (item,) = (await tom.next("held"))["items"]
        assert (item["by"], item["mine"], item["text"], item["problem"]) == ("Tom", True, "We refund EUR 40.", "")
        assert item["at"] == ack["at"] and 0 < item["left"] <= 8000
        assert await holding.perform_due() == 0
        assert "message.said" not in kinds(conversation)[2:]
        time_is_up()
        assert await holding.perform_due() == 1
        said = await tom.next("event", kind="message.said", side="agents")
        assert said["body"]["text"] == "We refund EUR 40."
        assert (await tom.next("held"))["items"] == []
        assert await holding.perform_due() == 0
        assert deliveries.of(int(conversation), said["position"], "email") is not None


async def test_what_is_taken_back_was_never_said_and_comes_back_as_it_was() -> None:
    async with shop() as (_, nadia, tom, conversation):
        await send(tom, conversation)
        await tom.send("undo", conversation=conversation, key="k1")
        undone = await tom.next("undone")
        assert (undone["action"], undone["form"]["text"], undone["form"]["by"]) == ("reply", "We refund EUR 40.", "email")
        time_is_up()
        assert await holding.perform_due() == 0
        assert kinds(conversation) == ["conversation.opened", "message.said"]
        assert not [frame for frame in nadia.frames if frame["t"] in ("held", "undone")]
        await tom.send("undo", conversation=conversation, key="k1")
        assert (await tom.next("error"))["code"] == "late"


async def test_an_answer_in_the_chat_goes_at_once() -> None:
    async with shop() as (_, _, tom, conversation):
        ack = await hold(tom, conversation, "reply", key="k1", text="Hello.", by="chat")
        assert ack["position"] > 0
        assert held.of(int(conversation)) == []


async def test_a_closing_can_be_taken_back() -> None:
    async with shop() as (_, _, tom, conversation):
        assert (await hold(tom, conversation, "close", key="c1", outcome="Answered."))["held"]
        await tom.send("undo", conversation=conversation, key="c1")
        assert (await tom.next("undone"))["form"] == {"outcome": "Answered."}
        assert read.head(int(conversation)).state.status == "open"


async def test_with_the_setting_at_nothing_it_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO", 0)
    async with shop() as (_, _, tom, conversation):
        assert (await send(tom, conversation))["position"] > 0


async def test_what_could_not_be_sent_now_is_refused_now() -> None:
    async with shop() as (_, nadia, tom, conversation):
        await nadia.done("say", conversation, text="One more thing.")
        await tom.send(
            "do", key="k1", conversation=conversation, action="reply", form={"text": "Hm.", "by": "email", "after": 2}, hold=True
        )
        assert (await tom.next("refused"))["code"] == "moved"
        assert held.of(int(conversation)) == []


async def test_a_customer_who_writes_meanwhile_is_read_first_and_nothing_is_lost() -> None:
    async with shop() as (live, nadia, tom, conversation):
        await send(tom, conversation, after=2)
        await tom.next("held")
        await nadia.done("say", conversation, text="Forget it, I found the cause.")
        time_is_up()
        await holding.perform_due()
        (item,) = (await tom.next("held"))["items"]
        assert (item["code"], item["text"]) == ("moved", "We refund EUR 40.")
        assert "written meanwhile" in item["problem"]
        assert await holding.perform_due() == 0, "it waits for its author alone"
        async with live.agent("Tom", conversation=conversation) as again:
            assert (await again.next("held"))["items"] == [item | {"left": 0}], "also after a reload"
            await again.send("undo", conversation=conversation, key="k1")
            assert (await again.next("undone"))["form"]["text"] == "We refund EUR 40."


async def test_others_see_that_somebody_is_sending_but_not_what() -> None:
    async with shop() as (live, _, tom, conversation), live.agent("Ines", conversation=conversation) as ines:
        await ines.next("live", conversation=conversation)
        await send(tom, conversation)
        (item,) = (await ines.next("held"))["items"]
        assert (item["by"], item["mine"], item["action"], item["key"]) == ("Tom", False, "reply", "")
        assert "EUR 40" not in str(item)
        await ines.send("undo", conversation=conversation, key="k1")
        assert (await ines.next("error"))["code"] == "late"
        assert len(held.of(int(conversation))) == 1


async def test_the_same_key_sent_again_waits_once_and_the_worker_that_died_says_it_once() -> None:
    async with shop() as (_, _, tom, conversation):
        await send(tom, conversation)
        await send(tom, conversation)
        time_is_up()
        (waiting,) = held.due()
        assert held.due() == [], "somebody has it in hand"
        assert held.take_back(int(conversation), agent=waiting.agent, key="k1") is None, "and nobody takes it back then"
        await holding._perform(waiting)
        # Killed before it could say that it is done: another one performs it again.
        Held.objects.create(
            conversation=int(conversation),
            agent=waiting.agent,
            name="Tom",
            action="reply",
            form='{"text":"We refund EUR 40.","by":"email"}',
            key="k1",
            at=0,
        )
        assert await holding.perform_due() == 1
        assert kinds(conversation).count("message.said") == 2
        assert held.of(int(conversation)) == []


async def test_what_a_worker_said_before_it_died_is_neither_given_back_nor_refused() -> None:
    async with shop() as (_, _, tom, conversation):
        for key in ("k1", "k2"):
            await send(tom, conversation, f"Said under {key}.", key=key)
        time_is_up()
        for waiting in held.due():
            who = await asyncio.to_thread(holding._author, waiting)
            await perform(who, waiting.action, waiting.form, key=waiting.key, channel="inbox", conversation=waiting.conversation)
        Held.objects.filter(key="k1").update(lease=1)
        await tom.send("undo", conversation=conversation, key="k1")
        assert (await tom.next("error"))["code"] == "late", "it was in somebody's hand, who died with it"
        Held.objects.filter(key="k2").update(lease=0)
        await tom.send("undo", conversation=conversation, key="k2")
        assert (await tom.next("error"))["code"] == "late", "the answer of the store was lost"
        Agent.objects.filter(name="Tom").update(is_active=False)
        await holding.perform_due()
        assert held.of(int(conversation)) == []
        assert kinds(conversation).count("message.said") == 3


async def test_taking_back_and_performing_at_once_never_do_both() -> None:
    async with shop() as (_, _, tom, conversation):
        for number in range(8):
            await send(tom, conversation, f"Line {number}.", key=f"k{number}")
            time_is_up()
            agent = held.of(int(conversation))[0].agent
            back, _ = await asyncio.gather(
                asyncio.to_thread(held.take_back, int(conversation), agent=agent, key=f"k{number}"), holding.perform_due()
            )
            await holding.perform_due()
            said = [e.values["text"] for e in read.events(int(conversation), audience=Audience.EVERYONE) if e.kind == "message.said"]
            assert (f"Line {number}." in said) == (back is None)


async def test_an_author_who_left_sends_nothing_more() -> None:
    async with shop() as (_, _, tom, conversation):
        await send(tom, conversation)
        Agent.objects.filter(name="Tom").update(is_active=False)
        time_is_up()
        await holding.perform_due()
        assert held.of(int(conversation))[0].code == "forbidden"


async def test_what_waits_goes_with_the_record() -> None:
    async with shop() as (_, _, tom, conversation):
        await send(tom, conversation)
        copies.forget(Gone(conversation=int(conversation), entries={}, ended=True))
        assert held.of(int(conversation)) == []
