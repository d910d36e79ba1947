"""The doorbell rings for everybody who still listens, whatever the others do."""

from __future__ import annotations

from typing import Any

from chat.ledger import announce

CONVERSATION = 7_300_000_000_000_001


async def test_one_listeners_trouble_is_not_the_others_nor_the_speakers() -> None:
    heard: list[dict[str, Any]] = []

    def stumbles(_: int, said: dict[str, Any]) -> None:
        raise KeyError(said["a word of another version"])

    stops = [announce.overhear(CONVERSATION, stumbles), announce.overhear(CONVERSATION, lambda _, said: heard.append(said))]
    announce.whisper(CONVERSATION, {"typing": True})
    assert heard == [{"typing": True}]
    for stop in stops:
        stop()


async def test_who_stops_twice_stops_nobody_else() -> None:
    rung: list[int] = []
    stop_nadias = announce.listen(CONVERSATION, lambda _, position: None)
    stop_nadias()
    stop_toms = announce.listen(CONVERSATION, lambda _, position: rung.append(position))
    stop_nadias()
    announce.ring({CONVERSATION: 5})
    assert rung == [5]
    stop_toms()
    assert CONVERSATION not in announce.watched()
