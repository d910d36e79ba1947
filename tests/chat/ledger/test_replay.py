"""Much is crossed out in few commands: after each of them the whole record is folded again."""

from __future__ import annotations

from chat.events.erasure import ErasureCarriedOut
from chat.ledger import replay
from chat.ledger.append import Crosses
from chat.ledger.erase import Entries


def _says(part: Entries, last: bool) -> ErasureCarriedOut:
    return ErasureCarriedOut(by="", ground="request", entries=replay.named(part), whole=last)


def test_a_long_record_is_crossed_out_in_few_commands_that_name_each_entry_once() -> None:
    entries = dict.fromkeys(range(2, 12_002), ("text",))
    made = list(replay.commands(7, entries, says=_says, key=lambda part: f"part:{min(part)}"))
    assert [len(command.facts) for command in made] == [10, 10, 4]
    bodies = [fact.body for command in made for fact in command.facts]
    assert [body.whole for body in bodies if isinstance(body, ErasureCarriedOut)] == [False] * 23 + [True]
    for command in made:
        for row in command.rows:
            assert isinstance(row, Crosses)
            body = command.facts[row.fact].body
            assert isinstance(body, ErasureCarriedOut)
            assert body.entries[str(row.position)] == row.fields
    assert [row.position for command in made for row in command.rows if isinstance(row, Crosses)] == list(entries)


def test_where_nothing_is_left_one_event_says_so() -> None:
    (command,) = replay.commands(7, {}, says=_says, key=lambda part: "all")
    assert [fact.body for fact in command.facts] == [_says({}, True)]
    assert command.rows == ()
