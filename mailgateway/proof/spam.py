"""What a spam filter in front of us wrote into a mail: rspamd, SpamAssassin (also through amavis), Microsoft 365, Mailgun, SES. Pure.

Believed only by those who know who wrote it; nothing in here decides what happens to the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgateway.reading.headers import Fields

_NUMBER = r"(-?\d{1,6}(?:\.\d{1,6})?)"
_RSPAMD = re.compile(rf"(?:^|:)\s*(true|false)\s*\[{_NUMBER}\s*/\s*-?[\d.]+\]", re.IGNORECASE)
_STATUS = re.compile(rf"\s*(yes|no)\b(?:.{{0,40}}?\b(?:score|hits)={_NUMBER})?", re.IGNORECASE | re.DOTALL)
_SCL = re.compile(r"(?:^|;)\s*SCL:\s*(-?\d{1,2})", re.IGNORECASE)
_VERDICT = re.compile(r"(?:^|;)\s*(?:SFV:\s*(?:SPM|SKS|SKB)|CAT:\s*(?:SPM|HSPM|PHSH|HPHSH|HPHISH|MALW|BULK))\s*(?:;|$)", re.IGNORECASE)
JUNK = 5
"""From this level on Microsoft calls a mail spam."""


@dataclass(frozen=True, slots=True)
class Junk:
    """`verdict` is spam, ham or empty (no filter spoke); `score` as the filter wrote it; `by` names the header line."""

    verdict: str = ""
    score: str = ""
    by: str = ""


def judged(fields: Fields) -> Junk:
    """One filter that says spam is enough: only their sender loses where somebody wrote the line themselves."""
    tops: dict[str, str] = {}
    for name, value in fields:
        tops.setdefault(name, value[:2000])
    found = [junk for junk in (_one(name, value, tops) for name, value in tops.items()) if junk.verdict]
    return next((junk for junk in found if junk.verdict == "spam"), found[0] if found else Junk())


def _one(name: str, value: str, tops: dict[str, str]) -> Junk:
    if name == "x-spamd-result" and (match := _RSPAMD.search(value)):
        return Junk(_said(match[1].lower() == "true"), match[2], name)
    if name == "x-spam-status" and (match := _STATUS.match(value)):
        return Junk(_said(match[1].lower() == "yes"), match[2] or "", name)
    if name in ("x-spam", "x-spam-flag", "x-mailgun-sflag") and value.strip().lower() in ("yes", "no", "true", "false"):
        score = tops.get("x-spam-score") or tops.get("x-rspamd-score") or tops.get("x-mailgun-sscore") or ""
        return Junk(_said(value.strip().lower() in ("yes", "true")), _number(score), name)
    if name == "x-ses-spam-verdict" and value.strip().upper() in ("PASS", "FAIL"):
        return Junk(_said(value.strip().upper() == "FAIL"), "", name)
    if name == "x-ms-exchange-organization-scl" and re.fullmatch(r"\s*-?\d{1,2}\s*", value):
        return Junk(_said(int(value) >= JUNK), value.strip(), name)
    if name == "x-forefront-antispam-report":
        level = _SCL.search(value)
        bad = _VERDICT.search(value) is not None or (level is not None and int(level[1]) >= JUNK)
        return Junk(_said(bad), level[1] if level else "", name) if bad or level else Junk()
    return Junk()


def _said(bad: bool) -> str:
    return "spam" if bad else "ham"


def _number(text: str) -> str:
    match = re.match(rf"\s*{_NUMBER}", text)
    return match[1] if match else ""
