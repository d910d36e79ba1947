"""Signed reply addresses: they come back as they were made, in any case of letters, and any change is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.reply_address import MAX_BASE, SEPARATORS, BaseAddressError, Tag, base_of, check_base, make, read
from mailgateway.tags import ALPHABET, Altered

KEYS = {1: b"first" * 8, 2: b"second" * 8}
CONVERSATIONS = st.integers(0, 2**64 - 1)
ADDRESSEES = st.integers(0, 2**32 - 1)


def address(conversation: int = 4821, addressee: int = 7, *, number: int = 2, base: str = "support") -> str:
    return make(base, domain="shop.example", conversation=conversation, addressee=addressee, key=(number, KEYS[number]))


@given(CONVERSATIONS, ADDRESSEES, st.sampled_from(sorted(KEYS)))
def test_an_address_says_what_was_put_in_whatever_key_is_current(conversation: int, addressee: int, number: int) -> None:
    made = address(conversation, addressee, number=number)
    assert read(made, KEYS) == Tag(conversation, addressee)
    assert read(made.upper(), KEYS) == read(made.title(), KEYS) == Tag(conversation, addressee)
    assert read(f" <{made}> ", KEYS) == Tag(conversation, addressee)
    local = made.partition("@")[0]
    assert len(local) <= 64
    assert ALPHABET.issuperset(local.partition("+")[2])


def test_the_longest_base_still_fits_and_a_longer_one_is_refused_with_the_cure() -> None:
    assert len(address(2**64 - 1, 2**32 - 1, base="b" * MAX_BASE).partition("@")[0]) == 64
    with pytest.raises(BaseAddressError, match=f"at most {MAX_BASE} characters"):
        check_base("b" * (MAX_BASE + 1))


@pytest.mark.parametrize("base", ["", "Support", "sup+port", "a..b", ".a", "a.", "ä", "a b", "a@b"])
def test_a_base_that_cannot_carry_a_tag_is_refused(base: str) -> None:
    with pytest.raises(BaseAddressError):
        check_base(base)


@given(st.data(), CONVERSATIONS, ADDRESSEES)
def test_one_character_changed_in_the_tag_is_noticed(data: st.DataObject, conversation: int, addressee: int) -> None:
    local, _, domain = address(conversation, addressee).partition("@")
    at = data.draw(st.integers(len("support+"), len(local) - 1))
    char = data.draw(st.one_of(st.sampled_from(sorted(ALPHABET) + list("0189.-_=+K\u017f")), st.characters(exclude_characters="@<>\"' ")))
    if char.lower() == local[at] and char.isascii():
        return
    changed = f"{local[:at]}{char}{local[at + 1 :]}@{domain}"
    if changed.strip() == changed:
        assert isinstance(read(changed, KEYS), Altered)


@given(st.data(), CONVERSATIONS, ADDRESSEES)
def test_one_character_lost_or_added_in_the_tag_is_noticed(data: st.DataObject, conversation: int, addressee: int) -> None:
    local, _, domain = address(conversation, addressee).partition("@")
    at = data.draw(st.integers(len("support+"), len(local) - 1))
    assert isinstance(read(f"{local[:at]}{local[at + 1 :]}@{domain}", KEYS), Altered)
    char = data.draw(st.sampled_from(sorted(ALPHABET) + list("0189.-_=")))
    assert isinstance(read(f"{local[:at]}{char}{local[at:]}@{domain}", KEYS), Altered)


def test_a_lost_or_replaced_plus_is_noticed_when_the_base_is_known() -> None:
    made = address()
    for changed in (made.replace("+", ""), made.replace("+", ".").upper()):
        assert isinstance(read(changed, KEYS, base="support"), Altered)
        assert read(changed, KEYS) is None


@pytest.mark.parametrize("separator", sorted(SEPARATORS))
def test_hosts_that_do_not_know_the_plus_may_have_another_sign(separator: str) -> None:
    made = make("our-support", domain="shop.example", conversation=4821, addressee=7, key=(2, KEYS[2]), separator=separator)
    assert made.startswith(f"our-support{separator}")
    assert read(made, KEYS) == read(made.upper(), KEYS, base="our-support") == Tag(4821, 7)
    assert base_of(made.partition("@")[0]) == "our-support"


def test_at_a_domain_of_its_own_the_tag_stands_alone() -> None:
    made = make("", domain="reply.shop.example", conversation=4821, addressee=7, key=(2, KEYS[2]))
    assert read(made, KEYS) == read(made.upper(), KEYS) == Tag(4821, 7)
    assert read(f"x{made}", KEYS) is None


@pytest.mark.parametrize(
    "plain",
    [
        "support@shop.example",
        "nadia+lamps@customer.example",
        "nadia+shop.example-newsletter@customer.example",
        "",
        "@",
        "+",
        "support+@shop.example",
        "x" * 500,
    ],
)
def test_ordinary_addresses_carry_no_tag(plain: str) -> None:
    assert read(plain, KEYS, base="support") is None


@given(st.text(max_size=120))
def test_any_text_can_be_asked(text: str) -> None:
    assert not isinstance(read(text, KEYS, base="support"), Tag)


def test_another_key_or_another_purpose_makes_no_valid_tag() -> None:
    from mailgateway import message_id

    foreign = make("support", domain="shop.example", conversation=1, addressee=1, key=(2, b"somebody else's"))
    assert read(foreign, KEYS) == Altered("signature")
    assert read(address(), {1: KEYS[1]}) == Altered("unknown-key")
    sent = message_id.make_envelope_sender("bounce", domain="shop.example", conversation=1, position=2, addressee=3, key=(2, KEYS[2]))
    assert not isinstance(read(sent, KEYS), Tag)


def test_values_that_do_not_fit_are_refused() -> None:
    for conversation, addressee in ((2**64, 1), (-1, 1), (1, 2**32), (1, -1)):
        with pytest.raises(ValueError, match="does not fit"):
            address(conversation, addressee)
