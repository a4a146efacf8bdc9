"""A stateful, strict and unkind OpenAI on loopback."""

from tests.fakes.openai.script import (
    Answer,
    Asks,
    BreaksOff,
    Calls,
    Computes,
    Draws,
    Drops,
    Fails,
    Gate,
    Looks,
    Play,
    Refuses,
    Says,
    Searches,
    Thinks,
    arguments,
)
from tests.fakes.openai.server import KEY, FakeOpenAI

__all__ = [
    "KEY",
    "Answer",
    "Asks",
    "BreaksOff",
    "Calls",
    "Computes",
    "Draws",
    "Drops",
    "Fails",
    "FakeOpenAI",
    "Gate",
    "Looks",
    "Play",
    "Refuses",
    "Says",
    "Searches",
    "Thinks",
    "arguments",
]
