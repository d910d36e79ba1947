"""The keys we sign with: one for each root secret and name, listed when first used, and never taken off the list."""

from __future__ import annotations

import pytest
from django.test import override_settings

from chat.ledger import note
from chat.people import signing_keys

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

OLD, NEW = {1: "a" * 40}, {1: "a" * 40, 2: "b" * 40}
TEXT = "support.example/conversation/7\n3\nAAAA\n"


def test_what_is_signed_opens_with_the_listed_key() -> None:
    with override_settings(PUBLIC_URL="https://Support.example:8443", ROOT_SECRETS=OLD):
        signed = signing_keys.sign(TEXT)
        key, *others = signing_keys.public_keys()
    assert not others
    assert note.opened(signed, [key.vkey]) == TEXT
    assert key.vkey.startswith(f"support.example+{key.id}+")
    assert key.until is None


def test_the_list_holds_the_current_key_before_anything_was_signed() -> None:
    assert [key.vkey for key in signing_keys.public_keys()] == [signing_keys.current_key().vkey]


def test_a_new_root_secret_is_a_new_key_and_the_old_one_stays_on_the_list() -> None:
    with override_settings(ROOT_SECRETS=OLD):
        before = signing_keys.sign(TEXT)
    with override_settings(ROOT_SECRETS=NEW):
        after = signing_keys.sign(TEXT)
        new, old = signing_keys.public_keys()
    assert note.opened(before, [old.vkey]) == note.opened(after, [new.vkey]) == TEXT
    assert (old.until, new.until) == (new.since, None)
    assert old.since < new.since


def test_an_old_key_stays_on_the_list_when_its_secret_is_gone() -> None:
    with override_settings(ROOT_SECRETS=OLD):
        before = signing_keys.sign(TEXT)
    with override_settings(ROOT_SECRETS={2: "b" * 40}):
        keys = [key.vkey for key in signing_keys.public_keys()]
    assert note.opened(before, keys) == TEXT


def test_signing_again_and_again_lists_a_key_once() -> None:
    assert len({signing_keys.sign(TEXT) for _ in range(5)}) == 1
    assert len(signing_keys.public_keys()) == 1


def test_another_public_address_is_another_key_name() -> None:
    with override_settings(PUBLIC_URL="https://one.example"):
        signing_keys.sign(TEXT)
    with override_settings(PUBLIC_URL="https://two.example"):
        assert [key.vkey.partition("+")[0] for key in signing_keys.public_keys()] == ["two.example", "one.example"]


def test_a_host_with_other_letters_is_named_as_in_the_domain_name_system() -> None:
    with override_settings(PUBLIC_URL="https://bücher.example"):
        assert signing_keys.current_key().vkey.startswith("xn--bcher-kva.example+")
