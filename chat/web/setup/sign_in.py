"""Signing in and out. The work is allauth's (its limits on tries too); here stand the addresses and the page."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from chat.web.setup import first_run


class SignIn(LoginView):
    template_name = "setup/sign_in.html"

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if first_run.needed():
            return redirect("setup")
        answer: HttpResponse = super().dispatch(request, *arguments, **named)
        return answer

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**named)
        return context | {"host": self.request.get_host()}


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Only a POST signs out; a link that merely points here changes nothing."""
    if request.method == "POST":
        logout(request)
    return redirect("/sign-in/" if request.method == "POST" else "/")


def front_door(request: HttpRequest) -> HttpResponse:
    """`/`: to the first run, to sign-in, or to the inbox."""
    if request.user.is_authenticated:
        return redirect("/inbox/")
    return redirect("setup" if first_run.needed() else "account_login")
