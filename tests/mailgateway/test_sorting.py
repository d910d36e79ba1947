"""What a mail is worth: the rows of the table in docs/mail.md, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chat.ledger import read
from mailgateway.proof.evidence import Evidence
from tests.mailgateway.gateway import Gateway, kinds
from tests.mailgateway.mutations import PLAIN, Draft, Sent, answer
from tests.mailgateway.sorting_room import lettered, sort

pytestmark = pytest.mark.engine

VOUCHED = Evidence(dkim="pass", dmarc="pass", aligned=True, author="customer0.example", signer="customer0.example")
NOTHING = Evidence()
BROKEN = Evidence(dkim="fail")
DISOWNED = Evidence(dkim="fail", dmarc="fail", policy="reject", author="customer0.example")

HERS, OTHERS, NEW, WAITS = "hers", "others", "new", "waits"

Made = Callable[[Sent, Sent], Draft]


def _hers(**changes: object) -> Made:
    return lambda hers, others: replace(answer(hers, 1), **changes)


def _plain(**changes: object) -> Made:
    """Without any sign but those that are given."""
    bare = {"recipient": PLAIN, "to": PLAIN, "in_reply_to": "", "references": (), "text": "Hello", "subject": "Hello"}
    return _hers(**(bare | changes))


def _with(made: Made, change: Callable[[Sent, Sent], dict[str, object]]) -> Made:
    return lambda hers, others: replace(made(hers, others), **change(hers, others))


PAUL = {"sender": "paul@other.example", "name": "Paul"}


def _broken(tag: str) -> str:
    return tag[:20] + ("b" if tag[20] != "b" else "c") + tag[21:]


ROWS: dict[str, tuple[Made, Evidence, str, str]] = {
    "her tag": (_hers(), NOTHING, HERS, ""),
    "her tag under a broken signature": (_hers(), BROKEN, HERS, "unconfirmed"),
    "her tag, somebody else": (_hers(**PAUL), VOUCHED, HERS, "unconfirmed"),
    "a reference, with proof": (_with(_plain(), lambda h, o: {"in_reply_to": h.identifier}), VOUCHED, HERS, ""),
    "a reference, without": (_with(_plain(), lambda h, o: {"in_reply_to": h.identifier}), NOTHING, HERS, "unconfirmed"),
    "a reference, a stranger": (_with(_plain(**PAUL), lambda h, o: {"in_reply_to": h.identifier}), VOUCHED, HERS, "unconfirmed"),
    "a marker, with proof": (_with(_plain(), lambda h, o: {"text": f"Yes\n> {h.marker}"}), VOUCHED, HERS, ""),
    "a marker, a stranger": (_with(_plain(**PAUL), lambda h, o: {"text": f"Yes\n> {h.marker}"}), NOTHING, HERS, "unconfirmed"),
    "her tag altered, a reference": (_with(_hers(), lambda h, o: {"recipient": _broken(h.tag), "to": PLAIN}), VOUCHED, HERS, "altered"),
    "her tag altered, alone": (_with(_plain(), lambda h, o: {"recipient": _broken(h.tag)}), VOUCHED, WAITS, ""),
    "our Message-ID altered, alone": (_with(_plain(), lambda h, o: {"in_reply_to": _broken(h.identifier)}), VOUCHED, WAITS, ""),
    "a marker altered, alone": (_with(_plain(), lambda h, o: {"text": f"Yes\n> {_broken(h.marker)}"}), VOUCHED, NEW, ""),
    "her tag, references of others": (_with(_hers(), lambda h, o: {"in_reply_to": o.identifier, "references": ()}), VOUCHED, WAITS, ""),
    "tags of two, and she is in one": (_with(_hers(), lambda h, o: {"to": f"{h.tag}, {o.tag}"}), VOUCHED, WAITS, ""),
    "references to two, the newest of others": (
        _with(_plain(), lambda h, o: {"references": (h.identifier, o.identifier)}),
        VOUCHED,
        WAITS,
        "",
    ),
    "references to two, the newest hers": (_with(_plain(), lambda h, o: {"references": (o.identifier, h.identifier)}), VOUCHED, HERS, ""),
    "her tag at another brand": (_with(_hers(), lambda h, o: {"recipient": h.tag.replace("support+", "orders+")}), VOUCHED, WAITS, ""),
    "her case number, with proof": (_with(_plain(), lambda h, o: {"subject": str(h.letter["Subject"])}), VOUCHED, HERS, ""),
    "her case number, without": (_with(_plain(), lambda h, o: {"subject": str(h.letter["Subject"])}), NOTHING, NEW, ""),
    "her case number, a stranger": (_with(_plain(**PAUL), lambda h, o: {"subject": str(h.letter["Subject"])}), VOUCHED, NEW, ""),
    "disowned by its domain": (_hers(), DISOWNED, WAITS, ""),
}


async def test_each_row_of_the_table_holds(gateway: Gateway) -> None:
    hers, others = await lettered(gateway, cases=2)
    for number, (row, (made, proof, where, doubt)) in enumerate(ROWS.items(), 10):
        draft = made(hers, others)
        draft = replace(draft, number=number, text=f"{number} {draft.text}")
        verdict, entry = await sort(draft, proof=proof)
        found = entry.conversation if entry else 0
        place = {0: WAITS, hers.conversation: HERS, others.conversation: OTHERS}.get(found, NEW)
        assert (place, entry.body.doubt if entry else "") == (where, doubt), row
        assert verdict.state == ("quarantined" if where == WAITS else "taken"), row
        assert verdict.conversation == (hers.conversation if where == WAITS else None), f"{row}: where it may belong"


async def test_only_her_own_proven_answer_to_her_own_tag_confirms_her_address(gateway: Gateway) -> None:
    hers, others = await lettered(gateway, cases=2)
    for number, (made, proof, _, _) in enumerate(ROWS.values(), 10):
        draft = made(hers, others)
        await sort(replace(draft, number=number, text=f"{number} {draft.text}"), proof=proof)
    assert "address.confirmed" not in kinds(hers.conversation)
    await sort(answer(hers, 99), proof=VOUCHED)
    assert kinds(hers.conversation)[-1] == "address.confirmed"


async def test_a_new_mail_in_the_name_of_a_confirmed_address_counts_as_hers_only_with_proof(gateway: Gateway) -> None:
    hers, others = await lettered(gateway, cases=2)
    await sort(answer(hers, 1), proof=VOUCHED)
    for number, (proof, confirmed) in enumerate(((NOTHING, False), (VOUCHED, True)), 2):
        _, entry = await sort(replace(_plain()(hers, others), number=number, text=f"New {number}"), proof=proof)
        assert entry is not None
        assert read.head(entry.conversation).state.customer.confirmed is confirmed
