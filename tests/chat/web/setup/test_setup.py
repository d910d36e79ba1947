"""Setting up: the first run is open once and to the right person; afterwards only administrators change anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from chat.people.models import Agent, Site
from chat.web.setup import first_run

FORM = {
    "shop": "Brindle Lamps",
    "key": "brindle",
    "letters": "br",
    "hue": "186",
    "name": "Ruth",
    "email": "ruth@brindle.example",
    "password": "linnet67-curlew34",
}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    cache.clear()  # the limits on tries are per address, and all tests come from one
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


def _ruth() -> Client:
    browser = Client()
    browser.post("/setup/", FORM)
    return browser


def test_the_first_run_makes_the_shop_and_its_administrator() -> None:
    browser = Client()
    assert browser.get("/").headers["Location"] == "/setup/"
    answer = browser.post("/setup/", FORM)
    assert answer.headers["Location"] == "/setup/widget/brindle/"
    site, ruth = Site.objects.get(), Agent.objects.get()
    assert (site.prefix, ruth.role, list(ruth.sites.all())) == ("BR", "admin", [site])
    page = browser.get("/setup/widget/brindle/").content.decode()
    assert "data-site=&quot;brindle&quot;" in page or 'data-site="brindle"' in page


def test_the_first_run_is_gone_once_somebody_can_sign_in() -> None:
    _ruth()
    answer = Client().post("/setup/", FORM | {"key": "other", "email": "mallory@elsewhere.example"})
    assert answer.headers["Location"] == "/sign-in/"
    assert Agent.objects.count() == Site.objects.count() == 1


def test_two_first_runs_at_once_leave_one_administrator() -> None:
    first_run.begin(name="Ruth", email="ruth@brindle.example", password="linnet67-curlew34", site=Site(key="a", name="A", prefix="A"))
    with pytest.raises(first_run.AlreadyDone):
        first_run.begin(name="Mallory", email="m@elsewhere.example", password="linnet67-curlew34", site=Site(key="b", name="B", prefix="B"))
    assert not Site.objects.filter(key="b").exists()


def test_what_is_wrong_with_a_form_is_told_in_plain_words() -> None:
    page = Client().post("/setup/", FORM | {"key": "Brindle Lamps!", "letters": "9"}).content.decode()
    assert "Only letters, digits and hyphens, without spaces." in page
    assert "One to eight letters, and nothing else." in page
    assert "Teal" in page


def test_a_password_is_changed_by_the_old_one() -> None:
    ruth = _ruth()
    assert "New password again" in ruth.get("/setup/password/").content.decode()
    form = {"old_password": FORM["password"], "new_password1": "heron87-plover23", "new_password2": "heron87-plover23"}
    assert 'class="wrong"' in ruth.post("/setup/password/", form | {"old_password": "not-hers"}).content.decode()
    assert ruth.post("/setup/password/", form).status_code == 302
    assert ruth.get("/inbox/").status_code == 200


def test_from_elsewhere_the_first_run_asks_for_the_code_on_the_console() -> None:
    assert "Set-up code" not in Client().get("/setup/").content.decode()
    assert "Set-up code" in Client().get("/setup/", **ELSEWHERE).content.decode()
    assert Client().post("/setup/", FORM, **ELSEWHERE).status_code == 200
    assert Client().post("/setup/", FORM | {"code": "aaaa-bbbb-cccc"}, **ELSEWHERE).status_code == 200
    assert first_run.needed()
    assert Client().post("/setup/", FORM | {"code": first_run.setup_code().upper()}, **ELSEWHERE).status_code == 302
    assert not first_run.needed()


def test_who_comes_through_a_proxy_does_not_pass_for_this_machine() -> None:
    assert "Set-up code" in Client().get("/setup/", HTTP_X_FORWARDED_FOR="127.0.0.1").content.decode()


def test_a_wrong_password_is_told_in_words_and_the_right_one_opens_the_inbox() -> None:
    _ruth()
    browser = Client()
    wrong = browser.post("/sign-in/", {"login": FORM["email"], "password": "not-hers"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.content.decode()
    assert "The e-mail address or the password is not right." in wrong.content.decode()
    right = browser.post("/sign-in/", {"login": FORM["email"], "password": FORM["password"]})
    assert right.headers["Location"] == "/inbox/"


def test_sign_in_leads_back_to_our_own_pages_only() -> None:
    _ruth()
    form = {"login": FORM["email"], "password": FORM["password"]}
    assert Client().post("/sign-in/", form | {"next": "/inbox/waiting/"}).headers["Location"] == "/inbox/waiting/"
    assert Client().post("/sign-in/", form | {"next": "https://elsewhere.example/"}).headers["Location"] == "/inbox/"


def test_many_wrong_passwords_are_stopped() -> None:
    _ruth()
    browser = Client()
    for _ in range(12):
        browser.post("/sign-in/", {"login": FORM["email"], "password": "guess"})
    answer = browser.post("/sign-in/", {"login": FORM["email"], "password": FORM["password"]})
    assert answer.status_code in (200, 429), "The right password must not help while the limit holds."
    assert browser.get("/inbox/").status_code == 302


def test_nobody_makes_an_account_for_themselves() -> None:
    _ruth()
    assert Client().get("/sign-up/").status_code == 404
    assert Client().get("/accounts/signup/").status_code == 404


def test_only_a_post_signs_out() -> None:
    browser = _ruth()
    browser.get("/sign-out/")
    assert browser.get("/inbox/").status_code == 200
    browser.post("/sign-out/")
    assert browser.get("/inbox/").status_code == 302


def test_a_new_colleague_gets_a_password_that_works_and_may_not_set_up_the_shop() -> None:
    ruth = _ruth()
    page = ruth.post("/setup/team/brindle/", {"name": "Tom", "email": "Tom@brindle.example", "role": "agent"}).content.decode()
    found = re.search(r'id="made-password">([^<]+)<', page)
    assert found
    tom = Client()
    assert tom.post("/sign-in/", {"login": "tom@brindle.example", "password": found[1]}).status_code == 302
    assert tom.get("/inbox/").status_code == 200
    for place in ("team", "site", "mail", "widget"):
        assert tom.get(f"/setup/{place}/brindle/").status_code == 403


def test_settings_are_checked_before_they_are_kept() -> None:
    ruth = _ruth()
    form = {
        "name": "Brindle",
        "greeting": "Hello.",
        "hue": "36",
        "origins": "https://shop.example.com/\n",
        "away_after": "60",
        "reopen_days": "30",
        "keep_days": "365",
        "zone": "Europe/Berlin",
    }
    assert ruth.post("/setup/site/brindle/", form).status_code == 302
    site = Site.objects.get()
    assert (site.origins, site.hue, site.acknowledge) == ("https://shop.example.com", 36, False)
    for wrong in ({"origins": "shop.example.com"}, {"keep_days": "30"}, {"zone": "Mars/Olympus"}, {"mask_patterns": "name: ##"}):
        answer = ruth.post("/setup/site/brindle/", form | wrong)
        assert answer.status_code == 200
        assert 'class="wrong"' in answer.content.decode()
    assert Site.objects.get().keep_days == 365


def test_the_page_says_where_the_chat_was_seen() -> None:
    ruth = _ruth()
    assert ruth.get("/setup/widget/brindle/seen").json() == {"on": "", "at": 0}
    Site.objects.update(widget_seen_at=1_763_720_000_000_000, widget_seen_on="shop.example.com")
    assert "Seen on shop.example.com" in ruth.get("/setup/widget/brindle/").content.decode()


def test_no_page_of_ours_holds_inline_script_or_style() -> None:
    ruth = _ruth()
    pages = [
        "/setup/widget/brindle/",
        "/setup/mail/brindle/",
        "/setup/team/brindle/",
        "/setup/site/brindle/",
        "/setup/password/",
        "/inbox/",
    ]
    for page in [*(ruth.get(path).content.decode() for path in pages), Client().get("/sign-in/").content.decode()]:
        assert not re.search(r"\sstyle=|<style|\son\w+=", page)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))
