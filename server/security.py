"""Headers that every answer carries: a strict content security policy, no referrer to others, no sniffing, no framing."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors {ancestors}"
)


class SecurityHeaders:
    """A view may set `response.frame_ancestors` to a list of origins that may embed it besides our own, or its own policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        ancestors: list[str] | None = getattr(response, "frame_ancestors", None)
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy", POLICY.format(ancestors="'none'" if ancestors is None else " ".join(["'self'", *ancestors]))
        )
        # Other sites learn nothing; with `no-referrer` our own forms would send `Origin: null`, which Django's CSRF check refuses.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if request.is_secure():
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
