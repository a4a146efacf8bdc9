"""Every implementation of the `Adapter` port, with somebody who asks it; another platform adds one line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.console.adapter import ConsoleAdapter
from adapters.web.adapter import WebAdapter
from bot.assistants import Assistant
from bot.choice import Choice, Offer
from bot.files import Files
from bot.messages import Author, Incoming, Message, Receipt
from bot.ports import Adapter, Receive
from storage.sqlite.store import Store
from tests.fakes.clock import ManualClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.people import message
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse
from tests.fakes.square import Square, SquareAdapter


@dataclass(frozen=True)
class Place:
    """Where an adapter meets people."""

    adapter: Adapter
    asks: Callable[[Receive], Awaitable[object]]  # somebody asks, and so the core receives something
    gone: str = '{"path": "/no/such/file"}'  # the `source` of a file that is not there any more


async def by_itself(receive: Receive, platform: str) -> None:
    """Where nothing is known of a platform but its name."""
    ann = Author(f"{platform}:ann", "Ann", "ko-KR")
    await receive(message("hello", conversation=f"{platform}:room", author=ann))


Open = Callable[[Store, ManualClock, Path], AbstractAsyncContextManager[Place]]


@asynccontextmanager
async def square(store: Store, clock: ManualClock, _folder: Path) -> AsyncIterator[Place]:
    adapter = SquareAdapter(Square(), store.parts, clock)
    yield Place(adapter, partial(by_itself, platform="square"))


@asynccontextmanager
async def console(store: Store, clock: ManualClock, folder: Path) -> AsyncIterator[Place]:
    adapter = ConsoleAdapter(store.archive, Files(folder), clock)
    yield Place(adapter, partial(by_itself, platform="console"))


@asynccontextmanager
async def web(store: Store, clock: ManualClock, folder: Path) -> AsyncIterator[Place]:
    async def healthy() -> dict[str, str]:
        return {}

    async def offered(_conversation: str, _author: Author) -> Offer:
        maru = Assistant(name="maru", instructions="Be kind.")
        return Offer(Choice(maru, "default"), (maru,))

    adapter = WebAdapter(
        address=("127.0.0.1", 0),
        token=None,
        public_url="",
        archive=store.archive,
        file_rows=store.files,
        files=Files(folder),
        offered=offered,
        health=healthy,
        clock=clock,
    )
    yield Place(adapter, partial(by_itself, platform="web"))


@asynccontextmanager
async def slack(store: Store, clock: ManualClock, folder: Path) -> AsyncIterator[Place]:
    async with FakeSlack(clock=clock) as fake:
        house = SlackHouse(folder, fake, clock=clock)
        ann = fake.person("Ann", locale="ko-KR")
        yield Place(
            house.adapter(store, Files(folder)),
            lambda _: ann.mentions_bot(fake.general, "hello"),
            gone=f'{{"team": "{fake.team.id}", "id": "F404"}}',
        )


@asynccontextmanager
async def discord(store: Store, clock: ManualClock, folder: Path) -> AsyncIterator[Place]:
    async with FakeDiscord(clock=clock) as fake:
        house = DiscordHouse(folder, fake, clock=clock)
        ann = fake.person("Ann", locale="ko-KR")
        yield Place(
            house.adapter(store, Files(folder)),
            lambda _: ann.mentions_bot(fake.general, "hello"),
            gone=f'{{"id": "404", "url": "{fake.url}/cdn/attachments/404/gone.txt"}}',
        )


PLATFORMS: dict[str, Open] = {
    "square": square,
    "console": console,
    "web": web,
    "slack": slack,
    "discord": discord,
}


@asynccontextmanager
async def asked(place: Place, store: Store) -> AsyncIterator[None]:
    """The adapter is connected while entered, and somebody has asked it something."""
    told = asyncio.get_running_loop().create_future()

    async def receive(incoming: Incoming) -> Receipt:
        receipt = await store.inbox.receive(incoming)
        if isinstance(incoming, Message) and not told.done():
            told.set_result(None)
        return receipt

    connected = asyncio.create_task(place.adapter.run(receive))
    while not place.adapter.ready and not connected.done():  # noqa: ASYNC110 - the port has no event for it
        await asyncio.sleep(0)
    await place.asks(receive)
    await asyncio.wait({connected, told}, return_when=asyncio.FIRST_COMPLETED)
    if connected.done():
        connected.result()
    yield
    connected.cancel()
    await asyncio.wait({connected})
    assert connected.cancelled()
