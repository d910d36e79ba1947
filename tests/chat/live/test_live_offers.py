"""What an agent may do now comes over the live connection: with the first frame, again when it changes, and never to customers."""

from __future__ import annotations

import time
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from chat.actions.action import Action, actions
from chat.actions.fields import asked, described
from tests.chat.live.line import served

DAY = 86_400_000_000


class Colour(Enum):
    GREEN = "green"


class Form(Action.Form, frozen=True):
    item_name: str
    when: Annotated[int, Meta(title="On which day")]
    way: Literal["post", "van"] = "post"
    urgent: bool = False
    marks: list[str] = []
    colours: list[Colour] = []


def names(frame: dict[str, Any]) -> set[str]:
    return {action["name"] for action in frame["actions"]}


def test_a_form_is_told_field_by_field() -> None:
    assert list(asked(Form)) == [
        {"name": "item_name", "label": "Item name", "type": "text", "required": True},
        {"name": "when", "label": "On which day", "type": "number", "required": True},
        {"name": "way", "label": "Way", "type": "choice", "required": False, "choices": ["post", "van"]},
        {"name": "urgent", "label": "Urgent", "type": "flag", "required": False},
        {"name": "marks", "label": "Marks", "type": "list", "required": False},
        {"name": "colours", "label": "Colours", "type": "other", "required": False},
    ]


@pytest.mark.parametrize("name", ["hold", "propose_crossing", "refuse_erasure"])
def test_a_ground_is_read_in_words_and_sealed_as_a_code(name: str) -> None:
    ground = next(field for field in described(actions()[name])["fields"] if field["name"] == "ground")
    assert list(ground["words"]) == ground["choices"]
    assert all(" " in words for words in ground["words"].values())


@pytest.mark.parametrize("name", actions())
def test_every_required_field_can_be_drawn(name: str) -> None:
    assert all(field["type"] != "other" for field in described(actions()[name])["fields"] if field["required"])


@pytest.mark.usefixtures("database")
async def test_an_agent_is_told_what_may_be_done_and_when_that_changes() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom:
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        await tom.send("watch", conversation=conversation)
        first = await tom.next("watching")
        assert {"reply", "note", "claim", "hand_off", "close"} <= names(first)
        assert not names(first) & {"accept", "keep", "withdraw", "reopen", "say", "open"}
        claim = next(action for action in first["actions"] if action["name"] == "claim")
        assert claim == {"name": "claim", "label": "Assign to me", "shortcut": "A", "fields": []}
        await tom.next("live")

        await tom.done("claim", conversation)
        assert "claim" not in names(await tom.next("event", kind="handoff.claimed"))
        await tom.done("note", conversation, text="Nothing changes.")
        assert "actions" not in await tom.next("event", kind="note.added")

        made = await tom.done("promise", conversation, text="A new shade", due=time.time_ns() // 1000 + DAY)
        assert {"keep", "withdraw"} <= names(await tom.next("event", kind="commitment.made"))
        await tom.done("withdraw", conversation, promise=made["position"], reason="It is sold out.")
        assert not names(await tom.next("event", kind="commitment.withdrawn")) & {"keep", "withdraw"}
        assert not [frame for frame in nadia.frames if "actions" in frame]


@pytest.mark.usefixtures("database")
async def test_only_the_colleague_who_is_asked_may_take_over() -> None:
    async with served() as live, live.nadia() as nadia, live.agent("Tom") as tom, live.agent("Ines") as ines:
        conversation = (await nadia.done("open", text="Hello"))["conversation"]
        for agent in (tom, ines):
            await agent.send("watch", conversation=conversation)
            await agent.next("live")
        await tom.done("hand_off", conversation, to=live.agents["Ines"].ref, reason="You know lamps.")
        assert {"accept", "decline"} <= names(await ines.next("event", kind="handoff.offered"))
        assert not names({"actions": [], **(await tom.next("event", kind="handoff.offered"))}) & {"accept", "decline"}
