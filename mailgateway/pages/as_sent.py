"""A mail as it was sent, for those who may see its entry: its HTML in a closed frame, pictures from elsewhere only when asked for.

Made anew from the kept mail at each look; nothing is stored. Knows access, not HTML.
"""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.actions.access import Case, enter
from chat.ledger import blobs, read
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.event import Audience
from chat.ledger.read import Entry, in_thread
from chat.live import limits, opening
from chat.web.files import whoever
from mailgateway.pages.mail_page_worker import BARE, COMMAND, PICTURED, Page
from mailgateway.reading.parser_worker import Broken, ParserWorker

SECONDS = 15.0
AT_ONCE = 2
MAX_MAIL = 48 * 1024 * 1024
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""No script, no form, no cookie, nothing of ours: what a stranger wrote stands in an origin of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    case: Case
    entry: Entry
    digest: str


@require_safe
async def beside(request: HttpRequest, conversation: int, position: int) -> HttpResponse:
    """The page around the frame, with the button for pictures from elsewhere; works without script."""
    try:
        found = await _seen(request, conversation, position)
    except Refused:
        return await in_thread(functools.partial(_gone, request))
    told = {
        "entry": found.entry,
        "body": found.entry.values,
        "pictures": "pictures" in request.GET,
        "agents": found.case.who.side == "agents",
    }
    response = await in_thread(lambda: render(request, "mailbox/as_sent.html", told))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
async def page(request: HttpRequest, conversation: int, position: int) -> HttpResponse:
    """What stands in the frame."""
    pictures = "pictures" in request.GET
    try:
        found = await _seen(request, conversation, position)
        if wait := limits.take("mail as sent", found.case.who.owner):
            return HttpResponse(
                _sorry("That were many at once. Try again in a moment."), status=429, headers={"Retry-After": str(int(wait) + 1)}
            )
        shown = await _made(found.digest, pictures=pictures)
    except (Refused, FileNotFoundError):
        return await in_thread(functools.partial(_gone, request))
    response = HttpResponse(shown)
    response.headers["Content-Security-Policy"] = POLICY.format(images="data: https: http:" if pictures else "data:")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


async def _seen(request: HttpRequest, conversation: int, position: int) -> Found:
    """The entry with its kept mail; that a member of the staff looked is written down, as for any other body."""
    found = await in_thread(_found, request, conversation, position)
    if found.case.who.side == "agents":
        await opening.record(found.case)
    return found


def _found(request: HttpRequest, conversation: int, position: int) -> Found:
    me = whoever(request, conversation)
    if me is None or conversation >= 2**63 or position >= 2**63:
        raise NoSuchConversation("There is no such mail.")
    if me.side == "agents":
        opening.permitted(me.role)
    case = enter(me, conversation)
    entry = read.entry(conversation, position)
    hidden = entry is None or (me.audience is Audience.EVERYONE and entry.audience is not Audience.EVERYONE)
    # A mail that was crossed out has no digest any more.
    digest = "" if entry is None or hidden or not getattr(entry.body, "raw_mail", "") else entry.values.get("original", "")
    if entry is None or not digest:
        raise NoSuchConversation("There is no such mail.")
    return Found(case, entry, digest)


async def _made(digest: str, *, pictures: bool) -> str:
    """The page, made in a process of its own. Raises FileNotFoundError when the mail is not kept any more."""
    raw = await in_thread(_raw, digest)
    if raw is None:
        return _sorry("This mail is too large to be shown here. It can be downloaded.")
    async with _turn():
        worker = ParserWorker(COMMAND, seconds=SECONDS)
        try:
            answer = msgspec.msgpack.decode(await worker.ask(PICTURED if pictures else BARE, raw), type=Page)
        except (Broken, msgspec.MsgspecError):
            return _sorry("This mail could not be shown here. Its text stands in the conversation.")
        finally:
            await worker.stop()
    return answer.html or _sorry("This mail could not be shown here. Its text stands in the conversation.")


@functools.cache
def _turns() -> dict[asyncio.AbstractEventLoop, asyncio.Semaphore]:
    return {}


def _turn() -> asyncio.Semaphore:
    """A few at once for each loop: pages of mails must not take the memory that the chat needs."""
    return _turns().setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


def _raw(digest: str) -> bytes | None:
    if blobs.size(digest) > MAX_MAIL:
        return None
    with blobs.open_blob(digest) as file:
        return file.read()


def _sorry(words: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><title>Mail</title><p style="font:15px system-ui">{words}</p>'


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/as_sent_gone.html", status=404)
