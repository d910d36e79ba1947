"""What everybody may have, to check us with: our public keys and the newest checkpoint. Tells of no conversation and no person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from chat.ledger import checkpoints
from chat.ledger.read import in_thread
from chat.people import signing_keys

# Read by pages and programs of others: that is what they are for.
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
KEYS = {**OPEN, "Cache-Control": "public, max-age=3600"}
CHECKPOINT = {**OPEN, "Cache-Control": "public, max-age=300"}
TEXT = "text/plain; charset=utf-8"


@require_safe
async def keys(request: HttpRequest) -> HttpResponse:
    """Every key that ever signed here, with the times between which it was the current one (microseconds since 1970)."""
    return JsonResponse(await in_thread(_keys), headers=KEYS)


@require_safe
async def vkeys(request: HttpRequest) -> HttpResponse:
    """The same keys, one verifier key a line, as command line tools take them."""
    found = await in_thread(signing_keys.public_keys)
    return HttpResponse("".join(f"{key.vkey}\n" for key in found), content_type=TEXT, headers=KEYS)


@require_safe
async def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, a signed note; 404 before the first."""
    newest = await in_thread(checkpoints.newest)
    if newest is None:
        return HttpResponse("There is no checkpoint yet.\n", status=404, content_type=TEXT, headers=OPEN)
    return HttpResponse(newest.note, content_type=TEXT, headers=CHECKPOINT)


def _keys() -> dict[str, Any]:
    found = signing_keys.public_keys()
    listed = [{"vkey": key.vkey, "id": key.id, "since": key.since, "until": key.until} for key in found]
    return {"origin": signing_keys.origin(), "keys": listed}


urlpatterns = [
    path(".well-known/throughline-keys.json", keys, name="signing-keys"),
    path(".well-known/throughline-keys", vkeys, name="signing-keys-text"),
    path(".well-known/throughline-checkpoint", checkpoint, name="checkpoint"),
]
