"""The page about mail has its sections in order, and every setting of mail."""

from __future__ import annotations

import re

from tests.house.mail_page import HEAD, section
from tests.house.sources import text

SECTIONS = [
    "How mail flows",
    "The dialogue",
    "Reading a mail",
    "The answer and the rest",
    "Automatic mail",
    "Which conversation",
    "Is it really them",
    "Going out",
    "Other doors",
    "Set-up that proves itself",
    "Recipes",
    "Settings",
]


def test_the_sections_stand_in_the_order_of_a_mails_way() -> None:
    assert re.findall(r"^## (.*)$", text("docs/mail.md"), re.MULTILINE) == SECTIONS


def test_every_setting_of_mail_stands_there_as_in_the_code() -> None:
    page = text("docs/mail.md")
    assert page[page.rindex(HEAD) :] == section(), "Run `python -m tests.house.mail_page`."
