"""The worker signs all heads once a day; `throughline verify` says by them what was removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from chat.events.talk import MessageSaid
from chat.ledger import checkpoints as kept
from chat.ledger import note, triggers
from chat.ledger.models import Checkpoint
from chat.people import signing_keys
from chat.transcripts import checkpoint
from server import checkpoints, examine, verify_chains
from tests.chat.nadia import NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _days_ago(days: int) -> int:
    return int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1_000_000)


async def test_the_worker_makes_one_a_day() -> None:
    NadiasCase()
    stopping = asyncio.Event()
    first = await checkpoints.make_if_due(stopping)
    assert first is not None
    assert first.size == 1
    assert await checkpoints.make_if_due(stopping) is None
    Checkpoint.objects.update(made_at=_days_ago(1))
    assert await checkpoints.make_if_due(stopping) is not None
    assert len(kept.kept()) == 2


async def test_a_process_that_stops_leaves_it_to_the_next_one() -> None:
    NadiasCase()
    stopping = asyncio.Event()
    stopping.set()
    assert await checkpoints.make_if_due(stopping) is None
    assert kept.newest() is None


async def test_a_store_that_cannot_be_written_is_no_reason_to_die() -> None:
    NadiasCase()
    with override_settings(BLOBS="/dev/null/blobs"):
        assert await checkpoints.make_if_due(asyncio.Event()) is None
    assert kept.newest() is None


async def test_whatever_else_goes_wrong_the_process_lives_on() -> None:
    NadiasCase()
    with override_settings(PUBLIC_URL="https://no..host"):
        assert await checkpoints.make_if_due(asyncio.Event()) is None
    assert await checkpoints.make_if_due(asyncio.Event()) is not None


def test_the_command_prints_the_note(capsys: pytest.CaptureFixture[str]) -> None:
    NadiasCase()
    assert checkpoints.report() == 0
    newest = kept.newest()
    assert newest is not None
    assert newest.note in capsys.readouterr().out


def test_verifying_says_that_there_is_nothing_to_compare_with(capsys: pytest.CaptureFixture[str]) -> None:
    NadiasCase()
    assert verify_chains.report() == 0
    assert "There is no checkpoint yet" in capsys.readouterr().out


def test_verifying_compares_with_every_list_that_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    case = NadiasCase()
    for days in (2, 1):
        checkpoint.make()
        Checkpoint.objects.filter(made_at__gt=_days_ago(0) - 10**9).update(made_at=_days_ago(days))
        case.add(MessageSaid(by="Nadia", text="Hello?"))
    assert verify_chains.report() == 0
    said = " ".join(capsys.readouterr().out.split())
    since = datetime.fromtimestamp(_days_ago(2) / 1_000_000, UTC).date().isoformat()
    assert f"Compared with 2 checkpoints since {since}: no conversation is missing, none was cut short." in said


@pytest.fixture
def removed() -> Callable[[int], None]:
    """What somebody with the database's password does, and every chain that is left still holds."""

    def remove(conversation: int) -> None:
        with connection.cursor() as cursor:
            for name in triggers.names(connection.vendor):
                table = f" ON chat_{name.split('_')[1]}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{table}")
            for table in ("event", "opening", "participant", "outsidename", "attachment", "delivery", "due"):
                cursor.execute(f"DELETE FROM chat_{table} WHERE conversation_id = %s", [conversation])
            cursor.execute("DELETE FROM chat_conversation WHERE id = %s", [conversation])

    return remove


def test_a_conversation_that_was_removed_is_named(removed: Callable[[int], None], capsys: pytest.CaptureFixture[str]) -> None:
    case, _ = NadiasCase().tell(), NadiasCase()
    checkpoint.make()
    removed(case.conversation)
    assert verify_chains.report() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "1 conversation verified: nothing was changed" in said
    assert f"Broken: conversation {case.conversation}, as listed in the checkpoint of" in said
    assert "it is gone; it had 17 entries." in said


def test_a_note_that_was_kept_elsewhere_is_known_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    NadiasCase()
    elsewhere = tmp_path / "kept.note"
    elsewhere.write_text(checkpoint.make().note)
    assert checkpoints.known(elsewhere) == 0
    assert "no conversation is missing" in capsys.readouterr().out
    Checkpoint.objects.update(leaves="")
    assert checkpoints.known(elsewhere) == 0
    assert "Its list is no longer kept" in capsys.readouterr().out
    Checkpoint.objects.all().delete()
    assert checkpoints.known(elsewhere) == 1
    assert "Either it is older, or somebody removed it." in capsys.readouterr().out


def test_a_note_that_was_kept_elsewhere_tells_what_was_removed(
    removed: Callable[[int], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = NadiasCase()
    elsewhere = tmp_path / "kept.note"
    elsewhere.write_text(checkpoint.make().note)
    removed(case.conversation)
    assert checkpoints.known(elsewhere) == 1
    assert f"conversation {case.conversation}, as listed" in capsys.readouterr().out


def test_a_file_that_is_no_checkpoint_of_ours_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about_another_thing = signing_keys.sign("localhost/conversation/7\n3\nAAAA\n").encode()
    of_somebody_else = note.sign("else.example/checkpoint\n1\nAAAA\n", name="else.example", seed=bytes(32)).encode()
    for content in (b"", b"\xff[red]", about_another_thing, of_somebody_else):
        (tmp_path / "odd.note").write_bytes(content)
        assert checkpoints.known(tmp_path / "odd.note") == 2
        assert "is no checkpoint of ours" in capsys.readouterr().out
    assert checkpoints.known(tmp_path / "nowhere.note") == 2


def test_the_doctor_says_when_no_worker_makes_them() -> None:
    look = dict(examine.checks())["checkpoint"]
    assert look() == "none yet; the worker makes one each day"
    checkpoint.make()
    assert look().startswith("the newest is of ")
    Checkpoint.objects.update(made_at=_days_ago(3))
    with pytest.raises(examine.Trouble, match="it would not show if a conversation that came later was removed") as trouble:
        look()
    assert "throughline work" in trouble.value.cure


def test_a_checkpoint_that_was_forged_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    NadiasCase()
    checkpoint.make()
    Checkpoint.objects.update(note=signing_keys.sign("localhost/checkpoint\n0\nAAAA\n"))
    assert verify_chains.report() == 1
    assert "it is not what was signed" in capsys.readouterr().out
