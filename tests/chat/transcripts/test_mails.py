"""The mail formats hold every mail as it is kept, and the whole conversation as text; mail programs open them."""

from __future__ import annotations

import email
import mailbox
import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import closing
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from chat.events.delivery import AutomaticReceived, MailSent
from chat.events.talk import MessageSaid
from chat.ledger import blobs
from chat.ledger.event import Audience
from chat.transcripts.mails import MissingMail, mails
from chat.transcripts.mbox import _Body
from chat.transcripts.transcript import file_name, render, transcript_of
from chat.transcripts.witness import heads_in
from tests.chat.nadia import ADDRESS, NadiasCase

EVERYONE, AGENTS = Audience.EVERYONE, Audience.AGENTS
MADE = 1_795_780_800_000_000
CAME = (
    b"From: Nadia <nadia@customer.example>\r\nSubject: Re: lamp\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"From now on it hums.\r\n>From my side that is all.\r\n--throughline-0--\r\n\xc3\xbc"
)
SENT = b"From: Tom <support@support.example>\r\nSubject: Re: lamp\r\n\r\nWe look at it.\r\n"


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def with_mails(case: NadiasCase) -> tuple[int, int, int]:
    """A mail that came, one that was sent, and one whose blob is gone."""
    came = case.add(MessageSaid(by="Nadia", text="It hums.", address=ADDRESS, found_by="tag", original=blobs.store(CAME)), channel="email")
    sent = case.add(MailSent(of=came, to=ADDRESS, said="250 Ok", original=blobs.store(SENT)), by="system", channel="email")
    gone = case.add(MessageSaid(by="Nadia", text="Still.", address=ADDRESS, found_by="tag", original="ab" * 32), channel="email")
    return came, sent, gone


def taken(name: str, case: NadiasCase, *, audience: Audience = EVERYONE) -> bytes:
    return b"".join(render(name, case.conversation, audience=audience, made_at=MADE))


def test_the_mailbox_begins_with_the_conversation_and_holds_each_mail(case: NadiasCase, tmp_path: Path) -> None:
    _, _, gone = with_mails(case)
    (tmp_path / "m.mbox").write_bytes(taken("mbox", case))
    with closing(mailbox.mbox(tmp_path / "m.mbox")) as box:
        first, came, sent, missing = box
    assert first.get_content_type() == "text/plain"
    text = first.get_payload(decode=True).decode()
    assert "\n>From" not in text, "no line of our own has to be quoted"
    assert "came with a <dent> in the shade" in text and "It hums." in text
    assert came.get_payload(decode=True).startswith(b">From now on it hums.\n>>From my side that is all.\n")
    assert sent["Subject"] == "Re: lamp"
    assert missing["Subject"] == f"The mail of entry {gone} is missing"
    assert file_name("mbox", "BR-1") == "BR-1-mails.mbox"


def test_what_was_quoted_for_the_mailbox_can_be_restored() -> None:
    def boxed(*pieces: bytes) -> bytes:
        return b"".join(_Body().lines(iter(pieces)))

    assert boxed(b"a\r\nFrom b\r\n>From c\r\n>>Fromage\r\n") == b"a\n>From b\n>>From c\n>>Fromage\n\n"
    assert boxed(b"a\r", b"\nFro", b"m b") == b"a\n>From b\n\n"
    long = b"x" * 200_000
    assert boxed(long[:100_000], long[100_000:] + b"From y\r\nFrom z") == long + b"From y\n>From z\n\n"
    assert boxed(b"From " + long, b"From x\n") == b">From " + long + b"From x\n\n"
    assert boxed() == b"\n"


def test_the_message_of_all_mails_holds_the_text_and_a_digest_of_them(case: NadiasCase) -> None:
    came, sent, gone = with_mails(case)
    octets = taken("eml", case)
    whole = cast(EmailMessage, email.message_from_bytes(octets, policy=policy.default))
    assert not whole.defects
    text, digest = whole.iter_parts()
    assert "Final decision" in text.get_content()
    assert digest.get_content_type() == "multipart/digest"
    parts = list(digest.iter_parts())
    assert [part.get_filename() for part in parts] == [f"{came}-received.eml", f"{sent}-sent.eml", f"{gone}-received.eml"]
    assert all(part.get_content_type() == "message/rfc822" for part in parts)
    assert octets.count(CAME) == 1 and octets.count(SENT) == 1
    assert "not in the store of files any more" in parts[2].get_content().get_content()
    assert file_name("eml", "BR-1") == "BR-1-mails.eml"


@pytest.mark.parametrize("name", ["eml", "mbox"])
def test_a_conversation_without_mails_gives_the_one_message(case: NadiasCase, name: str, tmp_path: Path) -> None:
    octets = taken(name, case)
    whole = email.message_from_bytes(octets.partition(b"\n")[2] if name == "mbox" else octets, policy=policy.default)
    text = whole.get_payload(decode=True) if name == "mbox" else whole.get_body().get_content().encode()  # type: ignore[attr-defined]
    assert "came with a <dent> in the shade" in text.decode()


@pytest.mark.parametrize("name", ["eml", "mbox"])
def test_the_first_message_says_where_the_record_stands(case: NadiasCase, name: str, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(taken(name, case))
    with (tmp_path / "m").open("rb") as file:
        (said,) = heads_in(file, "m")
    assert (said.conversation, said.position) == (str(case.conversation), 17)


def test_the_same_transcript_is_the_same_file(case: NadiasCase) -> None:
    with_mails(case)
    assert [taken(name, case) for name in ("eml", "mbox")] == [taken(name, case) for name in ("eml", "mbox")]


def test_a_mail_for_the_team_only_is_not_in_the_customers_mailbox(case: NadiasCase) -> None:
    raw = b"Subject: Out of office\r\n\r\nUntil Monday.\r\n"
    automatic = AutomaticReceived(what="auto_reply", evidence="Auto-Submitted", original=blobs.store(raw))
    position = case.add(automatic, by="system", channel="email")
    assert b"Until Monday" not in taken("mbox", case)
    assert b"Until Monday" in taken("mbox", case, audience=AGENTS)
    told = transcript_of(case.conversation, audience=EVERYONE, upto=0)
    assert position not in [mail.position for mail in mails(told)]


def test_every_mail_is_had_by_its_name_and_one_that_is_gone_says_so(case: NadiasCase) -> None:
    came, sent, gone = with_mails(case)
    found = {mail.position: mail for mail in mails(transcript_of(case.conversation, audience=EVERYONE, upto=0))}
    assert (found[sent].of, found[sent].name) == (came, f"{sent}-sent.eml")
    with found[sent].open() as file:
        assert file.read() == SENT
    with pytest.raises(MissingMail, match="not in the store"):
        found[gone].open()
    assert 2 not in found


def test_mutt_opens_the_mailbox_and_finds_every_mail(case: NadiasCase, tmp_path: Path) -> None:
    with_mails(case)
    (tmp_path / "m.mbox").write_bytes(taken("mbox", case))
    set_up = ["set folder=. pipe_split=yes wait_key=no", 'push "<tag-pattern>~A<enter><tag-prefix>|cat >> piped<enter><exit>"']
    command = ["mutt", "-n", "-F", "/dev/null", "-R", "-f", "m.mbox", *(word for line in set_up for word in ("-e", line))]
    assert _at_a_terminal(command, tmp_path) == 0
    piped = (tmp_path / "piped").read_bytes()
    assert piped.count(b"\nSubject: ") == 4
    assert b"We look at it." in piped


def _at_a_terminal(command: list[str], folder: Path) -> int:
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm", "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
    os.close(theirs)
    try:
        for _ in _shown(ours):
            pass
        return process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _shown(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            return
        if not piece:
            return
        yield piece
