"""The chain of signs by which a mail finds its conversation: their order, what is altered, what disagrees."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from mailgateway import message_id, reply_address, text_marker, thread
from mailgateway.parser import parse
from mailgateway.thread import Keys, Trail
from tests.mailgateway.mails import mail

KEYS = Keys({1: b"r" * 32}, {1: b"m" * 32}, {1: b"v" * 32}, {1: b"t" * 32})
TAG = reply_address.make("support", domain="support.example", conversation=41, addressee=7, key=(1, KEYS.reply[1]))
OURS = message_id.make("support.example", conversation=41, position=3, addressee=7, key=(1, KEYS.identifier[1]))
VERP = message_id.make_envelope_sender(
    "bounces", domain="support.example", conversation=41, position=3, addressee=7, key=(1, KEYS.envelope[1])
)
MARKER = text_marker.make(41, addressee=7, key=(1, KEYS.marker[1]))


def follow(raw: bytes, *recipients: str, stored: dict[str, int] | None = None) -> Trail:
    known = stored or {}
    return thread.follow(
        parse(raw),
        recipients or ("support@support.example",),
        keys=KEYS,
        bases=["support"],
        known=lambda ids: {i: known[i] for i in ids if i in known},
    )


def test_the_envelope_is_trusted_before_everything_else() -> None:
    trail = follow(mail(f"> {MARKER}\n", To=TAG, References=f"<{OURS}>", Delivered_To=TAG), TAG)
    assert [hit.step for hit in trail.hits] == ["reply-address", "delivered-to", "recipients", "references", "marker"]
    assert trail.found == thread.Hit("reply-address", 41, 7)
    assert not trail.disagree


def test_a_forwarding_alias_is_seen_through_by_delivered_to() -> None:
    found = follow(mail(Delivered_To=TAG), "alias@support.example").found
    assert found is not None
    assert found.step == "delivered-to"


def test_the_newest_reference_counts_first() -> None:
    raw = mail(References="<old@x.example> <new@x.example>")
    found = follow(raw, stored={"old@x.example": 1, "new@x.example": 2}).found
    assert found == thread.Hit("references", 2)


def test_an_automatic_answer_to_our_envelope_sender_finds_its_thread() -> None:
    assert follow(mail(), VERP).found == thread.Hit("envelope-sender", 41, 7)


def test_a_mail_without_any_sign_is_new() -> None:
    trail = follow(mail("Hello\n"))
    assert trail.found is None
    assert not trail.altered
    assert not trail.disagree


def test_an_address_and_references_of_two_conversations_disagree() -> None:
    assert follow(mail(References="<other@x.example>"), TAG, stored={"other@x.example": 99}).disagree


def test_a_forwarded_mail_is_known_by_its_subject() -> None:
    assert follow(mail(Subject="Fwd: Re: Lamp"), TAG).forwarded
    assert not follow(mail(Subject="Re: Forwarding address"), TAG).forwarded


@given(at=st.integers(0, len(TAG.partition("@")[0]) - 9), letter=st.sampled_from(string.ascii_lowercase + string.digits + "-._"))
def test_one_altered_character_is_noticed_and_never_believed(at: int, letter: str) -> None:
    place = 8 + at
    changed = TAG[:place] + letter + TAG[place + 1 :]
    trail = follow(mail(References=f"<{OURS}>"), changed)
    if changed == TAG:
        assert not trail.altered
        return
    assert trail.altered
    assert trail.found == thread.Hit("references", 41, 7)


def test_upper_and_lower_case_are_the_same_tag() -> None:
    assert follow(mail(), TAG.upper()).found == follow(mail(), TAG).found


def test_a_tag_is_read_however_its_header_was_written() -> None:
    local, _, domain = TAG.partition("@")
    for written in (
        f"<{TAG[:25]}\r\n {TAG[25:]}>",
        f"\"'{TAG}'\" <support@support.example>",
        f"Friends: x@y.example, {TAG};",
        f"<{local.replace('+', '%2b')}@{domain}>",
        f"<mailto:{TAG}>",
    ):
        assert follow(mail(To=written)).found == thread.Hit("recipients", 41, 7), written


def test_marks_of_ours_are_read_in_an_attached_mail() -> None:
    inside = f"From: x@y.example\r\nMessage-ID: <{OURS}>\r\nReply-To: {TAG}\r\n\r\nHello\r\n"
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nSee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inside}\r\n--b--\r\n"
    trail = follow(mail(body, Content_Type='multipart/mixed; boundary="b"', MIME_Version="1.0"))
    assert [hit.step for hit in trail.hits] == ["enclosed", "enclosed"]
    assert trail.found == thread.Hit("enclosed", 41, 7)


def test_conversations_are_followed_to_where_they_go_on() -> None:
    trail = follow(mail(References="<other@x.example>"), TAG, stored={"other@x.example": 99})
    assert trail.disagree
    assert not trail.onward({41: 99, 99: 99}).disagree
    assert trail.onward({99: 99}).found == thread.Hit("references", 99)


def test_what_is_broken_at_another_domain_is_not_ours() -> None:
    broken = f"tl.{'a' * 45}@vendor.example"
    trail = thread.follow(
        parse(mail(References=f"<{broken}>", Cc=f"help+{'a' * 37}@vendor.example")),
        ("support@support.example",),
        keys=KEYS,
        bases=["support"],
        known=lambda ids: {},
        domains=("support.example",),
    )
    assert not trail.altered
    assert not trail.forged
