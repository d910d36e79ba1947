"""The contract of a channel: a name for ever, a label for people, and no two of the same name."""

from __future__ import annotations

import pytest

from chat.channels.channel import Channel, channels, label, register_channel


def test_the_chat_is_a_channel_that_people_call_chat() -> None:
    assert channels()["widget"].label == "chat" and label("widget") == "chat"


def test_a_channel_nobody_registered_is_called_by_its_name() -> None:
    assert label("pigeon") == "pigeon"


def test_two_channels_of_one_name_are_refused() -> None:
    register_channel(Channel(name="widget", label="chat"))
    with pytest.raises(TypeError, match="widget"):
        register_channel(Channel(name="widget", label="something else"))
