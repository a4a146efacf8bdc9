"""A stateful, strict and unkind OpenAI on loopback."""

from tests.fakes.openai.mcp import FakeMcp
from tests.fakes.openai.script import (
    Answer,
    Asks,
    BreaksOff,
    Calls,
    Computes,
    Consults,
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
    "Consults",
    "Draws",
    "Drops",
    "Fails",
    "FakeMcp",
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
