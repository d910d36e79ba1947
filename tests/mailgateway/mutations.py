"""Answers to mails of ours as the world sends them back: signs lost, folded, rewritten, altered, forged. By a seed, always the same ones.

Knows how mail programs and servers treat mail; knows nothing of the code under test but the letters it sent.
"""

from __future__ import annotations

import base64
import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.message import EmailMessage

PLAIN = "support@support.example"
PREFIXES = (
    "Re: ",
    "RE: ",
    "AW: ",
    "SV: ",
    "Antw: ",
    "RES: ",
    "Odp: ",
    "RIF: ",
    "VS: ",
    "回复: ",
    "Ответ: ",
    "返信: ",
    "YNT: ",
    "Re[2]: ",
    "Re: AW: Re: ",
)
PASSED_ON = ("Fwd: ", "FW: ", "WG: ", "TR: ", "RV: ", "VB: ", "I: ", "ENC: ", "PD: ", "转发: ")
CHANGED = ("One more thing", "Frage zur Lampe", "", "Re:", "URGENT", "お問い合わせ", "Rechnung 2026-11")
REWRITERS = ("AM0PR04MB{}.eurprd04.prod.outlook.com", "0102018{}-000000@eu-west-1.amazonses.com", "{}@mail.gmail.com")


@dataclass(frozen=True)
class Sent:
    """A letter of ours: whose conversation it is about, and what a mail program sees of it."""

    conversation: int
    customer: str
    name: str
    letter: EmailMessage

    @property
    def tag(self) -> str:
        found = re.search(r"[\w.+-]+@[\w.-]+", str(self.letter["Reply-To"]))
        assert found
        return found[0]

    @property
    def identifier(self) -> str:
        return str(self.letter["Message-ID"])

    @property
    def text(self) -> str:
        return str(self.letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # every letter has both

    @property
    def html(self) -> str:
        return str(self.letter.get_body(("html",)).get_content())  # type: ignore[union-attr]  # as above

    @property
    def marker(self) -> str:
        found = re.search(r"\[#[a-z2-7]{30,}#\]", self.text)
        assert found
        return found[0]


@dataclass(frozen=True)
class Draft:
    """One answer. `signs` are the authentic ones left in it; `forged` says that somebody made it to be believed."""

    recipient: str
    sender: str
    name: str
    to: str
    subject: str
    text: str
    number: int
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    delivered_to: str = ""
    html: str = ""
    enclosed: bytes = b""
    extra: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset({"tag", "references", "marker"})
    altered: bool = False
    what: tuple[str, ...] = field(default=())

    def raw(self) -> bytes:
        lines = [
            f"From: {self.name} <{self.sender}>",
            f"To: {self.to}",
            f"Subject: {_encoded(self.subject)}",
            f"Message-ID: <m{self.number}@{self.sender.partition('@')[2]}>",
            *([f"In-Reply-To: {self.in_reply_to}"] if self.in_reply_to else []),
            *(["References: " + "\r\n ".join(self.references)] if self.references else []),
            *self.extra,
            "MIME-Version: 1.0",
        ]
        if self.delivered_to:
            lines.insert(0, f"Delivered-To: {self.delivered_to}")
        return ("\r\n".join(lines) + "\r\n").encode() + self._body()

    def _body(self) -> bytes:
        kind, content = ("html", self.html) if self.html else ("plain", self.text)
        body = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{content}\r\n".encode()
        if not self.enclosed:
            return body
        file = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=mail.eml\r\n\r\n" + self.enclosed
        return b'Content-Type: multipart/mixed; boundary="=b"\r\n\r\n--=b\r\n' + body + b"\r\n--=b\r\n" + file + b"\r\n--=b--\r\n"


Change = Callable[[random.Random, Draft, Sent], Draft]


def answer(sent: Sent, number: int, text: str = "Thank you, that helps.") -> Draft:
    """As it comes back when nothing happens to it."""
    quoted = "".join(f"> {line}\n" for line in sent.text.splitlines())
    earlier = tuple(str(sent.letter.get("References", "")).split())
    return Draft(
        recipient=sent.tag,
        sender=sent.customer,
        name=sent.name,
        to=f"Brindle Lamps <{sent.tag}>",
        subject=f"Re: {sent.letter['Subject']}",
        text=f"{text} ({number})\n\nOn Fri, 20 Nov 2026 at 10:12, Tom <{PLAIN}> wrote:\n{quoted}",
        number=number,
        in_reply_to=sent.identifier,
        references=(*earlier, sent.identifier),
    )


def _without(draft: Draft, sign: str, what: str, **changes: object) -> Draft:
    return replace(draft, signs=draft.signs - {sign}, what=(*draft.what, what), **changes)


def _with(draft: Draft, what: str, **changes: object) -> Draft:
    return replace(draft, what=(*draft.what, what), **changes)


def tag_stripped(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _without(draft, "tag", "tag stripped", recipient=PLAIN, to=f"Brindle Lamps <{PLAIN}>")


def tag_in_capitals(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "tag in capitals", recipient=sent.tag.upper(), to=f"<{sent.tag.upper()}>")


def tag_folded(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    at = 30
    return _with(draft, "tag folded", recipient=PLAIN, to=f"<{sent.tag[:at]}\r\n {sent.tag[at:]}>")


def tag_altered(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    at = chance.randrange(9, 40)
    kind = chance.choice(("changed", "lost", "doubled"))
    letter = chance.choice([one for one in "abcdefgh234567" if one != sent.tag[at]])
    changed = {"changed": letter + sent.tag[at + 1 :], "lost": sent.tag[at + 1 :], "doubled": sent.tag[at] + sent.tag[at:]}[kind]
    address = sent.tag[:at] + changed
    return _without(draft, "tag", f"tag {kind}", recipient=address, to=address, altered=True)


def tag_in_delivered_to(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "tag in Delivered-To alone", recipient=PLAIN, to=f"<{PLAIN}>", delivered_to=sent.tag)


def tag_as_a_name(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "tag as a name", recipient=PLAIN, to=f"\"'{sent.tag}'\" <{PLAIN}>")


def tag_in_the_envelope(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "tag in the envelope alone", to="undisclosed-recipients:;")


def references_cut(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "In-Reply-To alone", references=())


def references_alone(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "References alone", in_reply_to="")


def references_gone(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _without(draft, "references", "no references", in_reply_to="", references=())


def identifier_rewritten(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    new = f"<{chance.choice(REWRITERS).format(chance.randrange(10**9))}>"
    new = new if "@" in new else f"<{chance.randrange(10**12)}@{new.strip('<>')}>"
    return _without(draft, "references", "Message-ID rewritten", in_reply_to=new, references=(new,))


def references_mixed(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    strange = tuple(f"<{chance.randrange(10**12)}@elsewhere.example>" for _ in range(chance.randrange(1, 30)))
    return _with(draft, "strange references too", references=(*strange, *draft.references))


def references_in_capitals(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "references in capitals", in_reply_to=sent.identifier.upper(), references=())


def quote_gone(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _without(draft, "marker", "no quote", text=f"Yes, please. ({draft.number})")


def quote_in_html(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    body = f'<div dir="ltr">Thanks! ({draft.number})</div><br><div class="gmail_quote"><blockquote>{sent.html}</blockquote></div>'
    return _with(draft, "quote in HTML", html=body)


def marker_broken_by_a_line(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    marker = sent.marker
    return _with(draft, "marker over two lines", text=draft.text.replace(marker, f"{marker[:20]}\n> {marker[20:]}"))


def marker_in_entities(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    marker = sent.marker.replace("#", "&#35;")
    body = f"<p>Good ({draft.number})</p><blockquote><pre>{html.escape(sent.text)}</pre></blockquote>".replace(
        html.escape(sent.marker), marker
    )
    return _with(draft, "marker in entities", html=body)


def subject_prefixed(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "another prefix", subject=chance.choice(PREFIXES) + str(sent.letter["Subject"]))


def subject_passed_on(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "passed on", subject=chance.choice(PASSED_ON) + str(sent.letter["Subject"]))


def subject_changed(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "another subject", subject=chance.choice(CHANGED))


def other_sender(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "another sender", sender=f"paul{chance.randrange(10**6)}@other.example", name="Paul")


def list_in_between(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    extra = ("List-Id: <team.lists.example>", f"X-Original-From: {sent.name} <{sent.customer}>", f"Reply-To: {sent.customer}")
    return _with(draft, "through a list", sender="team@lists.example", name=f"{sent.name} via Team", extra=extra)


def batv_and_srs(chance: random.Random, draft: Draft, sent: Sent) -> Draft:
    local, _, domain = sent.customer.partition("@")
    path = chance.choice((f"prvs=4521ab7={sent.customer}", f"SRS0=Hx7F=TT={domain}={local}@forwarder.example"))
    return _with(draft, "SRS or BATV", extra=(*draft.extra, f"Return-Path: <{path}>"))


def our_mail_as_a_file(_: random.Random, draft: Draft, sent: Sent) -> Draft:
    return _with(draft, "our mail attached", enclosed=sent.letter.as_bytes(), signs=draft.signs | {"file"})


ADDRESS: tuple[Change, ...] = (
    tag_stripped,
    tag_in_capitals,
    tag_folded,
    tag_altered,
    tag_in_delivered_to,
    tag_as_a_name,
    tag_in_the_envelope,
)
REFERENCES: tuple[Change, ...] = (
    *(references_cut, references_alone, references_gone, identifier_rewritten, references_mixed, references_in_capitals),
)
QUOTE: tuple[Change, ...] = (quote_gone, quote_in_html, marker_broken_by_a_line, marker_in_entities)
REST: tuple[Change, ...] = (
    subject_prefixed,
    subject_passed_on,
    subject_changed,
    other_sender,
    list_in_between,
    batv_and_srs,
    our_mail_as_a_file,
)


def mutated(chance: random.Random, sent: Sent, number: int) -> Draft:
    """An answer to which one to four things happened, with at least one authentic sign left."""
    while True:
        draft = answer(sent, number)
        for group, odds in ((ADDRESS, 0.8), (REFERENCES, 0.7), (QUOTE, 0.6), (REST, 0.8)):
            if chance.random() < odds:
                draft = chance.choice(group)(chance, draft, sent)
        if draft.signs:
            return draft


def _encoded(subject: str) -> str:
    return subject if subject.isascii() else f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="
