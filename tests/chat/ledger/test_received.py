"""What came in is in the table as it came, many in one commit, and a small one is emptied out of its row only when its blob is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from chat.ledger import blobs, received
from chat.ledger.received import DROPPED, QUARANTINED, TAKEN, Missing, New

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def folder(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    return tmp_path / "blobs"


def _new(raw: bytes | str, **envelope: str) -> New:
    return New(source="email", raw=raw, envelope=envelope)


def test_what_is_kept_together_comes_back_one_by_one() -> None:
    digest = blobs.store(b"large")
    ids = received.keep_all([_new(b"\x00\xff small", sender="nadia"), _new(digest, sender="ines"), _new(b"")])
    arrivals = received.take("email", limit=5, lease=60)
    assert [arrival.id for arrival in arrivals] == ids
    assert [arrival.envelope for arrival in arrivals] == [{"sender": "nadia"}, {"sender": "ines"}, {}]
    assert [received.content(arrival) for arrival in arrivals] == [b"\x00\xff small", b"large", b""]


def test_all_are_kept_or_none() -> None:
    with pytest.raises(Exception, match="source"):
        received.keep_all([_new(b"one"), New(source=None, raw=b"two", envelope={})])  # type: ignore[arg-type]  # what no table takes
    assert received.take("email", limit=5, lease=60) == []


def test_a_small_one_is_a_blob_before_its_row_forgets_it() -> None:
    received.keep_all([_new(b"raw mail")])
    (arrival,) = received.take("email", limit=5, lease=60)
    assert not blobs.exists(arrival.digest)
    assert received.filed(arrival) == b"raw mail"
    assert blobs.exists(arrival.digest)
    received.settle(arrival.id, TAKEN)
    assert received.content(arrival) == b"raw mail"
    blobs.remove_unreferenced(arrival.digest)
    for read in (received.content, received.filed):
        with pytest.raises(Missing):
            read(arrival)


def test_what_stands_aside_and_is_sent_again_stands_there_once() -> None:
    received.keep_all([_new(b"odd", recipients=to) for to in ("support@", "support@", "sales@")])
    rows = received.take("email", limit=5, lease=60)
    for arrival in rows:
        received.filed(arrival)
        received.settle(arrival.id, QUARANTINED, reason="odd")
    found = [received.get(arrival.id) for arrival in rows]
    assert [one.state for one in found if one] == [QUARANTINED, DROPPED, QUARANTINED]
