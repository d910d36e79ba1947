"""The page on which a browser checks a saved file. It is the same for everybody: the file never leaves the browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    return render(request, "verify/verify.html")


urlpatterns = [path("verify/", verify, name="verify")]
