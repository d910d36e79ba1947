"""What docs/mail.md says of the dialogue's bounds and answers is what the code holds."""

from __future__ import annotations

import re

from mailgateway import smtpd
from mailgateway.wire import allowance, dialogue, replies, taking
from tests.house.sources import text

SECTION = text("docs/mail.md").split("\n## The dialogue\n")[1].split("\n## ")[0]


def test_every_bound_has_the_value_that_the_page_names() -> None:
    told = {name: int(value) for name, value in re.findall(r"^\| ([^|`]+) \| (\d+) \|$", SECTION, re.MULTILINE)}
    assert told == {
        "connections together": smtpd.MAX_CONNECTIONS,
        "connections of one address, or one IPv6 network of 64 bits": smtpd.MAX_PER_PEER,
        "recipients of one mail": smtpd.MAX_RECIPIENTS,
        "refusals since the last mail": allowance.MAX_ERRORS,
        "commands since the last mail that name neither sender nor recipient": allowance.MAX_IDLE,
        "commands in one connection": allowance.MAX_COMMANDS,
        "octets of a command": dialogue.COMMAND,
        "octets of one line of a mail": taking.LINE,
        "seconds for one command, and of silence in a mail": dialogue.PATIENCE,
        "seconds for one mail, however slowly it drips": taking.LONGEST,
        "seconds for what a proxy says first": dialogue.INTRODUCTION,
    }


def test_every_answer_of_ours_stands_on_the_page_and_no_other() -> None:
    told = set(re.findall(r"`(\d{3} \d\.\d\.\d)", SECTION.split("Over LMTP")[0]))
    ours = {str(words)[:9] for name, words in vars(replies).items() if name.isupper() and re.match(r"\d{3} \d\.", str(words))}
    assert told == ours | {"250 2.0.0"}
