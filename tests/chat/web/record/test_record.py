"""A link opens one conversation for the one it was made for: by their own browser, or with a code that reached their mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import AsyncClient, override_settings

from chat.events.lifecycle import CustomerIntroduced
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import read
from chat.ledger.event import AttachmentRef, Audience
from chat.people import codes, links, visitors
from chat.people.codes import CodeMail
from chat.people.models import Address, Customer, Link
from chat.transcripts import verifier
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase(confirmed=False).tell()


@pytest.fixture
def mailbox() -> Iterator[list[CodeMail]]:
    """Nadia's mailbox for codes."""
    mails: list[CodeMail] = []
    before = list(codes._carriers)
    codes.register_carrier(mails.append)
    yield mails
    codes._carriers[:] = before


def _browser(*, enforce_csrf_checks: bool = False) -> AsyncClient:
    return AsyncClient(enforce_csrf_checks=enforce_csrf_checks)


def _secret(case: NadiasCase) -> str:
    return links.issue(case.conversation, case.nadia.ref).path.partition("#")[2]


def _own_browser(case: NadiasCase) -> str:
    token = visitors.new_token(case.site.pk)
    known = visitors.recognise(token)
    assert known is not None
    Customer.objects.filter(pk=case.nadia.pk).update(visitor=known.digest)
    return token


async def _opened(case: NadiasCase) -> AsyncClient:
    browser = _browser()
    answer = await browser.post("/r/redeem", {"secret": _secret(case), "visitor": _own_browser(case)})
    assert answer.status_code == 302
    assert answer["Location"] == f"/r/{case.conversation}/"
    return browser


def _kinds(case: NadiasCase) -> list[str]:
    return [entry.kind for entry in read.events(case.conversation, audience=Audience.AGENTS)]


async def _page(browser: AsyncClient, case: NadiasCase, query: str = "") -> str:
    answer = await browser.get(f"/r/{case.conversation}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


async def test_her_own_browser_needs_no_code(case: NadiasCase) -> None:
    browser = await _opened(case)
    page = await _page(browser, case)
    assert "Nothing here was changed since it was sealed" in page
    assert "&lt;dent&gt;" in page
    assert _kinds(case)[-1] == "link.redeemed"
    assert browser.cookies[links.COOKIE]["httponly"]
    assert browser.cookies[links.COOKIE]["samesite"] == "Lax"


async def test_another_browser_gets_in_with_the_code_from_the_mail(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    Address.objects.create(customer=case.nadia, site=case.site, address=ADDRESS)
    browser = _browser()
    answer = await browser.post("/r/redeem", {"secret": _secret(case)})
    assert "six digits" in answer.content.decode()
    assert ADDRESS not in answer.content.decode()
    assert (await browser.get(f"/r/{case.conversation}/")).status_code == 404
    (mail,) = mailbox
    assert mail.to == ADDRESS
    assert (await browser.post("/r/code", {"code": mail.code})).status_code == 302
    assert "Heron" in await _page(browser, case)
    assert _kinds(case)[-2:] == ["link.redeemed", "address.confirmed"]
    head = read.head(case.conversation)
    assert head is not None
    assert head.state.customer.confirmed
    assert Address.objects.get(customer=case.nadia).confirmed_at is not None


async def test_once_a_mistyped_address_is_corrected_the_codes_of_old_links_go_to_the_right_one(
    case: NadiasCase, mailbox: list[CodeMail]
) -> None:
    secret = _secret(case)
    await read.in_thread(lambda: case.add(CustomerIntroduced(by="Nadia", address="nadia.lang@customer.example")))
    await _browser().post("/r/redeem", {"secret": secret})
    assert [mail.to for mail in mailbox] == ["nadia.lang@customer.example"]


async def test_a_code_is_dead_after_five_wrong_tries(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = _browser()
    await browser.post("/r/redeem", {"secret": _secret(case)})
    wrong = "000000" if mailbox[0].code != "000000" else "000001"
    for _ in range(5):
        assert (await browser.post("/r/code", {"code": wrong})).status_code in (403, 404)
    assert (await browser.post("/r/code", {"code": mailbox[0].code})).status_code == 404


def test_guesses_sent_at_once_are_counted_one_by_one(mailbox: list[CodeMail]) -> None:
    kept = codes.send("link:guessed", site=1, to=ADDRESS, case_number="BR-1")
    assert kept is not None
    code = mailbox[0].code
    assert not any(codes.matches(dict(kept), "link:guessed", f"{(int(code) + n) % 10**6:06}") for n in range(1, codes.TRIES + 1))
    assert not codes.matches(dict(kept), "link:guessed", code)


async def test_a_link_mails_only_so_many_codes(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    secret = _secret(case)
    answers = [(await _browser().post("/r/redeem", {"secret": secret})).status_code for _ in range(codes.PER_HOUR + 1)]
    assert answers[-1] == 429
    assert len(mailbox) == codes.PER_HOUR


async def test_unknown_cancelled_and_expired_links_are_alike(case: NadiasCase) -> None:
    token = _own_browser(case)
    cancelled, expired = _secret(case), _secret(case)
    links.cancel(links.find(cancelled).pk)  # type: ignore[union-attr]
    Link.objects.filter(pk=links.find(expired).pk).update(expires_at="2020-01-01T00:00Z")  # type: ignore[union-attr]
    pages = set()
    for secret in (cancelled, expired, "never-made"):
        answer = await _browser().post("/r/redeem", {"secret": secret, "visitor": token})
        assert answer.status_code == 404
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()))
    assert len(pages) == 1


async def test_the_cookie_opens_no_other_conversation_and_cannot_be_forged(case: NadiasCase) -> None:
    browser = await _opened(case)
    other = NadiasCase().tell()
    assert (await browser.get(f"/r/{other.conversation}/")).status_code == 404
    value = browser.cookies[links.COOKIE].value
    assert links.session_of({links.COOKIE: value}, case.conversation) is not None
    assert links.session_of({links.COOKIE: value[:-1] + ("0" if value[-1] != "0" else "1")}) is None
    assert links.session_of({links.COOKIE: "1.1.1"}) is None
    assert links.session_of({links.COOKIE: "1.1.²"}) is None
    assert (await browser.get(f"/r/{case.conversation}/entries?after=²")).status_code == 404


async def test_a_named_link_stays_the_same_when_a_mail_is_tried_again(case: NadiasCase) -> None:
    first = links.issue(case.conversation, case.nadia.ref, name="mail:7")
    assert links.issue(case.conversation, case.nadia.ref, name="mail:7") == first
    assert links.issue(case.conversation, case.nadia.ref, name="mail:8") != first


async def test_notes_stand_open_or_sealed_as_the_header_says(case: NadiasCase) -> None:
    browser = await _opened(case)
    page = await _page(browser, case)
    assert "need Ines" in page
    assert "Her bank told us" not in page
    assert "Note of the team, withheld: it names another person" in page
    assert "need Ines" not in await _page(browser, case, "?notes=hide")


async def test_a_file_of_a_note_is_named_and_not_linked(case: NadiasCase) -> None:
    receipt = AttachmentRef(name="bank-receipt.pdf", media_type="application/pdf", size=4_096, digest="5a" * 32)
    position = await read.in_thread(
        lambda: case.add(NoteAdded(by="Tom", text="The bank's answer.", attachments=(receipt,)), by=case.tom.ref, channel="inbox")
    )
    browser = await _opened(case)
    page = await _page(browser, case)
    assert "bank-receipt.pdf" in page
    assert f"/files/{case.conversation}/{position}/" not in page
    assert re.search(rf'<a class="attach" href="/files/{case.conversation}/2/0\?k=', page), "her own photo has its link"


async def test_a_tab_shows_one_channel(case: NadiasCase) -> None:
    browser = await _opened(case)
    page = await _page(browser, case, "?show=email")
    assert "I have asked the bank today." in page
    assert "I will refund EUR 40" not in page


async def test_she_goes_on_in_the_same_conversation_and_a_second_press_adds_nothing(case: NadiasCase) -> None:
    browser = await _opened(case)
    form = {"text": "Thank you both.", "key": "say:one"}
    first = await browser.post(f"/r/{case.conversation}/say", form)
    again = await browser.post(f"/r/{case.conversation}/say", form, headers={"X-Requested-With": "record"})
    assert (first.status_code, again.status_code) == (302, 204)
    said = [e for e in read.events(case.conversation, audience=Audience.EVERYONE) if isinstance(e.body, MessageSaid)]
    assert [e.body.text for e in said if isinstance(e.body, MessageSaid)].count("Thank you both.") == 1
    assert said[-1].actor == case.nadia.ref
    position = said[-1].position
    part = await browser.get(f"/r/{case.conversation}/entries?after={position - 1}")
    assert "Thank you both." in part.content.decode()
    assert part["X-Position"] == str(position)


@pytest.mark.parametrize("name", ["text", "html", "json"])
async def test_she_saves_it_and_the_saving_is_the_next_entry(case: NadiasCase, name: str) -> None:
    browser = await _opened(case)
    head = read.head(case.conversation)
    assert head is not None
    answer = await browser.post(f"/r/{case.conversation}/save/{name}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join([piece async for piece in answer.streaming_content]).decode()
    assert "RF-20261125-0093" in content
    assert "need Ines" in content
    assert "Her bank told us" not in content
    assert _kinds(case)[-1] == "transcript.taken"
    if name == "json":
        _, chain = verifier.record([content.encode()])
        assert (chain.position, chain.seal) == (head.position, head.seal.hex())


async def test_cancelling_closes_every_browser_and_stands_in_the_record(case: NadiasCase) -> None:
    browser = await _opened(case)
    row = Link.objects.get(conversation=case.conversation).pk
    answer = await browser.post(f"/r/{case.conversation}/links/{row}/cancel")
    assert "cancelled" in answer.content.decode()
    assert (await browser.get(f"/r/{case.conversation}/")).status_code == 404
    assert _kinds(case)[-1] == "link.revoked"


async def test_signing_out_leaves_the_link_alive(case: NadiasCase) -> None:
    browser = await _opened(case)
    await browser.post(f"/r/{case.conversation}/sign-out")
    assert (await browser.get(f"/r/{case.conversation}/")).status_code == 404
    assert _kinds(case)[-1] == "link.redeemed"


async def test_the_door_has_no_script_in_the_page_and_never_asks_in_the_address(database: str) -> None:
    page = (await _browser().get("/r/")).content.decode()
    assert not re.search(r"<script(?![^>]*src=)| style=| on\w+=", page)
    assert 'method="post"' in page


async def test_a_foreign_page_cannot_post_here(case: NadiasCase) -> None:
    strict = _browser(enforce_csrf_checks=True)
    assert (await strict.post("/r/redeem", {"secret": "x"})).status_code == 403


async def test_a_changed_entry_is_named_on_the_page(case: NadiasCase) -> None:
    browser = await _opened(case)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER chat_event_only_cross_out" + (" ON chat_event" if connection.vendor == "postgresql" else ""))
        cursor.execute("UPDATE chat_event SET body = replace(body, 'refund EUR 40 so', 'refund EUR 90 so') WHERE position = 5")
    page = await _page(browser, case)
    assert "Something here does not match its seal" in page
    assert "The first entry that does not match is" in page
    assert f'href="/r/{case.conversation}/?before=6#e5">number 5</a>' in page
