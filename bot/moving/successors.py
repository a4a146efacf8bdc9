"""Which model takes the place of one that OpenAI shuts down."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

TABLE = Path(__file__).with_name("successors.toml")
SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
TUNED = "ft:"  # before the base model of a fine-tuned one


class Ending(BaseModel):
    """Of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shutdown: date
    successor: str = ""  # empty: none is known


class Table(BaseModel):
    """All of them, and from when and where that is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    source: str
    models: dict[str, Ending]


@cache
def table() -> Table:
    """The shipped table."""
    return Table.model_validate(tomllib.loads(TABLE.read_text(encoding="utf-8")))


def ending(model: str) -> Ending | None:
    """When a model ends, and what follows it; None when nothing is known. A tuned one ends with its base."""
    base = model.removeprefix(TUNED).partition(":")[0] if model.startswith(TUNED) else model
    known = table().models
    return known.get(base) or known.get(SNAPSHOT.sub("", base))
