"""The customer has a link to this record mailed to their own address: a form of the page, and the action behind it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from chat.actions.action import perform
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.read import in_thread
from chat.live import limits
from chat.live.who import by_link
from chat.people import links
from chat.web.record.entrance import gone, private

SENT = "A link to this record is on its way to your mailbox."
TOO_MANY = "That were many mails. Try again in some minutes."


@require_POST
async def send(request: HttpRequest, conversation: int) -> HttpResponse:
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    if session is None:
        return gone(request)
    page = {"conversation": str(conversation)}
    if limits.take("address by visitor", session.ref):
        return private(render(request, "record/said.html", {**page, "problem": TOO_MANY}, status=429))
    try:
        await perform(by_link(session), "send_link", {}, key=f"mail:{uuid.uuid4()}", channel="email", conversation=conversation)
    except NoSuchConversation:
        return gone(request)
    except Refused as refused:
        return private(render(request, "record/said.html", {**page, "problem": str(refused)}, status=409))
    return private(render(request, "record/said.html", {**page, "notice": SENT}))
