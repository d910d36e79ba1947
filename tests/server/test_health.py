"""Health says what prevents the work and what is late, in sentences, and nothing about any conversation."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from chat.ledger.models import Delivery, Due, Received
from server import bells, health
from server.bells_line import Bells
from tests.chat.ledger.cast import opened
from tests.services import free_port

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

HOUR = 3_600_000_000


def now() -> int:
    return time.time_ns() // 1000


def test_a_house_in_order_has_nothing_to_say() -> None:
    opened(first="Hello?")
    found = health.examine()
    assert (found.problems, found.warnings, found.status) == ({}, {}, 200)
    assert found.told() == {"status": "ok", "problems": {}, "warnings": {}, "waiting_to_be_stored": 0}


def test_a_blob_store_that_cannot_be_written_prevents_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "file" / "blobs")
    found = health.examine()
    assert found.status == 503
    assert "cannot be written" in found.problems["blobs"]
    assert found.told()["status"] == "trouble"


def test_a_record_that_is_no_longer_protected_prevents_the_work() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER chat_event_only_cross_out" + (" ON chat_event" if connection.vendor == "postgresql" else ""))
    found = health.examine()
    assert "chat_event_only_cross_out missing" in found.problems["triggers"]


def test_tables_that_are_gone_are_a_database_that_does_not_answer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_due RENAME TO chat_due_away")
    found = health.examine()
    assert found.problems == {"database": "the database does not answer"}
    assert found.backlog is None


def test_what_is_late_is_a_warning_and_the_work_goes_on() -> None:
    conversation = opened()
    Due.objects.create(conversation_id=conversation, name="snooze", at=now() - HOUR)
    Received.objects.create(source="email", digest="0" * 64, envelope="{}", received_at=now() - HOUR)
    Delivery.objects.create(conversation_id=conversation, position=1, route="email", target="customer:41", created_at=now() - HOUR)
    found = health.examine()
    assert found.status == 200
    assert set(found.warnings) == {"alarms", "intake", "courier"}
    assert found.warnings["alarms"].startswith("alarms ring 60 min late")
    assert str(conversation) not in str(found.told())


def test_a_delivery_that_is_tried_again_later_is_not_late() -> None:
    written, later = now() - HOUR, now() + HOUR
    Delivery.objects.create(
        conversation_id=opened(), position=1, route="email", target="customer:41", state="delayed", created_at=written, not_before=later
    )
    found = health.examine()
    assert found.warnings == {}
    assert found.backlog is not None and found.backlog.deliveries_oldest_seconds >= 3600


async def test_a_redis_that_is_away_is_a_warning_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Bells(f"redis://127.0.0.1:{free_port()}/0", ask=lambda _: None)
    monkeypatch.setattr(bells, "_running", line)
    found = await asyncio.to_thread(health.examine)
    assert found.status == 200
    assert f"since {time.gmtime().tm_year}-" in found.warnings["redis"]
    await line.farewell()


def test_who_asks_often_is_answered_from_memory() -> None:
    first = health.examined()
    assert health.examined() is first
