"""Many who look at the same things: they are told of what concerns them, in few frames. Over real connections."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat.live import presence
from chat.people.models import Agent
from tests.chat.live.line import Client, Live, served

pytestmark = pytest.mark.usefixtures("database")


async def _asks(agent: Client, name: str) -> None:
    await agent.send("queue", name=name)
    await agent.next("queue", name=name)


def _rows(agent: Client, conversation: str) -> list[dict[str, object]]:
    return [frame for frame in agent.frames if frame["t"] == "row" and frame["row"]["conversation"] == conversation]


async def test_an_agent_hears_no_more_of_what_a_colleague_has_taken() -> None:
    async with served() as live, live.agent("Tom") as tom, live.agent("Ines") as ines, live.nadia() as nadia:
        await _asks(ines, "mine")
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        assert (await ines.next("row"))["queues"] == ["open", "unassigned", "waiting"], "what nobody has is everybody's"
        await tom.done("reply", conversation, text="Good morning.")
        while (await ines.next("row"))["row"]["assignee"] != live.agents["Tom"].ref:
            pass
        told = len(_rows(ines, conversation))
        for number in range(3):
            await nadia.done("say", conversation, text=f"And {number}?")
            await asyncio.sleep(0.15)
        assert len(_rows(ines, conversation)) == told


async def test_who_looks_at_all_that_is_open_hears_of_all_that_is_open() -> None:
    async with served() as live, live.agent("Tom") as tom, live.agent("Ruth") as ruth, live.nadia() as nadia:
        await _asks(ruth, "open")
        conversation = (await nadia.done("open", text="Hello", name="Nadia"))["conversation"]
        await tom.done("reply", conversation, text="Good morning.")
        await nadia.done("say", conversation, text="My lamp has a dent.")
        while (await ruth.next("row"))["row"]["last"] != "My lamp has a dent.":
            pass
        await tom.done("close", conversation, outcome="Answered.")
        while (row := await ruth.next("row"))["row"]["status"] != "closed":
            pass
        assert row["queues"] == ["closed"], "it left the list, which must be said once"


async def _team(live: Live, size: int) -> list[str]:
    names = [f"Agent {number}" for number in range(size)]
    for number, name in enumerate(names):
        agent = await asyncio.to_thread(Agent.objects.create_user, f"agent{number}@brindle.example", None, name=name)
        await asyncio.to_thread(agent.sites.add, live.site)
        live.agents[name] = agent
    return names


async def test_a_whole_team_that_arrives_is_told_in_few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 20)
    async with served() as live, live.nadia() as nadia, AsyncExitStack() as stack:
        names = await _team(live, 12)
        await asyncio.gather(*(stack.enter_async_context(live.agent(name)) for name in names))
        while (await nadia.next("presence"))["here"] < len(names):
            pass
        assert len([frame for frame in nadia.frames if frame["t"] == "presence"]) < len(names)
