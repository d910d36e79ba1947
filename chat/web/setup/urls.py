"""Addresses of sign-in and setting up, gathered by the server."""

from __future__ import annotations

from django.urls import path

from chat.web.setup import pages, people
from chat.web.setup.sign_in import SignIn, front_door, sign_out

urlpatterns = [
    path("", front_door, name="front-door"),
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_out, name="account_logout"),
    path("setup/", pages.begin, name="setup"),
    path("setup/password/", pages.password, name="setup-password"),
    path("setup/widget/<slug:key>/", pages.widget, name="setup-widget"),
    path("setup/widget/<slug:key>/seen", pages.seen, name="setup-seen"),
    path("setup/mail/<slug:key>/", pages.mail, name="setup-mail"),
    path("setup/team/<slug:key>/", pages.team, name="setup-team"),
    path("setup/site/<slug:key>/", pages.site_settings, name="setup-site"),
    path("setup/people/<slug:key>/", people.people, name="setup-people"),
    path("setup/people/<slug:key>/<int:number>/", people.person, name="setup-person"),
    path("setup/people/<slug:key>/<int:number>/propose", people.propose, name="setup-person-propose"),
    path("setup/people/<slug:key>/<int:number>/answer", people.answer, name="setup-person-answer"),
    path("setup/people/<slug:key>/<int:number>/export", people.export, name="setup-person-export"),
]
