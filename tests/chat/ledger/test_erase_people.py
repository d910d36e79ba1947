"""Somebody who was only put in copy can be taken out of a record, from wherever they are named."""

from __future__ import annotations

import pytest

from chat.events.participants import ParticipantJoined
from chat.events.talk import MessageSaid
from chat.ledger import erase
from chat.people.models import Customer
from tests.chat.nadia import NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def test_somebody_in_copy_goes_from_the_entry_that_brought_them_in_and_from_the_mails_that_name_them() -> None:
    case = NadiasCase()
    paul = Customer.objects.create(site=case.site, name="Paul")
    mailed = case.add(MessageSaid(by="Nadia", text="With my brother in copy.", cc=("paul@other.example",)), channel="email")
    joined = case.add(ParticipantJoined(by="Nadia", who=paul.ref, shown_name="Paul", address="paul@other.example"), channel="email")
    goes = erase.of_person(case.conversation, paul.ref)
    assert goes == {mailed: ("cc",), joined: ("address", "by", "shown_name")}
