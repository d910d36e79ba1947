"""The inbox's pages let in who may enter, and what they answer beside the socket stays within the agent's own sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from chat.events.lifecycle import ConversationOpened, ConversationReopened
from chat.ledger import read
from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
from chat.ledger.keeping import DAY
from chat.ledger.search_index import take_in_all
from chat.people import visitors
from chat.people.models import Agent
from chat.transcripts.transcript import formats
from chat.web.inbox import chain, find
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def _browser(agent: Agent) -> Client:
    browser = Client()
    browser.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def test_the_inbox_asks_who_is_there(case: NadiasCase) -> None:
    for path in ("/inbox/", "/inbox/waiting/", f"/inbox/c/{case.conversation}/", "/inbox/colleagues", "/inbox/jump?q=1"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/?next=/inbox/")


def test_every_queue_has_an_address_and_nothing_else_has(case: NadiasCase) -> None:
    tom = _browser(case.tom)
    for queue in ("mine", "promises", "snoozed", "waiting", "unassigned", "open", "bounced", "closed", "queues"):
        assert tom.get(f"/inbox/{queue}/").status_code == 200
    assert tom.get("/inbox/drafts/").status_code == 404


def test_a_foreign_conversation_looks_like_one_that_does_not_exist(case: NadiasCase) -> None:
    stranger = _browser(NadiasCase().tom)
    foreign, unknown = stranger.get(f"/inbox/c/{case.conversation}/"), stranger.get("/inbox/c/12345/")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert stranger.get(f"/inbox/beside/{case.conversation}").status_code == 404


def test_beside_the_thread_stands_its_chain_and_what_came_before(case: NadiasCase) -> None:
    found = _browser(case.tom).get(f"/inbox/beside/{case.conversation}").json()
    assert found["chain"] == {"whole": True, "position": found["entries"], "problem": ""}
    assert found["before"] == []
    state = read.head(case.conversation).state
    assert found["kept_until"] == state.keep_from + case.site.keep_days * DAY, "what is quiet prolongs nothing"
    assert found["held"] is False


def _reads_of_events(browser: Client, path: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path, query).json()["chain"]["whole"]
    return sum('FROM "chat_event"' in query["sql"] for query in queries)


def test_a_chain_is_walked_once_for_each_length_and_when_asked(case: NadiasCase) -> None:
    tom, path = _browser(case.tom), f"/inbox/beside/{case.conversation}"
    first, *others = (_reads_of_events(tom, path) for _ in range(3))
    assert first > 0 and others == [0, 0]
    case.add(ConversationReopened(by="Nadia"))
    assert _reads_of_events(tom, path) == first and _reads_of_events(tom, path) == 0
    assert _reads_of_events(tom, path, chain="check") == first


def test_a_long_chain_is_walked_only_when_asked(case: NadiasCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "LONG", 5)
    tom, path = _browser(case.tom), f"/inbox/beside/{case.conversation}"
    assert tom.get(path).json()["chain"]["whole"] is None
    assert tom.get(path, {"chain": "check"}).json()["chain"]["whole"]
    assert tom.get(path).json()["chain"]["whole"]


def test_a_case_is_found_by_its_number_a_name_an_address_or_what_was_said(case: NadiasCase) -> None:
    tom = _browser(case.tom)
    take_in_all()
    number = tom.get("/inbox/jump", {"q": "nadia"}).json()["found"][0]["case"]
    for words in (number, number.lower(), number.partition("-")[2], "Nadia", ADDRESS[:8].upper(), "keep the lamp ", "card refunds"):
        found = tom.get("/inbox/jump", {"q": words}).json()["found"]
        assert [row["conversation"] for row in found] == [str(case.conversation)], words
    assert tom.get("/inbox/jump", {"q": "nobody at all"}).json()["found"] == []
    assert _browser(NadiasCase().tom).get("/inbox/jump", {"q": ADDRESS}).json()["found"] == []


def test_a_find_shows_no_line_of_what_was_said(case: NadiasCase) -> None:
    take_in_all()
    (row,) = _browser(case.tom).get("/inbox/jump", {"q": "approval"}).json()["found"]
    assert set(row) == {"conversation", "case", "who", "subject", "status", "channel", "at"}
    assert "approval" not in str(row)


def test_older_finds_are_asked_for_below_the_last(case: NadiasCase) -> None:
    for number in range(find.MOST + 1):
        _another(case, 100 + number)
    take_in_all()
    tom = _browser(case.tom)
    first = tom.get("/inbox/jump", {"q": "second lamp"}).json()
    assert [row["conversation"] for row in first["found"]] == [str(100 + n) for n in range(find.MOST, 0, -1)]
    older = tom.get("/inbox/jump", {"q": "second lamp", "below": first["older"]}).json()
    assert ([row["conversation"] for row in older["found"]], older["older"]) == (["100"], "")
    assert tom.get("/inbox/jump", {"q": "second lamp", "below": "x"}).json() == first


def _another(case: NadiasCase, conversation: int) -> None:
    opens = Opens(conversation=conversation, site=case.site.pk, source="widget", key=f"later-{conversation}")
    opened = ConversationOpened(by="Nadia", customer=case.nadia.ref, subject="A second lamp", address=ADDRESS)
    fact = Fact(conversation=conversation, body=opened, actor=case.nadia.ref, channel="widget", key="later")
    append_sync(Command(facts=(fact,), opens=opens, rows=(Joins(conversation=conversation, ref=case.nadia.ref),)))


def test_an_analyst_finds_cases_and_reads_no_subject(case: NadiasCase) -> None:
    analyst = Agent.objects.create_user("ana@brindle.example", "lamps and shades", name="Ana", role="analyst")
    analyst.sites.add(case.site)
    _another(case, 88)
    take_in_all()
    for agent, words in ((analyst, ["", ""]), (case.tom, ["A second lamp", "Dented shade on Heron lamp"])):
        browser = _browser(agent)
        found = browser.get("/inbox/jump", {"q": "nadia"}).json()["found"]
        assert [row["subject"] for row in found] == words
        assert all(row["case"] for row in found), "the page shows the case number instead"
        assert bool(browser.get("/inbox/jump", {"q": "second"}).json()["found"]) == (agent == case.tom), "what was said is not theirs"
        (before,) = browser.get("/inbox/beside/88").json()["before"]
        assert (before["subject"], bool(before["case"])) == (words[1], True)


def test_who_may_take_over_is_the_rest_of_the_team(case: NadiasCase) -> None:
    analyst = Agent.objects.create_user("ana@brindle.example", "lamps and shades", name="Ana", role="analyst")
    analyst.sites.add(case.site)
    NadiasCase()
    team = _browser(case.tom).get("/inbox/colleagues").json()["team"]
    assert [one["name"] for one in team] == ["Ines"]


def test_a_visitor_is_no_agent(case: NadiasCase) -> None:
    browser = Client(headers={"x-visitor": visitors.new_token(case.site.pk)})
    assert browser.get(f"/inbox/beside/{case.conversation}").status_code == 302


def test_the_inbox_offers_every_format_there_is(case: NadiasCase) -> None:
    page = _browser(case.tom).get("/inbox/").content.decode()
    assert all(f'"name": "{name}"' in page for name in formats())
