"""A letter as a MIME message with its headers; whatever stands in names and subjects cannot break out of a header.
Pure: no ledger, no sending.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from mailgateway import charset
from mailgateway.reading.body import safe_name
from mailgateway.sending import letter_html, letter_text
from mailgateway.sending.letter import HandOver, Letter, LetterFile, Line, PromiseLine, one_line

__all__ = ["HandOver", "Letter", "LetterFile", "Line", "PromiseLine", "Unsendable", "compose"]

MAX_SUBJECT = 200
MAX_NAME = 100
MAX_REFERENCES = 20
"""Of the newest; the first one of the thread stands before them."""
MAX_ID = 250

_WHOLE_HEADERS = {"message-id", "in-reply-to", "references", "throughline-seal", "throughline-signature"}


class Unsendable(ValueError):
    """This letter cannot become a mail; the text says what is wrong with which value."""


class _Policy(EmailPolicy):
    """The standard policy, but identifiers stay whole: it would turn long ones into encoded words, which nobody reads back."""

    def fold(self, name: str, value: str) -> str:
        return self._identifiers(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        whole = self._identifiers(name, value)
        return whole.encode("ascii", "replace") if whole else super().fold_binary(name, value)

    def _identifiers(self, name: str, value: str) -> str:
        if name.lower() not in _WHOLE_HEADERS:
            return ""
        return f"{name}: {(self.linesep + ' ').join(str(value).split())}{self.linesep}"


# 7bit: no server on the way has to recode the body, which would break signatures.
POLICY = _Policy(linesep="\r\n", cte_type="7bit", utf8=False)


def compose(letter: Letter) -> EmailMessage:
    """The message, ready to be sent as it is; Unsendable when an address or a link cannot be written down."""
    message = EmailMessage(policy=POLICY if letter.to.isascii() else POLICY.clone(utf8=True))
    automatic = bool(letter.automatic)
    shown = letter.site if not letter.signer or letter.signer == letter.site else f"{letter.signer}, {letter.site}"
    message["From"] = _address(shown, letter.from_address)
    message["To"] = _address(letter.customer, letter.to)
    message["Reply-To"] = _address(letter.site, letter.reply_address)
    message["Subject"] = subject_line(letter)
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.date / 1_000_000, UTC) if letter.date else datetime.now(UTC))
    message["Message-ID"] = _identifier(letter.message_id)
    if letter.in_reply_to and _plain_id(letter.in_reply_to):
        message["In-Reply-To"] = _identifier(letter.in_reply_to)
    references = _references(letter)
    if references:
        message["References"] = " ".join(references)
    if automatic:
        # RFC 3834 section 5.2: what a person wrote says nothing of it.
        message["Auto-Submitted"] = one_line(letter.automatic)
        message["X-Auto-Response-Suppress"] = "All"
    message["X-Throughline-Loop"] = _bare(letter.from_address)
    for name, value in letter.witness.items():
        message[name] = value
    message.set_content(_clean(letter_text.render(letter)))
    message.add_alternative(_clean(letter_html.render(letter)), subtype="html")
    for number, file in enumerate(letter.files, 1):
        _attach(message, file, number)
    _same_boundaries(message, letter.message_id)
    return message


def subject_line(letter: Letter) -> str:
    """The customer's own subject with "Re:" and the case number, each once."""
    own = one_line(charset.clean(letter.subject))[:MAX_SUBJECT]
    number = f"[{one_line(letter.case_number)}]"
    if not own:
        return f"{letter.say('Your conversation with {site}', site=one_line(letter.site)[:MAX_NAME])} {number}"
    own = own.replace(number, "").strip()
    return f"{own if own.lower().startswith(('re:', 'aw:')) else f'Re: {own}'} {number}"


def _address(name: str, address: str) -> Address:
    shown = one_line(charset.clean(name))[:MAX_NAME]
    try:
        if not address.isascii():
            # RFC 6532: the library would have none of it, unless it comes in two parts.
            local, _, domain = _bare(address).rpartition("@")
            return Address(display_name=shown, username=local, domain=domain)
        return Address(display_name=shown, addr_spec=_bare(address))
    except (ValueError, IndexError, MessageError) as problem:
        raise Unsendable(f"“{one_line(address)[:200]}” is no address to which mail can be sent.") from problem


def _bare(address: str) -> str:
    if any(char.isspace() or not char.isprintable() for char in address) or len(address) > 320:
        raise Unsendable(f"“{one_line(address)[:200]}” is no address to which mail can be sent.")
    return address


def _references(letter: Letter) -> list[str]:
    """The oldest (it names the thread) and the newest, as RFC 5322 section 3.6.4 lets long chains be cut; the answered mail comes last."""
    chain = [one for one in (*letter.references, letter.in_reply_to) if one and _plain_id(one)]
    chain = list(dict.fromkeys(one.strip("<> ") for one in reversed(chain)))[::-1]
    if len(chain) > MAX_REFERENCES + 1:
        chain = chain[:1] + chain[-MAX_REFERENCES:]
    return [f"<{one}>" for one in chain]


def _identifier(value: str) -> str:
    if not _plain_id(value):
        raise Unsendable(f"“{one_line(value)[:80]}” is no message identifier.")
    return f"<{value.strip('<> ')}>"


def _plain_id(value: str) -> bool:
    inner = value.strip("<> ")
    return 0 < len(inner) <= MAX_ID and inner.isascii() and not any(char in "<> \t\r\n" or not char.isprintable() for char in inner)


def _attach(message: EmailMessage, file: LetterFile, number: int) -> None:
    main, _, sub = file.media_type.lower().partition("/")
    # A message or multipart type would be re-parsed on the way; as bytes it arrives as it was.
    safe = main.isalnum() and sub and main not in {"multipart", "message"} and sub.isascii() and not set(sub) & set(' ;,"<>/\\\r\n')
    main, sub = (main, sub) if safe else ("application", "octet-stream")
    message.add_attachment(file.content, maintype=main, subtype=sub, filename=safe_name(file.name, file.media_type, number))


def _same_boundaries(message: EmailMessage, identifier: str) -> None:
    """A mail that is written again for another attempt is the same to its last octet."""
    name = hashlib.sha256(identifier.encode("ascii", "replace")).hexdigest()[:24]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{name}_{number}")


def _clean(text: str) -> str:
    return charset.clean(text)
