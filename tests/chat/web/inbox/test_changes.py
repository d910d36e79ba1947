"""What inboxes are told of changes, whatever the order in which bells are heard."""

from __future__ import annotations

import asyncio

import pytest

from chat.ledger import announce, recent
from chat.ledger.append import append
from chat.ledger.read import Head, in_thread
from chat.web.inbox.changes import Changes, Interest
from tests.chat.ledger.cast import TOM, opened, said

pytestmark = pytest.mark.usefixtures("database")


async def test_a_bell_that_comes_late_does_not_hide_what_another_process_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = await in_thread(opened)
    unfollow = announce.listen(conversation, lambda *_: None)
    await append(said(conversation, "Written here"))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(recent, "committed", lambda *_: None)
        await append(said(conversation, "Written by another process"))
    known = recent.head(conversation)
    assert known is not None and known.position == 2
    told: list[Head] = []
    stop = (changes := Changes()).listen(Interest(agent=TOM, tell=told.append))
    for position in (3, 2):
        changes._ring(conversation, position)
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110  # nobody else is told
            await asyncio.sleep(0.02)
    stop()
    unfollow()
    assert [head.position for head in told] == [3]
