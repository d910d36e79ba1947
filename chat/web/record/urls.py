"""Addresses of the customer's record, gathered by the server."""

from __future__ import annotations

from django.urls import path

from chat.web.record import entrance, erasing, everything, fresh, keep_longer, linked, mailed, others, pages

urlpatterns = [
    path("r/", entrance.door, name="record-door"),
    path("r/redeem", entrance.redeem, name="record-redeem"),
    path("r/code", entrance.code, name="record-code"),
    path("r/everything", everything.at_door, name="record-everything"),
    path("r/everything/code", everything.code, name="record-everything-code"),
    path("r/everything/download", everything.download, name="record-everything-download"),
    path("r/everything/signature", everything.signature, name="record-everything-signature"),
    path("r/<int:conversation>/", pages.record, name="record"),
    path("r/<int:conversation>/entries", pages.entries, name="record-entries"),
    path("r/<int:conversation>/seal", pages.seal, name="record-seal"),
    path("r/<int:conversation>/say", pages.say, name="record-say"),
    path("r/<int:conversation>/save/<slug:format_name>", pages.save, name="record-save"),
    path("r/<int:conversation>/sign-out", pages.sign_out, name="record-sign-out"),
    path("r/<int:conversation>/keep-longer", keep_longer.view, name="record-keep-longer"),
    path("r/<int:conversation>/erase", erasing.ask, name="record-erase"),
    path("r/<int:conversation>/erase/code", erasing.code, name="record-erase-code"),
    path("r/<int:conversation>/erase/withdraw", erasing.withdraw, name="record-erase-withdraw"),
    path("r/<int:conversation>/code", fresh.ask, name="record-fresh"),
    path("r/<int:conversation>/code/given", fresh.code, name="record-fresh-code"),
    path("r/<int:conversation>/links", linked.add, name="record-link"),
    path("r/<int:conversation>/links/<int:row>/cancel", linked.cancel, name="record-cancel"),
    path("r/<int:conversation>/mail-link", mailed.send, name="record-mail-link"),
    path("r/<int:conversation>/others/<int:other>", others.enter, name="record-other"),
]
