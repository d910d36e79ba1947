"""Answers that were maimed on the way still find their conversation, none finds a wrong one, and nothing forged is believed.

MUTATED_REPLIES says how many are tried; the figure of docs/mail.md was taken with 2,000.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace

import pytest

from chat.ledger import read
from mailgateway.deciding import caps
from tests.mailgateway import mutations
from tests.mailgateway.gateway import Gateway
from tests.mailgateway.mutations import PLAIN, Draft, Sent, answer
from tests.mailgateway.sorting_room import lettered, sort

HOW_MANY = int(os.environ.get("MUTATED_REPLIES", "300"))
MALLORY = "mallory@other.example"

pytestmark = pytest.mark.engine


@pytest.fixture
async def letters(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    for cap in (caps.mails, caps.in_one):
        monkeypatch.setattr(cap, "most", 1_000_000)  # so many answers come in no hour
    return await lettered(gateway, cases=6)


async def test_maimed_answers_find_their_conversation_and_none_a_wrong_one(letters: list[Sent]) -> None:
    chance = random.Random(20261122)
    missed: Counter[tuple[str, ...]] = Counter()
    for number in range(HOW_MANY):
        sent = chance.choice(letters)
        draft = mutations.mutated(chance, sent, number)
        verdict, entry = await sort(draft)
        if entry is None or entry.conversation != sent.conversation:
            assert entry is None or entry.body.found_by == "new", f"{draft.what} came into a wrong conversation"
            missed[(*draft.what, verdict.reason)] += 1
            continue
        believed = entry.body.doubt == ""
        assert not believed or entry.actor == read.head(sent.conversation).state.customer.ref
        assert not believed or draft.sender == sent.customer
    print(f"{HOW_MANY - missed.total()} of {HOW_MANY} came into the right conversation")
    assert missed.total() <= HOW_MANY * 0.005, missed.most_common(10)


FORGERIES = {
    "a tag made up": lambda chance, mine, theirs, n: _bare(n, recipient=_altered(chance, theirs)),
    "a tag of others among my references": lambda chance, mine, theirs, n: replace(
        _my_answer(mine, n), recipient=theirs.tag, to=theirs.tag
    ),
    "a Message-ID made up": lambda chance, mine, theirs, n: _bare(n, in_reply_to=f"<tl.{'a' * 45}@support.example>"),
    "a Message-ID of others": lambda chance, mine, theirs, n: _bare(n, in_reply_to=theirs.identifier),
    "a Message-ID of others in her name": lambda chance, mine, theirs, n: _bare(n, sender=theirs.customer, in_reply_to=theirs.identifier),
    "her own Message-ID": lambda chance, mine, theirs, n: _bare(n, references=tuple(str(theirs.letter["References"]).split())),
    "a Message-ID of others behind mine": lambda chance, mine, theirs, n: replace(
        _my_answer(mine, n), references=(mine.identifier, theirs.identifier), in_reply_to=""
    ),
    "a marker copied": lambda chance, mine, theirs, n: _bare(n, text=f"Hello\n> {theirs.marker}\n"),
    "a marker copied in her name": lambda chance, mine, theirs, n: _bare(n, sender=theirs.customer, text=f"Hello\n> {theirs.marker}\n"),
    "a marker copied into my answer": lambda chance, mine, theirs, n: replace(_my_answer(mine, n), text=f"Hello {theirs.marker}"),
    "a marker made up": lambda chance, mine, theirs, n: _bare(n, text=f"Hello\n> [#{'b' * 37}#]\n"),
    "her tag": lambda chance, mine, theirs, n: _bare(n, recipient=theirs.tag),
    "her tag and mine": lambda chance, mine, theirs, n: replace(_my_answer(mine, n), to=f"{mine.tag}, {theirs.tag}"),
    "her tag at another brand": lambda chance, mine, theirs, n: replace(
        _her_answer(theirs, n), recipient=theirs.tag.replace("support+", "orders+")
    ),
    "the number of her case": lambda chance, mine, theirs, n: _bare(n, sender=theirs.customer, subject=str(theirs.letter["Subject"])),
    "her case as a file": lambda chance, mine, theirs, n: _bare(n, enclosed=theirs.letter.as_bytes()),
}


async def test_nothing_forged_is_believed_or_gets_into_a_conversation_unmarked(letters: list[Sent]) -> None:
    chance = random.Random(42)
    mine = letters[0]
    for number in range(max(len(FORGERIES), HOW_MANY // 4)):
        name = list(FORGERIES)[number % len(FORGERIES)]
        theirs = chance.choice(letters[1:])
        draft = FORGERIES[name](chance, mine, theirs, 100_000 + number)
        _, entry = await sort(draft)
        head = read.head(theirs.conversation)
        assert not head.state.customer.confirmed
        assert not read.takes_part(_ref_of(mine), theirs.conversation)
        if entry is not None and entry.conversation == theirs.conversation:
            assert entry.body.doubt, f"{name} is believed"
            assert draft.sender == theirs.customer or entry.actor != head.state.customer.ref, f"{name} speaks for the customer"


UNFIT = ["a tag made up", "a Message-ID made up", "a tag of others among my references", "her tag and mine", "her tag at another brand"]


async def test_what_does_not_fit_together_waits_for_a_person(letters: list[Sent]) -> None:
    for number, name in enumerate(UNFIT):
        verdict, entry = await sort(FORGERIES[name](random.Random(7), letters[0], letters[1], number))
        assert entry is None
        assert verdict.state == "quarantined"


def _bare(number: int, **changes: object) -> Draft:
    """A mail without any sign."""
    known = {
        "recipient": PLAIN,
        "sender": MALLORY,
        "name": "Mallory",
        "subject": "Hello",
        "text": f"Send it to me. ({number})",
        "number": number,
    }
    known = known | changes
    return Draft(**({"to": known["recipient"]} | known))  # type: ignore[arg-type]  # fields by name


def _my_answer(mine: Sent, number: int) -> Draft:
    return answer(mine, number)


def _her_answer(theirs: Sent, number: int) -> Draft:
    return answer(theirs, number)


def _altered(chance: random.Random, sent: Sent) -> str:
    at = chance.randrange(9, 40)
    return sent.tag[:at] + chance.choice([one for one in "abcdefgh234567" if one != sent.tag[at]]) + sent.tag[at + 1 :]


def _ref_of(sent: Sent) -> str:
    return str(read.head(sent.conversation).state.customer.ref)
