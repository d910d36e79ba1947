"""What is to be crossed out is named as people call it."""

from __future__ import annotations

import pytest

from chat.actions.access import Who
from chat.actions.action import BadForm, perform
from chat.events.erasure import CrossingProposed
from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.event import AttachmentRef
from tests.chat.nadia import NadiasCase

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(("part", "fields"), [("File 1", ("attachments.0",)), ("name", ("by",)), ("text", ("text",)), ("by", ("by",))])
async def test_a_part_is_named_in_words(part: str, fields: tuple[str, ...]) -> None:
    case, line = _case()
    proposal = read.entry(case.conversation, await _propose(case, line, part))
    assert proposal is not None and isinstance(proposal.body, CrossingProposed)
    assert proposal.body.fields == fields


async def test_whoever_names_a_part_that_is_not_there_is_told_which_there_are() -> None:
    case, line = _case()
    with pytest.raises(BadForm, match=rf"Of entry {line} can go: file 1, name, text\."):
        await _propose(case, line, "picture")


def _case() -> tuple[NadiasCase, int]:
    case = NadiasCase().tell()
    ref = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=3, digest="5e" * 32)
    return case, case.add(MessageSaid(by="Nadia", text="See here.", attachments=(ref,)))


async def _propose(case: NadiasCase, entry: int, part: str) -> int:
    form = {"ground": "mistake", "reason": "It was sent by mistake.", "entry": entry, "field": part}
    tom = Who(ref=case.tom.ref, name="Tom", side="agents", role="agent", sites=frozenset({case.site.pk}))
    return (await perform(tom, "propose_crossing", form, key=part, channel="inbox", conversation=case.conversation)).position
