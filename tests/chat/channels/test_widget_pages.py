"""The loader, the panel's page and the demo shop: small, cached, embeddable by the site's own origins alone, without inline code."""

from __future__ import annotations

import gzip
import html
import json
import posixpath
import re
from pathlib import Path

import pytest
from django.test import Client

from chat.channels import widget_pages
from chat.channels.widget_pages import MODULES, SHEETS
from chat.people.models import Site
from server.static import lean

STATIC = Path(__file__).resolve().parents[3] / "static"
LOADER_BUDGET = 3 * 1024
FIRST_OPEN_BUDGET = 36 * 1024
SHOP = "https://shop.brindle.example"


@pytest.fixture
def site(database: str) -> Site:
    widget_pages._asked.clear()
    return Site.objects.create(key="brindle", name="Brindle Lamps", prefix="BR", origins=f"{SHOP}\nhttps://www.brindle.example/")


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def as_served(name: str) -> bytes:
    text = (STATIC / name).read_text()
    return (text if name.startswith("vendor/") else lean(text)).encode()


def imports_of(name: str) -> list[str]:
    """The modules that a module needs at once; those it fetches later by import() are not among them."""
    found = re.findall(r'^(?:import|export)\b[^;]*?["\'](\.{1,2}/[^"\']+)["\'];', (STATIC / name).read_text(), re.MULTILINE)
    minified = re.findall(r'(?:from|import)"(\.{1,2}/[^"]+)"', (STATIC / name).read_text())
    return [posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in {*found, *minified}]


def test_the_loader_is_at_most_three_kilobytes() -> None:
    assert packed((STATIC / "widget/loader.js").read_bytes()) <= LOADER_BUDGET


def test_the_loader_imports_nothing() -> None:
    assert not imports_of("widget/loader.js") and "import(" not in as_served("widget/loader.js").decode()


def test_the_first_open_stays_within_its_budget(site: Site) -> None:
    page = packed(browser().get("/widget/brindle/").content)
    assert page + sum(packed(as_served(name)) for name in ("widget/app.js", *MODULES, *SHEETS)) <= FIRST_OPEN_BUDGET


def test_the_preloaded_modules_are_those_that_the_first_page_imports() -> None:
    reached: set[str] = set()
    waiting = ["widget/app.js"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(imports_of(name))
    assert sorted(reached - {"widget/app.js"}) == sorted(MODULES)


@pytest.mark.parametrize(
    "path", sorted(path.relative_to(STATIC).as_posix() for path in STATIC.glob("*/**/*.js") if "vendor" not in path.parts)
)
def test_leaving_out_comments_leaves_the_code_out_of_nothing(path: str) -> None:
    before, after = (STATIC / path).read_text(), lean((STATIC / path).read_text())
    left_out = iter(before.splitlines())
    kept = after.splitlines()
    gone = [line for line in left_out if not (kept and line == kept[0] and kept.pop(0) is not None)]
    assert not kept
    assert all(re.match(r"\s*(//|/?\*)", line) for line in gone)


def test_the_loader_costs_nothing_while_it_is_unchanged(site: Site) -> None:
    first = browser().get("/widget.js")
    assert first["Content-Type"].startswith("text/javascript")
    assert first["Access-Control-Allow-Origin"] == "*"
    again = browser().get("/widget.js", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_only_the_sites_own_origins_may_embed_the_panel(site: Site) -> None:
    policy = browser().get("/widget/brindle/")["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors 'self' {SHOP} https://www.brindle.example")


def test_a_site_without_origins_is_embedded_by_our_own_pages_alone(site: Site) -> None:
    Site.objects.update(origins="")
    assert browser().get("/widget/brindle/")["Content-Security-Policy"].endswith("frame-ancestors 'self'")


def test_what_is_no_origin_does_not_reach_the_policy(site: Site) -> None:
    site.origins = (
        "https://ok.example/shop\n*\njavascript:alert(1)\nhttps://a.example;script-src\nftp://files.example\nhttps://*.wild.example"
    )
    assert widget_pages.origins_of(site) == ["https://ok.example"]


def test_an_unknown_site_has_no_panel(site: Site) -> None:
    assert browser().get("/widget/nobody/").status_code == 404


def test_the_page_tells_the_panel_about_its_site(site: Site) -> None:
    page = browser().get("/widget/brindle/?theme=dark").content.decode()
    given = {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', page)}
    assert given["name"] == "Brindle Lamps"
    assert given["mail"] == "support@support.example"
    assert given["theme"] == "dark"
    assert json.loads(given["origins"]) == [SHOP, "https://www.brindle.example"]


def test_a_theme_that_does_not_exist_is_left_out(site: Site) -> None:
    assert 'data-theme=""' in browser().get("/widget/brindle/?theme=%22%3E").content.decode()


@pytest.mark.parametrize("path", ["/widget/brindle/", "/demo/"])
def test_the_pages_hold_no_inline_script_and_no_inline_style(site: Site, path: str) -> None:
    page = browser().get(path).content.decode()
    assert "<style" not in page and " style=" not in page and not re.search(r"\son\w+=", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_a_site_knows_where_its_widget_was_seen(site: Site) -> None:
    browser().get("/widget.js", headers={"Referer": f"{SHOP}/"})
    site.refresh_from_db()
    assert site.widget_seen_on == "shop.brindle.example"
    assert site.widget_seen_at > 0


def test_a_page_that_belongs_to_no_site_is_not_noted(site: Site) -> None:
    browser().get("/widget.js", headers={"Referer": "https://elsewhere.example/"})
    site.refresh_from_db()
    assert site.widget_seen_at == 0


def test_the_demo_shop_needs_a_site(database: str) -> None:
    assert browser().get("/demo/").status_code == 404
