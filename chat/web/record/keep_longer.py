"""The customer has their record kept for some more years: a form of the page, and the action behind it."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chat.actions.action import perform
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.keeping import DAY
from chat.ledger.read import in_thread
from chat.live.who import by_link
from chat.people import links
from chat.web.record.entrance import gone, private

YEARS = (1, 2, 3, 5, 10)
"""From today."""
YEAR = 365 * DAY + DAY // 4


@require_POST
async def view(request: HttpRequest, conversation: int) -> HttpResponse:
    """Field `years`: one of YEARS."""
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    years = request.POST.get("years", "")
    if session is None:
        return gone(request)
    until = time.time_ns() // 1000 + YEAR * int(years) if years in map(str, YEARS) else 0
    try:
        await perform(
            by_link(session), "keep_longer", {"until": until}, key=f"keep:{uuid.uuid4()}", channel="system", conversation=conversation
        )
    except NoSuchConversation:
        return gone(request)
    except Refused as refused:
        return private(render(request, "record/said.html", {"conversation": str(conversation), "problem": str(refused)}, status=409))
    end = datetime.fromtimestamp(until / 1_000_000, tz=UTC)
    await in_thread(links.prolong, conversation, session.ref, until=end)
    return private(redirect(f"/r/{conversation}/#kept"))
