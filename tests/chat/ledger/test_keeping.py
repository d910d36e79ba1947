"""One end date for each record, by a pure rule: what moves it, what does not, and when the customer is told."""

from __future__ import annotations

import pytest

from chat.events.commitment import CommitmentMade
from chat.events.handoff import HandoffClaimed
from chat.events.lifecycle import ConversationClosed, ConversationOpened, ConversationSnoozed, ConversationTagged
from chat.events.privacy import StaffOpened
from chat.events.retention import HoldReleased, HoldSet, RetentionCarriedOut, RetentionExtended, RetentionNoticed
from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
from chat.ledger import keeping
from chat.ledger.batch import folded
from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.keeping import DAY, FLOOR_DAYS, Held
from chat.ledger.state import State
from chat.people.models import Site

OPENED = 1_000 * DAY


def after(*told: tuple[int, Kind]) -> State:
    """The state after the opening and what happened so many days later."""
    state = State()
    happened = ((0, ConversationOpened(by="Nadia", customer="customer:41")), *told)
    for position, (days, body) in enumerate(happened, 1):
        stamp = Stamp(position=position, at=OPENED + days * DAY, actor="customer:41", channel="widget", audience=Audience.EVERYONE)
        state = folded(state, body, stamp)
    return state


def end(state: State, keep_days: int = 180) -> int:
    """In days after the opening."""
    return (keeping.ends_at(state, keep_days=keep_days) - OPENED) // DAY


SAID = MessageSaid(by="Nadia", text="Hello?")
CLOSED = ConversationClosed(by="Tom", outcome="Refunded.")


def test_an_unclosed_one_counts_from_its_last_word() -> None:
    assert end(after((3, SAID))) == 183


@pytest.mark.parametrize(
    "body", [CLOSED, SAID, CommitmentMade(by="Tom", text="Refund", due=OPENED), MessageSaid(by="Tom", text="Yes")], ids=lambda b: b.name
)
def test_what_is_said_promised_or_closed_moves_the_end(body: Kind) -> None:
    assert end(after((3, SAID), (10, body))) == 190


@pytest.mark.parametrize(
    "body",
    [
        MessageSeen(by="Nadia", upto=2),
        StaffOpened(by="Ruth", role="team lead"),
        ConversationTagged(by="Tom", tags=("lamp",)),
        ConversationSnoozed(by="Tom", until=OPENED + 50 * DAY),
        HandoffClaimed(by="Tom"),
        NoteAdded(by="Tom", text="Ask Ruth."),
        RetentionNoticed(until=OPENED),
    ],
    ids=lambda b: b.name,
)
def test_what_happens_around_it_does_not(body: Kind) -> None:
    assert end(after((3, SAID), (100, body))) == 183


def test_no_site_goes_below_the_floor() -> None:
    assert end(after(), keep_days=1) == FLOOR_DAYS
    assert end(after(), keep_days=365) == 365
    assert Site._meta.get_field("keep_days").default == FLOOR_DAYS


def test_the_customer_has_it_kept_longer_and_nobody_shorter() -> None:
    assert end(after((1, RetentionExtended(by="Nadia", until=OPENED + 700 * DAY)))) == 700
    assert end(after((1, RetentionExtended(by="Nadia", until=OPENED + 7 * DAY)))) == 180


def test_the_customer_is_told_once_for_each_end_and_a_month_ahead() -> None:
    def notice(state: State, day: int) -> int:
        return keeping.notice_until(state, keep_days=180, now=OPENED + day * DAY)

    state = after()
    assert notice(state, 148) == 0
    assert notice(state, 149) == OPENED + 180 * DAY, "a day to spare, for a run comes once a day"
    told = after((149, RetentionNoticed(until=OPENED + 180 * DAY)))
    assert notice(told, 170) == 0
    went_on = after((149, RetentionNoticed(until=OPENED + 180 * DAY)), (160, SAID))
    assert notice(went_on, 170) == 0
    assert notice(went_on, 309) == OPENED + 340 * DAY


def test_who_is_told_late_has_the_whole_month_all_the_same() -> None:
    late = keeping.notice_until(after(), keep_days=180, now=OPENED + 400 * DAY)
    assert late == OPENED + 430 * DAY
    told = after((400, RetentionNoticed(until=late)))
    assert end(told) == 430
    assert not keeping.is_over(told, keep_days=180, now=late - 1)
    assert keeping.is_over(told, keep_days=180, now=late)


def test_nothing_ends_untold() -> None:
    assert not keeping.is_over(after(), keep_days=180, now=OPENED + 10_000 * DAY)


def test_a_hold_stops_notice_and_end_and_its_release_begins_with_a_notice() -> None:
    told, held = (149, RetentionNoticed(until=OPENED + 180 * DAY)), (160, HoldSet(by="Ruth", reason="Arbitration", ground="claims"))
    state = after(told, held)
    late = OPENED + 500 * DAY
    assert not keeping.is_over(state, keep_days=180, now=late)
    assert not keeping.notice_until(state, keep_days=180, now=late)
    assert keeping.keep_day(state) == 0
    with pytest.raises(Held, match="hold"):
        keeping.not_held(state)
    free = after(told, held, (499, HoldReleased(by="Ruth", reason="It ended.")))
    keeping.not_held(free)
    assert not keeping.is_over(free, keep_days=180, now=late)
    assert keeping.notice_until(free, keep_days=180, now=late) == late + 30 * DAY


def test_what_is_gone_has_no_end_until_somebody_writes_again() -> None:
    gone = after((3, SAID), (210, RetentionCarriedOut(entries={"1": ("by",)})))
    assert end(gone) * DAY + OPENED == 0
    assert keeping.is_gone(gone)
    assert (gone.status, keeping.keep_day(gone)) == ("closed", 0)
    again = after((3, SAID), (210, RetentionCarriedOut(entries={"1": ("by",)})), (300, SAID))
    assert end(again) == 480
    assert not keeping.is_gone(again)
    assert again.status == "open"


def test_the_column_finds_every_record_that_has_something_to_do() -> None:
    for days in (148, 149, 150, 180, 181, 400):
        for more in (0, 1, DAY - 1):
            now = OPENED + days * DAY + more
            if keeping.notice_until(after(), keep_days=180, now=now):
                assert keeping.keep_day(after()) <= keeping.latest_keep_day(keep_days=180, now=now)
