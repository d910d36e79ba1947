"""Mails that somebody kept are held against a transcript: what they say of it is read from their headers, wherever they lie."""

from __future__ import annotations

from io import BytesIO

import pytest

from chat.people import signing_keys
from chat.transcripts.witness import SEAL, Said, head_fields, heads_in, held_against
from tests.chat.nadia import NadiasCase

SEAL_OF_TWO = "ab" * 32


def _mail(fields: dict[str, str], *, end: str = "\r\n") -> bytes:
    lines = ["From: Ines <support@shop.example>", "Subject: Re: Dented shade", *(f"{name}: {value}" for name, value in fields.items())]
    return end.join([*lines, "", "We refund EUR 40.", "From here on it is the bank's turn.", ""]).encode()


def _fields(**changed: str) -> dict[str, str]:
    fields = {
        "Throughline-Conversation": "7",
        "Throughline-Position": "2",
        "Throughline-Seal": SEAL_OF_TWO,
        "Throughline-Signature": "x AAAA",
    }
    return fields | {f"Throughline-{name.title()}": value for name, value in changed.items()}


def _read(octets: bytes) -> list[Said]:
    return list(heads_in(BytesIO(octets), "box"))


def test_a_single_mail_is_read() -> None:
    assert _read(_mail(_fields())) == [Said("box", "7", 2, SEAL_OF_TWO, "x AAAA")]
    assert _read(_mail(_fields(), end="\n")) == _read(_mail(_fields()))


def test_a_field_that_was_folded_on_the_way_is_read() -> None:
    folded = _mail(_fields()).replace(b": x AAAA", b": x\r\n AAAA").replace(b"Throughline-Seal: ", b"throughline-seal:\r\n\t")
    assert _read(folded) == _read(_mail(_fields()))


def test_every_mail_of_a_mailbox_is_read() -> None:
    mails = [_mail(_fields(position=str(number)), end="\n") for number in (1, 2, 3)]
    box = b"".join(b"From support@shop.example Sat Nov 21 10:41:07 2026\n" + mail + b"\n" for mail in mails)
    assert [said.position for said in _read(box)] == [1, 2, 3]
    assert [said.where for said in _read(box)] == ["box", "box, mail 2", "box, mail 3"]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\n\n\n",
        b"From nobody\n",
        b"no colon anywhere",
        b"\xff\xfe\x00: \x80\n\n",
        b"x" * 300_000,
        b"Throughline-Position: 9\n\n",
        _mail(_fields(position="two")),
        _mail(_fields(position="\N{SUPERSCRIPT TWO}")),
        _mail(_fields(position="9" * 5000)),
    ],
)
def test_what_is_no_mail_of_ours_is_passed_over(octets: bytes) -> None:
    assert _read(octets) == []


def test_only_the_header_counts_and_the_first_field_of_a_name() -> None:
    mail = _mail(_fields())
    assert _read(mail + _mail(_fields(position="9")))[0].position == 2
    assert len(_read(mail + _mail(_fields(position="9")))) == 1
    twice = mail.replace(b"Subject:", b"Throughline-Position: 5\r\nSubject:")
    assert _read(twice)[0].position == 5


@pytest.mark.usefixtures("database")
def test_what_a_mail_says_is_signed_and_compared() -> None:
    seals = [bytes([number]) * 32 for number in (1, 2, 3)]
    mail = _mail(head_fields(7, 2, seals[1]))
    key = signing_keys.current_key()
    [found] = held_against(_read(mail), "7", b"".join(seals), [key.vkey])
    assert (found.problem, str(found.signed)) == ("", key.vkey)
    [found] = held_against(_read(mail), "7", seals[0] + seals[2], [key.vkey])
    assert (found.problem, str(found.signed)) == ("entry 2 or one before it is not the one that the mail was about", key.vkey)
    [found] = held_against(_read(mail), "7", seals[0], [key.vkey])
    assert found.problem == "it names entry 2; the transcript ends at entry 1"
    assert list(held_against(_read(mail), "8", b"".join(seals), [key.vkey])) == []


@pytest.mark.usefixtures("database")
def test_a_mail_that_somebody_made_up_is_not_signed() -> None:
    seals = [bytes([number]) * 32 for number in (1, 2)]
    forged = head_fields(7, 2, seals[1]) | {SEAL: seals[0].hex()}
    [found] = held_against(_read(_mail(forged)), "7", b"".join(seals), [signing_keys.current_key().vkey])
    assert found.signed is None
    assert found.problem
    [found] = held_against(_read(_mail(forged | {SEAL: "no hex"})), "7", b"".join(seals), [signing_keys.current_key().vkey])
    assert found.signed is None


def test_a_mail_names_nothing_secret(database: str) -> None:
    case = NadiasCase()
    told = str(head_fields(case.conversation, 1, bytes(32)))
    assert case.nadia.name not in told
    assert "BR-" not in told
