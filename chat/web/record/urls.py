"""Addresses of the customer's record, gathered by the server."""

from __future__ import annotations

from django.urls import path

from chat.web.record import entrance, pages

urlpatterns = [
    path("r/", entrance.door, name="record-door"),
    path("r/redeem", entrance.redeem, name="record-redeem"),
    path("r/code", entrance.code, name="record-code"),
    path("r/<int:conversation>/", pages.record, name="record"),
    path("r/<int:conversation>/entries", pages.entries, name="record-entries"),
    path("r/<int:conversation>/say", pages.say, name="record-say"),
    path("r/<int:conversation>/save/<slug:format_name>", pages.save, name="record-save"),
    path("r/<int:conversation>/sign-out", pages.sign_out, name="record-sign-out"),
    path("r/<int:conversation>/cancel", pages.cancel, name="record-cancel"),
]
