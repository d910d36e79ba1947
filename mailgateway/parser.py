"""A mail's bytes in, a ParsedMail out: the pure function, and the worker that runs it in a subprocess (`python -m mailgateway.parser`).

Must never import Django: it starts in milliseconds and holds nothing worth stealing.
"""

from __future__ import annotations

import resource
import sys
from typing import BinaryIO

import msgspec

from mailgateway import body, headers, mime
from mailgateway.parsed import MailAttachment, Mailbox, ParsedMail, Report
from mailgateway.parser_process import LENGTH, ParserProcess, Unparsable

__all__ = ["MailAttachment", "Mailbox", "ParsedMail", "ParserProcess", "Report", "Unparsable", "parse"]

CPU_SECONDS = 20
MEMORY_BYTES = 1536 * 1024 * 1024

_DELIVERED = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
    "x-rcpt-to",
    "apparently-to",
)
_SIGNALS = (
    "auto-submitted",
    "precedence",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-loop",
    "x-failed-recipients",
    "x-throughline-loop",
    "list-id",
    "list-unsubscribe",
    "list-post",
    "feedback-id",
    "return-path",
    "x-envelope-from",
    "content-type",
    "x-mailer",
    "x-ms-exchange-generated-message-source",
    "x-ms-exchange-message-is-ndr",
    "x-forwarded-for",
    "resent-from",
)
_MAX_SIGNAL = 1000


def parse(raw: bytes) -> ParsedMail:
    """What the mail says; anything odd is in `notes`. Pure, and made never to raise."""
    budget = mime.Budget()
    root = mime.tree(raw, budget)
    known = root.fields
    found = body.gather(root, budget)
    senders = _addresses(known, "from")
    if not senders:
        budget.note("no-from")
    if len(headers.every(known, "from")) > 1:
        budget.note("several-from")
    when = headers.date(headers.first(known, "date"))
    if when is None:
        budget.note("no-date")
    ids = headers.identifiers(headers.first(known, "message-id"))
    return ParsedMail(
        message_id=ids[0] if ids else "",
        in_reply_to=headers.identifiers(" ".join(headers.every(known, "in-reply-to"))),
        references=headers.identifiers(" ".join(headers.every(known, "references"))),
        sender=senders[0] if senders else None,
        reply_to=_addresses(known, "reply-to"),
        to=_addresses(known, "to"),
        cc=_addresses(known, "cc"),
        delivered_to=_delivered(known),
        subject=headers.words(headers.first(known, "subject"))[:_MAX_SIGNAL],
        date=when,
        text=found.text,
        html=found.html,
        attachments=tuple(found.attachments),
        signals={name: headers.first(known, name)[:_MAX_SIGNAL] for name in _SIGNALS if headers.every(known, name)},
        report=_report(root),
        notes=tuple(budget.notes),
    )


def _addresses(known: headers.Fields, name: str) -> tuple[Mailbox, ...]:
    return tuple(box for value in headers.every(known, name) for box in headers.addresses(value))[: headers.MAX_ADDRESSES]


def _delivered(known: headers.Fields) -> tuple[str, ...]:
    """Addresses of the Delivered-To family; headers are prepended on the way, so the first is the last hop."""
    found = [box.address for name, value in known if name in _DELIVERED for box in headers.addresses(value)]
    return tuple(dict.fromkeys(found))[:50]


def _report(root: mime.Part) -> Report | None:
    parts = _walk(root)
    status = [part for part in parts if part.media_type in {"message/delivery-status", "message/global-delivery-status"}]
    other = [part for part in parts if part.media_type in {"message/disposition-notification", "message/feedback-report"}]
    if not (status or other or root.media_type == "multipart/report"):
        return None
    blocks: list[dict[str, str]] = []
    for part in status + other:
        for chunk in part.content.replace(b"\r\n", b"\n").split(b"\n\n")[:50]:
            values = dict(reversed([(name, headers.words(value)[:_MAX_SIGNAL]) for name, value in headers.fields(chunk)]))
            if values:
                blocks.append(values)
    original: dict[str, str] = {}
    for part in parts:
        if part.media_type in {
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
            "message/global-headers",
        }:
            block = part.content.replace(b"\r\n", b"\n").lstrip(b"\n").split(b"\n\n", 1)[0]
            original = dict(reversed([(name, value[:_MAX_SIGNAL]) for name, value in headers.fields(block)]))
            break
    stated = root.type_params.get("report-type", "").lower() or ("delivery-status" if status else "")
    return Report(report_type=stated, fields=tuple(blocks), original=original)


def _walk(part: mime.Part) -> list[mime.Part]:
    found = [part]
    for child in part.children:
        found += _walk(child)
    return found


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer one frame after the other until the pipe is closed."""
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        raw = source.read(LENGTH.unpack(head)[0])
        _allow_cpu()
        try:
            answer = msgspec.msgpack.encode({"mail": parse(raw)})
        except MemoryError:
            answer = msgspec.msgpack.encode({"reason": "it needs more memory than one mail may take"})
        except Exception as problem:  # one bad mail must not end the worker
            answer = msgspec.msgpack.encode({"reason": f"{type(problem).__name__} while parsing"})
        sink.write(LENGTH.pack(len(answer)) + answer)
        sink.flush()


def _allow_cpu() -> None:
    """CPU limits count for a process's whole life, so each mail moves the soft limit on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
