"""Signed Message-IDs and envelope senders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.message_id import MAX_BOUNCE_BASE, Sent, make, make_envelope_sender, read, read_envelope_recipient
from mailgateway.reply_address import BaseAddressError
from mailgateway.tags import ALPHABET, Altered

KEYS = {3: b"third" * 8}
KEY = (3, KEYS[3])
SENT = st.builds(Sent, st.integers(0, 2**64 - 1), st.integers(0, 2**40 - 1), st.integers(0, 2**32 - 1))


def identifier(sent: Sent) -> str:
    return make("shop.example", conversation=sent.conversation, position=sent.position, addressee=sent.addressee, key=KEY)


def envelope(sent: Sent) -> str:
    return make_envelope_sender(
        "bounce", domain="shop.example", conversation=sent.conversation, position=sent.position, addressee=sent.addressee, key=KEY
    )


@given(SENT)
def test_an_identifier_says_what_was_put_in(sent: Sent) -> None:
    made = identifier(sent)
    assert read(made, KEYS) == read(f"<{made.upper()}>", KEYS) == sent
    assert identifier(sent) == made


@given(SENT)
def test_an_envelope_sender_says_what_was_put_in(sent: Sent) -> None:
    made = envelope(sent)
    assert read_envelope_recipient(made, KEYS) == read_envelope_recipient(made.upper(), KEYS) == sent
    assert len(made.partition("@")[0]) <= 64


@given(st.data(), SENT)
def test_one_character_changed_lost_or_cut_off_is_noticed(data: st.DataObject, sent: Sent) -> None:
    for made, reader, begin in ((identifier(sent), read, len("tl.")), (envelope(sent), read_envelope_recipient, len("bounce+"))):
        local, _, domain = made.partition("@")
        at = data.draw(st.integers(begin, len(local) - 1))
        char = data.draw(st.sampled_from(sorted(ALPHABET - {local[at]})))
        assert isinstance(reader(f"{local[:at]}{char}{local[at + 1 :]}@{domain}", KEYS), Altered)
        assert isinstance(reader(f"{local[:at]}{local[at + 1 :]}@{domain}", KEYS), Altered)
        assert isinstance(reader(f"{local[:-1]}@{domain}", KEYS), Altered)


@pytest.mark.parametrize("foreign", ["CAEjnyt3uiyywAF3SrJzEedMRV5H5XG4aYvFrGdFwxtuGoRCc0w@mail.example", "", "<>", "x", "tl", "\u212aaa@x"])
def test_identifiers_of_others_are_not_ours(foreign: str) -> None:
    assert read(foreign, KEYS) is None


def test_an_envelope_sender_is_no_message_id_even_under_the_same_key() -> None:
    sent = Sent(1, 2, 3)
    tag = envelope(sent).partition("+")[2].partition("@")[0]
    assert isinstance(read(f"tl.{tag}@shop.example", KEYS), Altered)


def test_a_bounce_base_that_is_too_long_is_refused() -> None:
    with pytest.raises(BaseAddressError, match=f"at most {MAX_BOUNCE_BASE} characters"):
        make_envelope_sender("b" * (MAX_BOUNCE_BASE + 1), domain="shop.example", conversation=1, position=1, addressee=1, key=KEY)
