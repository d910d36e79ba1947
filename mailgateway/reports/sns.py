"""Reads the notifications of Amazon SES, which come by mail as JSON: bounce, complaint, delivery. Pure; knows nothing of other mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from mailgateway.reading.parsed import ParsedMail

BOUNCE, COMPLAINT, DELIVERY = "Bounce", "Complaint", "Delivery"
MAX_JSON = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification. Source: "Amazon SNS notification contents for Amazon SES" in its developer guide."""

    kind: str
    recipient: str = ""
    status: str = ""
    diagnostic: str = ""
    permanent: bool = False
    message_id: str = ""


def looks_like(mail: ParsedMail) -> bool:
    """Whether it is worth reading as one; cheap."""
    return mail.text[:200].lstrip().startswith("{") and "otificationType" in mail.text[:MAX_JSON]


def read(text: str) -> Notice | None:
    """The notification, or None if it is none. A topic without "raw delivery" wraps it in another layer."""
    told = _object(text)
    if isinstance(told.get("Message"), str):
        told = _object(told["Message"])
    kind = told.get("notificationType")
    if kind == BOUNCE:
        bounce = _dict(told.get("bounce"))
        who = _first(bounce.get("bouncedRecipients"))
        permanent = bounce.get("bounceType") == "Permanent"
        return _notice(told, kind, who, permanent=permanent)
    if kind == COMPLAINT:
        return _notice(told, kind, _first(_dict(told.get("complaint")).get("complainedRecipients")))
    return _notice(told, kind, {}) if kind == DELIVERY else None


def _notice(told: dict[str, Any], kind: str, who: dict[str, Any], *, permanent: bool = False) -> Notice:
    mail = _dict(told.get("mail"))
    meant = mail.get("destination")
    fallback = meant[0] if isinstance(meant, list) and meant else ""
    return Notice(
        kind=kind,
        recipient=str(who.get("emailAddress", "") or fallback)[:254],
        status=str(who.get("status", ""))[:20],
        diagnostic=str(who.get("diagnosticCode", "")).split(";", 1)[-1].strip()[:500],
        permanent=permanent,
        message_id=_own_id(mail) or str(mail.get("messageId", ""))[:300],
    )


def _own_id(mail: dict[str, Any]) -> str:
    common = str(_dict(mail.get("commonHeaders")).get("messageId", "")).strip("<> ")
    if common:
        return common[:300]
    for field in mail.get("headers") or ():
        if str(_dict(field).get("name", "")).lower() == "message-id":
            return str(field.get("value", "")).strip("<> ")[:300]
    return ""


def _object(text: str) -> dict[str, Any]:
    """The JSON object at the start of `text`; whatever a mailing service put below it is left out."""
    start, end = text.find("{"), text[:MAX_JSON].rfind("}")
    # The mail's long line may have been broken in the middle of a word; line breaks mean nothing between the words of JSON.
    whole = re.sub(r"[\r\n]+", "", text[start : end + 1])
    try:
        return _dict(msgspec.json.decode(whole.encode("utf-8", "replace")))
    except (msgspec.DecodeError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: object) -> dict[str, Any]:
    return _dict(value[0]) if isinstance(value, list) and value else {}
