"""The link by which somebody who never wrote to us stops our mails of one conversation: signed, and told to that addressee alone.

The page asks by GET and acts by POST, because mail scanners press every link. It shows nothing of the conversation.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from chat.events.disowning import AddressDisowned
from chat.ledger import read
from chat.ledger.append import Command, Fact, Refused, append
from chat.ledger.read import Head, in_thread
from chat.ledger.state import State
from chat.people.models import Site
from mailgateway import addressee, channel, keys, tags
from mailgateway.addressee import Addressee
from mailgateway.tags import Altered, Shape

SHAPE = Shape(b"not-me", (8, 5, 4))
DEAD = "This link is not complete. Copy all of it from the mail."
OVER = "No mail of this conversation goes to you."
CONFIRMED = "This address was confirmed with a code or an answer from its own mailbox. If that was not you, answer the mail."


def link(conversation: int, *, position: int, number: int) -> str:
    """The address of the page for the mail about an event, to one addressee."""
    return f"{settings.PUBLIC_URL}/not-me/{tags.seal(SHAPE, (conversation, position, number), keys.current(keys.not_me()))}/"


@require_http_methods(["GET", "POST"])
async def page(request: HttpRequest, tag: str) -> HttpResponse:
    """What the link opens. One answer to whatever is not ours."""
    found = tags.unseal(SHAPE, tag, keys.not_me())
    if isinstance(found, Altered):
        return _shown(request, {"problem": DEAD}, status=404)
    conversation, position, number = found
    head = await in_thread(read.head, conversation)
    if head is None:
        return _shown(request, {"problem": DEAD}, status=404)
    site = await Site.objects.aget(pk=head.site)
    to = addressee.of(head, f"customer:{number}")
    if not to.address:
        return _shown(request, {"site": site, "notice": OVER})
    if to.confirmed:
        return _shown(request, {"site": site, "problem": CONFIRMED})
    if request.method == "GET":
        return _shown(request, {"site": site, "ask": True})
    try:
        await append(_command(head, to, position))
    except Refused as refusal:
        return _shown(request, {"site": site, "problem": str(refusal)}, status=409)
    return _shown(request, {"site": site, "notice": f"Thank you. {OVER}"})


def _command(head: Head, to: Addressee, position: int) -> Command:
    body = AddressDisowned(of=position, who=to.ref, address=to.address)
    # Once for each address that somebody gave here.
    key = f"not-me:{to.ref}:{to.address}"
    fact = Fact(conversation=head.conversation, body=body, actor="system", channel=channel.NAME, key=key)

    def still_open(state: State) -> None:
        if state.customer.ref == to.ref and state.customer.confirmed:
            raise Refused(CONFIRMED, code="moved")

    return Command(facts=(fact,), expect=still_open)


def _shown(request: HttpRequest, told: dict[str, object], *, status: int = 200) -> HttpResponse:
    response = render(request, "mailbox/not_me.html", told, status=status)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


urlpatterns = [path("not-me/<slug:tag>/", page, name="not-me")]
