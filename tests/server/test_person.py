"""`throughline person` hands out everything about somebody, and erases them when two people stand for it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from chat.events.retention import HoldSet
from chat.ledger import erase, read, replay
from chat.ledger.check import check
from chat.ledger.event import Audience
from chat.people.models import Address, Customer
from server import person
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture
def case(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NadiasCase:
    monkeypatch.setattr(settings, "JOURNAL", tmp_path / "erasures.jsonl")
    case = NadiasCase().tell()
    Customer.objects.filter(pk=case.nadia.pk).update(visitor=None)
    Address.objects.create(customer=case.nadia, site=case.site, address=ADDRESS)
    return case


def _erase(address: str = ADDRESS, *, by: str = "Tom", agreed_by: str = "Ruth", sure: bool = True) -> int:
    return person.erase(address, by=by, agreed_by=agreed_by, ground="request", reason="Her letter", sure=sure)


def test_everything_goes_when_two_stand_for_it(case: NadiasCase, capsys: pytest.CaptureFixture[str]) -> None:
    assert _erase(sure=False) == 0
    assert "1 record would lose this for good. Say --yes" in capsys.readouterr().out
    assert erase.everything(case.conversation)
    assert _erase() == 0
    assert erase.everything(case.conversation) == {}
    assert check(case.conversation) is None
    last = list(read.events(case.conversation, audience=Audience.EVERYONE))[-1]
    assert (last.values["by"], last.values["whole"]) == ("Tom and Ruth", True)
    assert Customer.objects.get(pk=case.nadia.pk).name == ""
    assert _erase() == 2, "Nobody is known by this address any more."


@pytest.mark.parametrize(("by", "agreed_by"), [("Tom", "tom "), ("", "Ruth"), ("Tom", "")])
def test_one_person_is_not_two(case: NadiasCase, by: str, agreed_by: str) -> None:
    assert _erase(by=by, agreed_by=agreed_by) == 2
    assert erase.everything(case.conversation)


def test_a_hold_stops_it_before_anything_goes(case: NadiasCase, capsys: pytest.CaptureFixture[str]) -> None:
    case.add(HoldSet(by="Ruth", reason="Arbitration.", ground="claims"), by="agent:999")
    assert _erase() == 1
    assert "on hold (claims)" in capsys.readouterr().out
    assert Customer.objects.get(pk=case.nadia.pk).name == "Nadia"


def test_everything_is_handed_out_in_one_file_for_its_owner_alone(case: NadiasCase, tmp_path: Path) -> None:
    file = tmp_path / "nadia.zip"
    assert person.export(ADDRESS, file) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        assert f"person-{case.nadia.pk}.json" in archive.namelist()
        assert any(name.endswith("/transcript.json") for name in archive.namelist())
    assert person.export(ADDRESS, file) == 2
    assert person.export("nobody@customer.example", tmp_path / "other.zip") == 2


def test_a_restored_person_is_erased_again_and_nobody_who_got_the_same_number(case: NadiasCase) -> None:
    assert _erase() == 0
    nadia = Customer.objects.filter(pk=case.nadia.pk)
    nadia.update(name="Nadia")  # as the backup had it
    assert replay.replay().persons == 1
    assert nadia.get().name == ""
    nadia.update(name="Omar", created_at=timezone.now())  # another person, after the restore
    assert replay.replay().persons == 0
    assert nadia.get().name == "Omar"
