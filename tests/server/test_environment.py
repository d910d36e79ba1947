"""Settings from the environment: what is wrong is named together with the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.environment import BadSetting, read
from server.keyring import root_secrets


def test_every_setting_has_a_default_that_can_be_read() -> None:
    assert read({})["THROUGHLINE_PORT"] == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [("THROUGHLINE_PORT", "eighty"), ("THROUGHLINE_PORT", "70000"), ("THROUGHLINE_MODE", "prod"), ("THROUGHLINE_DEMO", "maybe")],
)
def test_a_value_that_cannot_be_used_is_named_with_its_meaning(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{name}='{value}' cannot be used"):
        read({name: value})


def test_a_misspelt_setting_is_refused_instead_of_ignored() -> None:
    with pytest.raises(BadSetting, match="THROUGHLINE_PROT is not a setting"):
        read({"THROUGHLINE_PROT": "8000"})


def test_production_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="THROUGHLINE_SECRET is missing"):
        root_secrets(read({"THROUGHLINE_MODE": "production"}), tmp_path)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="too short"):
        root_secrets(read({"THROUGHLINE_SECRET": "lamp"}), tmp_path)


def test_development_makes_one_secret_and_keeps_it(tmp_path: Path) -> None:
    first = root_secrets(read({}), tmp_path)
    assert root_secrets(read({}), tmp_path) == first
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_old_secrets_still_verify_but_never_sign(tmp_path: Path) -> None:
    new, old = "n" * 40, "o" * 40
    found = root_secrets(read({"THROUGHLINE_SECRET": new, "THROUGHLINE_SECRET_ID": "2", "THROUGHLINE_OLD_SECRETS": f"1:{old}"}), tmp_path)
    assert found == {1: old, 2: new}
    with pytest.raises(BadSetting, match="higher than"):
        root_secrets(read({"THROUGHLINE_SECRET": new, "THROUGHLINE_OLD_SECRETS": f"3:{old}"}), tmp_path)


@pytest.mark.parametrize("name", ["THROUGHLINE_MAIL_HOOKS", "THROUGHLINE_IMAP_OAUTH"])
def test_a_secret_that_cannot_be_read_is_not_shown(name: str) -> None:
    with pytest.raises(BadSetting, match=f"{name} cannot be used") as refused:
        read({name: "postmark=the-secret"})
    assert "the-secret" not in str(refused.value)
