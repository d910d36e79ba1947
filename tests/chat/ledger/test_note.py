"""Signed notes: against a note made elsewhere, against the bare arithmetic, and against everything that is almost a note."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from chat.ledger.note import MOST_OCTETS, MOST_SIGNATURES, BadNote, Key, opened, public_of, sign, signed_by, vkey

SEED = bytes(range(32))
NAME = "support.example"
OURS = vkey(NAME, public_of(SEED))
ECDSA = f"{NAME}+{hashlib.sha256(b'x').hexdigest()[:8]}+{base64.b64encode(bytes([2]) + public_of(SEED)).decode()}"
TEXT = "support.example/conversation/7\n3\nAAAA\n"
# From the documentation of Go's golang.org/x/mod/sumdb/note.
THEIRS = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
QUOTE = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = f"{QUOTE}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def test_a_note_of_another_implementation_opens() -> None:
    assert opened(SIGNED, [OURS, THEIRS]) == QUOTE


def test_another_implementation_of_the_arithmetic_gives_the_same_octets() -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    public = private.public_key().public_bytes_raw()
    ident = hashlib.sha256(b"support.example\n\x01" + public).digest()[:4]
    line = base64.b64encode(ident + private.sign(TEXT.encode())).decode()
    assert sign(TEXT, name=NAME, seed=SEED) == f"{TEXT}\n\N{EM DASH} {NAME} {line}\n"
    assert f"support.example+{ident.hex()}+{base64.b64encode(bytes([1]) + public).decode()}" == OURS


def test_the_format_stays_as_it_is() -> None:
    # RFC 8032 section 7.1, test 1: the seed and its public key.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert public_of(seed).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    line = SIGNED.rpartition("\n\n")[2]
    note = sign(TEXT, name=NAME, seed=SEED) + line
    text, keys = signed_by(note, [OURS])
    assert (text, [str(key) for key in keys]) == (TEXT, [OURS])
    with pytest.raises(BadNote, match="PeterNeumann does not belong"):
        opened(note, [OURS, THEIRS])


def test_a_text_may_hold_blank_lines_of_its_own() -> None:
    text = "one\n\n\ntwo\n\n"
    assert opened(sign(text, name=NAME, seed=SEED), [OURS]) == text


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    with pytest.raises(BadNote, match="None of the known keys"):
        opened(sign(TEXT, name=NAME, seed=bytes(32)), [OURS])
    with pytest.raises(BadNote, match="None of the known keys"):
        opened(sign(TEXT, name="other.example", seed=SEED), [OURS])
    with pytest.raises(BadNote, match="None of the known keys"):
        opened(sign(TEXT, name=NAME, seed=SEED), [])


def test_another_text_under_the_same_signature_is_refused() -> None:
    with pytest.raises(BadNote, match="does not belong to this text"):
        opened(sign(TEXT, name=NAME, seed=SEED).replace("\n3\n", "\n4\n"), [OURS])


def _almost() -> dict[str, str]:
    good = sign(TEXT, name=NAME, seed=SEED)
    line = good.rpartition("\n\n")[2]
    return {
        "empty": "",
        "no signature": TEXT,
        "no newline at the end": good[:-1],
        "no blank line": good.replace("\n\n", "\n"),
        "a hyphen": good.replace("—", "-"),
        "a tab": good.replace("— ", "—\t"),
        "carriage returns": good.replace("\n", "\r\n"),
        "a NUL": good.replace("3", "\0"),
        "half a surrogate": good.replace("3", "\ud800"),
        "a space after the signature": good[:-1] + " \n",
        "no name": good.replace(f"— {NAME} ", "— "),
        "no base64": good[:-5] + "!!!=\n",
        "base64 of four octets": f"{TEXT}\n— {NAME} {base64.b64encode(b'four').decode()}\n",
        "a line between": good.replace("\n\n", "\n\nhello\n"),
        "a blank line behind": good + "\n",
        "too many signatures": f"{TEXT}\n{line * (MOST_SIGNATURES + 1)}",
        "too long": "x" * MOST_OCTETS + "\n" + good,
    }


@pytest.mark.parametrize("note", _almost().values(), ids=_almost().keys())
def test_what_is_almost_a_note_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        opened(note, [OURS])


@pytest.mark.parametrize(
    "written",
    ["", "a+b", "a b+00000000+AQ==", OURS[:-4] + "AAAA", OURS.replace(NAME, "other.example"), ECDSA, OURS + "="],
)
def test_what_is_almost_a_key_is_refused(written: str) -> None:
    with pytest.raises(BadNote):
        Key.read(written)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\N{NO-BREAK SPACE}b", "line\n"])
def test_a_name_that_no_note_can_carry_signs_nothing(name: str) -> None:
    with pytest.raises(BadNote):
        sign(TEXT, name=name, seed=SEED)


@pytest.mark.parametrize("text", ["", "no newline", "a\ttab\n", "\x1b[31mred\n", "\ud800\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(BadNote):
        sign(text, name=NAME, seed=SEED)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_octet_gives_another_text(place: int, change: int) -> None:
    note = bytearray(sign(TEXT, name=NAME, seed=SEED).encode())
    note[place % len(note)] ^= change
    try:
        text = opened(note.decode("utf-8", "surrogateescape"), [OURS])
    except BadNote:
        return
    raise AssertionError(f"it still opens, as {text!r}")
