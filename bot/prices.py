"""Turns what was used into money, with the prices of one file."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import PricesError
from bot.events import Usage
from bot.mistakes import remedy
from bot.ports import Spent

SHIPPED = Path(__file__).with_name("prices.toml")
MILLION = 1_000_000
SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")  # "gpt-6.2-sol-2026-11-17" costs what "gpt-6.2-sol" does
CENT = 0.01
TOOLS = ("containers", "web_searches", "file_searches", "pictures")


class Strict(BaseModel):
    """A part of the file, in which an unknown name is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(Strict):
    """Of a model, in dollars per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)  # None: as much as other input


class Long(Strict):
    """What a step with very much input costs."""

    above: int = Field(ge=0)  # tokens of input
    input: float = Field(ge=0)  # times the price
    output: float = Field(ge=0)


class Pictures(Strict):
    """Of the model that draws, in dollars per million tokens."""

    model: str
    text: float = Field(ge=0)  # read
    image: float = Field(ge=0)  # read
    output: float = Field(ge=0)


class Storage(Strict):
    """Of what lies there, in dollars for each GB and day; None where no price is known."""

    vector_stores: float | None = Field(default=None, ge=0)
    files: float | None = Field(default=None, ge=0)
    free: float = Field(default=0.0, ge=0)  # GB in vector stores that cost nothing


class Tools(Strict):
    """Of the service's tools, in dollars each; None where no price is known."""

    containers: float | None = Field(default=None, ge=0)
    web_searches: float | None = Field(default=None, ge=0)
    file_searches: float | None = Field(default=None, ge=0)
    pictures: float | None = Field(default=None, ge=0)


class Prices(Strict):
    """All prices, and from when and where they are."""

    date: date
    source: str = Field(min_length=1)
    models: dict[str, Price]
    long: Long
    pictures: Pictures | None = None
    storage: Storage = Storage()
    tools: Tools


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount, and what could not be counted because no price is known."""

    dollars: float = 0.0
    unpriced: frozenset[str] = frozenset()  # names of models and tools

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.dollars + other.dollars, self.unpriced | other.unpriced)

    @property
    def amount(self) -> str:
        """The dollars as people write them; with more digits where it is less than a cent."""
        return f"${self.dollars:,.4f}" if 0 < self.dollars < CENT else f"${self.dollars:,.2f}"


def load(path: Path | None = None) -> Prices:
    """The shipped prices, or those of a file. Raises PricesError that says what is wrong with it."""
    path = path or SHIPPED
    try:
        return Prices.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PricesError(f"{path}: cannot be read ({error}). Mend it, or unset MARU_PRICES.") from error
    except ValidationError as error:
        told = "\n".join(
            f"{path}: {'.'.join(map(str, problem['loc']))}: {remedy(problem)}." for problem in error.errors()
        )
        raise PricesError(f"{told}\nMend it after the shipped bot/prices.toml.") from error


def cost(prices: Prices, spent: Spent) -> Cost:
    """What some usage costs."""
    usage = spent.usage
    total = Cost()
    if usage.input_tokens or usage.output_tokens:
        total += _tokens(prices, usage, long=spent.long)
    for tool in TOOLS:
        if count := getattr(usage, tool):
            price = getattr(prices.tools, tool)
            if tool == "pictures" and price is None and prices.pictures and usage.picture_output_tokens:
                total += _pictures(prices.pictures, usage)
                continue
            total += Cost(unpriced=frozenset({tool})) if price is None else Cost(count * price)
    return total


def _pictures(prices: Pictures, usage: Usage) -> Cost:
    return Cost(
        (
            usage.picture_text_tokens * prices.text
            + usage.picture_image_tokens * prices.image
            + usage.picture_output_tokens * prices.output
        )
        / MILLION
    )


def summed(prices: Prices, spent: Iterable[Spent]) -> Cost:
    """What all of it costs together."""
    return sum((cost(prices, entry) for entry in spent), Cost())


def _tokens(prices: Prices, usage: Usage, *, long: bool) -> Cost:
    price = prices.models.get(usage.model) or prices.models.get(SNAPSHOT.sub("", usage.model))
    if price is None:
        return Cost(unpriced=frozenset({usage.model}))
    cached = price.input if price.cached is None else price.cached
    read = (usage.input_tokens - usage.cached_tokens) * price.input + usage.cached_tokens * cached
    written = usage.output_tokens * price.output
    if long:
        read, written = read * prices.long.input, written * prices.long.output
    return Cost((read + written) / MILLION)
