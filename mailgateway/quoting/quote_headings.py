"""How many lines the heading of a quote takes: "On Tuesday Tom wrote:", wrapped or not, and header lines that were copied. Pure.

Knows where a heading ends; what then becomes of the lines is said in quotes.py.
"""

from __future__ import annotations

import re

from mailgateway.quoting import quote_signs as signs

WITHIN_MARKS = 20
_OTHER_MARK = re.compile(r"[|:)}%#\]](?=[ \t]|$)|[A-Za-z]{1,4}>(?!>)")


def marked(line: str) -> bool:
    """Whether the line has a quote's mark in front."""
    return line.lstrip(" \t\xa0").startswith((">", "＞"))


def other_mark(lines: list[str], at: int) -> str:
    """What stands before each quoted line below a heading, where that is not ">": "|", ")", or the writer's initials, as "TA>"."""
    first = _after_blanks(lines, at, limit=6)
    found = _OTHER_MARK.match(lines[first]) if first < len(lines) else None
    if found is None:
        return ""
    below = lines[first : first + WITHIN_MARKS]
    return found[0] if sum(line.startswith(found[0]) for line in below) > 1 else ""


def attribution_lines(lines: list[str], at: int) -> int:
    """Number of lines which an attribution takes from here, 0 when there is none."""
    if not signs.may_attribute(lines[at]):
        return int(signs.wrote_alone(lines[at]) and next_is_quoted(lines, at + 1))
    if not any(signs.may_end_attribution(line) for line in lines[at : at + signs.MAX_HEADING_LINES]):
        return 0
    heading = ""
    taken = 0
    while taken < signs.MAX_HEADING_LINES and at + taken < len(lines):
        line = lines[at + taken].strip()
        taken += 1
        within = heading.count("<") > heading.count(">")
        if len(heading) + len(line) > signs.MAX_HEADING or (taken > 1 and line.startswith(">") and not within):
            return 0
        if not line:
            # Some programs set name and address of the author as paragraphs of their own.
            if not heading or not (within or _angled(lines, at + taken)):
                return 0
            continue
        heading = _joined(heading, line)
        if signs.is_attribution(heading) or (_above_quote(lines, at + taken) and signs.is_attribution(heading, above_quote=True)):
            return taken if taken == 1 or _begins_here(lines, at, taken) else 0
        if line.endswith((":", "：")):
            return 0
        # Behind the verb there may be the name on a line of its own, and nothing else.
        if signs.may_end_attribution(line) and not line.endswith(">") and not _closes(lines, at + taken):
            return 0
    return 0


def _closes(lines: list[str], at: int) -> bool:
    return at < len(lines) and lines[at].rstrip().endswith((":", "："))


def _joined(heading: str, line: str) -> str:
    if heading.endswith("="):
        # A soft break of quoted-printable that was never decoded.
        return heading[:-1] + line
    return f"{heading}{line}" if heading.endswith("<") else f"{heading} {line}".strip()


def _angled(lines: list[str], at: int) -> bool:
    return at < len(lines) and lines[at].lstrip().startswith("<")


def _above_quote(lines: list[str], at: int) -> bool:
    return signs.may_end_attribution(lines[at - 1]) and next_is_quoted(lines, at)


def _begins_here(lines: list[str], at: int, taken: int) -> bool:
    """A sentence of the answer may stand right above an attribution: then that begins with a later line."""
    if not signs.begins_with_date(lines[at]):
        return False
    later = (begin for begin in range(at + 1, at + taken) if signs.opens_with_year(lines[begin]))
    return not any(signs.is_attribution(" ".join(line.strip() for line in lines[begin : at + taken])) for begin in later)


def header_lines(lines: list[str], at: int) -> int:
    """Number of lines of a copied header block (From, Sent, To, Subject) from here, a rule above it included; 0 when there is none."""
    begin = at
    if not signs.label_of(lines[at]) and (signs.is_rule(lines[at]) or signs.is_dashed(lines[at])):
        at = _after_blanks(lines, at + 1, limit=2)
        length = attribution_lines(lines, at) if at < len(lines) else 0
        if length:
            return at + length - begin
    if at >= len(lines) or not signs.label_of(lines[at]):
        return 0
    found: set[str] = set()
    addressed = dated = False
    # A wrapped list of recipients may stand between two labels.
    unlabelled = 0
    end = at
    while at < len(lines) and unlabelled <= 3:
        if not lines[at].strip():
            at = _after_blanks(lines, at, limit=1)
            # Blank lines stand inside only if another new label follows.
            label = signs.label_of(lines[at]) if at < len(lines) else ""
            if not label or label in found or not lines[at].strip():
                break
            continue
        label = signs.label_of(lines[at])
        if not label and signs.is_form_field(lines[at]):
            return 0
        if not label and not unlabelled and len(found) >= 4:
            break
        unlabelled = 0 if label else unlabelled + 1
        if label == "from" and label in found:
            break
        if label:
            found |= signs.labels_in(lines[at]) | {label} if not found else {label}
            end = at + 1
            addressed = addressed or signs.has_address(lines[at])
            dated = dated or (label == "sent" and signs.tells_when(lines[at]))
        at += 1
        if label != "cc" and not label and not found:
            break
    if any(signs.is_form_field(line) for line in lines[end : end + 3]):
        return 0
    enough = "from" in found and len(found) >= 3 and bool(found & {"sent", "subject"})
    # Two of them are as good if one says when, to the minute, and another is an address.
    enough = enough or (dated and addressed and bool(found & {"from", "to"}))
    return end - begin if enough else 0


def _after_blanks(lines: list[str], at: int, *, limit: int) -> int:
    while at < len(lines) and limit and not lines[at].strip():
        at += 1
        limit -= 1
    return at


def next_is_quoted(lines: list[str], at: int) -> bool:
    """Whether the next line with words in it is a quoted one."""
    after = _after_blanks(lines, at, limit=6)
    if after < len(lines) and signs.is_elided(lines[after]):
        after = _after_blanks(lines, after + 1, limit=6)
    return after < len(lines) and marked(lines[after])
