"""What is decided about Discord at the start."""

from dataclasses import dataclass

ALL = "all"


@dataclass(frozen=True, slots=True)
class Channels:
    """Some channels by their ids, or all of them."""

    ids: frozenset[str] = frozenset()

    def __contains__(self, channel: object) -> bool:
        return ALL in self.ids or str(channel) in self.ids

    def __bool__(self) -> bool:
        return bool(self.ids)


NOWHERE = Channels()


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of this process, among those that the bot has."""

    ids: range
    count: int


@dataclass(frozen=True, slots=True)
class Options:
    """Without any of it: threads, mentions, and all shards."""

    forums: Channels = NOWHERE
    in_place: Channels = NOWHERE
    shards: Shards | None = None  # None: as many as Discord advises, all in this process
    settle: float = 1.0  # seconds without a further server after which all of them are known


USUAL = Options()
