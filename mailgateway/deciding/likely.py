"""Where a mail may belong when nothing proves it: a hint for the agents, never a decision. Reads the ledger and people."""

from __future__ import annotations

import re

from chat.ledger import read
from chat.ledger.read import Head
from chat.people.models import Address, Site

MAX_SUBJECT = 500
MAX_PEOPLE = 5


def by_case_number(subject: str) -> Head | None:
    """The conversation whose case number stands in the subject."""
    for site in Site.objects.order_by("pk"):
        found = re.search(rf"\b{re.escape(site.prefix)}-([0-9]{{1,12}})\b", subject[:MAX_SUBJECT], re.IGNORECASE)
        head = read.by_number(site.pk, int(found[1])) if found else None
        if head is not None:
            return head
    return None


def conversation(subject: str, sender: str) -> Head | None:
    """The one named in the subject, else the one in which this address was active last."""
    return by_case_number(subject) or _latest(sender)


def _latest(sender: str) -> Head | None:
    people = Address.objects.filter(address=sender).order_by("-id").values_list("customer_id", flat=True)[:MAX_PEOPLE]
    heads = [head for number in people for head in read.conversations_of(f"customer:{number}", limit=1)]
    return max(heads, key=lambda head: head.last_at, default=None)
