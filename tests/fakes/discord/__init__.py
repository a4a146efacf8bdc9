"""A stateful Discord on loopback: REST, gateway, interactions, CDN, and people who use it."""

from tests.fakes.discord.people import Person
from tests.fakes.discord.rendered import Seen
from tests.fakes.discord.server import TOKEN, FakeDiscord
from tests.fakes.discord.world import Channel, Guild, Interaction, Message

__all__ = ["TOKEN", "Channel", "FakeDiscord", "Guild", "Interaction", "Message", "Person", "Seen"]
