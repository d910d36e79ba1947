"""The pages of the mail room."""

from __future__ import annotations

from django.urls import path

from mailgateway import not_me, webhooks
from mailgateway.pages import as_sent, mailbox, quarantine, setup_page, waiting
from mailgateway.sending import code_mail as code_mail

urlpatterns = [
    path("as-sent/<int:conversation>/<int:position>/", as_sent.beside, name="as-sent"),
    path("as-sent/<int:conversation>/<int:position>/page", as_sent.page, name="as-sent-page"),
    *webhooks.urlpatterns,
    *waiting.urlpatterns,
    *not_me.urlpatterns,
    path("setup/mail/<slug:key>/try", setup_page.prove, name="setup-mail-try"),
    path("mailbox/", mailbox.mails, name="mailbox"),
    path("mailbox/write/", mailbox.write, name="mailbox-write"),
    path("mailbox/<int:number>/", mailbox.mails, name="mailbox-mail"),
    path("mailbox/<int:number>/html", mailbox.html, name="mailbox-html"),
    path("mailbox/<int:number>/answer", mailbox.answer, name="mailbox-answer"),
    path("mailbox/quarantine/", quarantine.mails, name="quarantine"),
    path("mailbox/quarantine/<int:number>/raw", quarantine.raw, name="quarantine-raw"),
    path("mailbox/quarantine/<int:number>/decide", quarantine.decide, name="quarantine-decide"),
]
