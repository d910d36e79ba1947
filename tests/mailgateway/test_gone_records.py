"""What still comes by mail when a record's content is gone: an answer opens a conversation of its own, a bounce belongs nowhere."""

from __future__ import annotations

import time

import pytest

from chat.actions import ending
from chat.ledger import keeping, read
from chat.ledger.keeping import DAY
from tests.mailgateway.gateway import Gateway, kinds, reply, said, tag_of

pytestmark = pytest.mark.engine


async def test_an_answer_to_a_record_that_is_gone_opens_a_conversation_that_can_be_answered(gateway: Gateway) -> None:
    old = await gateway.opened()
    await gateway.answer(old)
    letter = await gateway.last_mail()
    now = time.time_ns() // 1000
    for days in (150, 200):
        await read.in_thread(lambda days=days: ending.run({gateway.site.pk: gateway.site}, now=now + days * DAY))
    head = read.head(old)
    assert head is not None
    assert keeping.is_gone(head.state)
    before = kinds(old)
    await gateway.bring(reply(letter, "And my parcel?\n"), to=tag_of(letter))
    assert kinds(old) == before
    (new,) = set(read.all_conversations()) - {old}
    assert said(new)[-1].text == "And my parcel?"
