"""From a JSON schema to Python's type hints, and the classes that they need."""

import json
import keyword
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

DEEPEST = 20  # types within types that are told apart; what lies deeper may be anything

Schema = Mapping[str, Any]

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
FORMATS = {"date": "date", "date-time": "datetime", "time": "time", "uuid": "UUID"}
LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
}


def python_name(name: str) -> str:
    """A name as Python can have it; without leading underscores, for those mean that something is private."""
    plain = unicodedata.normalize("NFKC", name)
    cleaned = "".join(char if f"a{char}".isidentifier() else "_" for char in plain).lstrip("_")
    cleaned = cleaned if cleaned[:1].isidentifier() else f"call_{cleaned}"
    return f"{cleaned}_" if keyword.iskeyword(cleaned) else cleaned


def class_name(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in python_name(name).split("_"))


def quoted(text: object) -> str:
    """A text on one line, as Python writes it."""
    return json.dumps(" ".join(str(text).split()), ensure_ascii=False)


@dataclass(slots=True)
class Hints:
    """Those of one schema."""

    root: Schema
    classes: dict[str, list[str]] = field(default_factory=dict)  # name -> fields; inner ones first
    _named: dict[str, str] = field(default_factory=dict)  # a reference of the schema -> its class
    _taken: set[str] = field(default_factory=set)  # names of classes, also of unfinished ones
    _depth: int = 0

    def fields(self, schema: Schema, owner: str) -> list[str]:
        """The parameters of a function, or the fields of a class; those that must be given stand first."""
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if isinstance(required, list) else []
        known = properties if isinstance(properties, dict) else {}
        names = _apart(known)
        lines = [
            (name not in needed, self._field(name, names[name], value, owner, needed=name in needed))
            for name, value in known.items()
        ]
        return [line for _, line in sorted(lines, key=lambda entry: entry[0])]

    def _field(self, name: str, own: str, described: Any, owner: str, *, needed: bool) -> str:
        schema: Schema = described if isinstance(described, dict) else {}
        hint = self._hint(schema, owner + class_name(name))
        default = schema.get("default") if _plain(schema.get("default")) else None
        if not needed and default is None and "None" not in hint.split(" | "):
            hint += " | None"
        notes = [f"{LIMITS[key]}={schema[key]!r}" for key in LIMITS if _plain(schema.get(key))]
        notes += [f"alias={quoted(name)}"] if own != name else []
        if text := schema.get("description"):
            note = f"Field(description={quoted(text)}, {', '.join(notes)})" if notes else quoted(text)
            hint = f"Annotated[{hint}, {note}]"
        elif notes:
            hint = f"Annotated[{hint}, Field({', '.join(notes)})]"
        return f"{own}: {hint}" if needed else f"{own}: {hint} = {default!r}"

    def _hint(self, schema: Schema, name: str) -> str:
        """A type for a schema; what has no plain one may be anything."""
        if self._depth >= DEEPEST:
            return "Any"
        self._depth += 1
        try:
            return self._typed(schema, name)
        finally:
            self._depth -= 1

    def _typed(self, schema: Schema, name: str) -> str:
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(reference)
        options = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(options, list):
            hints = [self._hint(one, f"{name}{n or ''}") for n, one in enumerate(options) if _object(one)]
            return " | ".join(dict.fromkeys(hints)) or "Any"
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(values, list) and values:
            literal = all(value is None or isinstance(value, str | int) for value in values)
            return f"Literal[{', '.join(map(repr, values))}]" if literal else "Any"
        match schema.get("type"):
            case list(kinds):
                hints = [self._hint({**schema, "type": kind}, name) for kind in kinds]
                return " | ".join(dict.fromkeys(hints)) or "Any"
            case "array":
                items = schema.get("items")
                return f"list[{self._hint(items, f'{name}Item') if _object(items) else 'Any'}]"
            case "object":
                return self._class(schema, name)
            case "string":
                return FORMATS.get(str(schema.get("format")), "str")
            case str(kind):
                return PLAIN.get(kind, "Any")
        return "Any"

    def _class(self, schema: Schema, name: str) -> str:
        if not _object(schema.get("properties")):
            more = schema.get("additionalProperties")
            return f"dict[str, {self._hint(more, f'{name}Value') if _object(more) else 'Any'}]"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self.classes[name] = self.fields(schema, name)
        return name

    def _referred(self, reference: str) -> str:
        if reference not in self._named:
            found: Any = self.root
            for part in reference.removeprefix("#/").split("/"):
                found = found.get(part) if _object(found) else None
            if not _object(found):
                return "Any"
            # Known before it is looked at: it may hold itself.
            name = self._named[reference] = class_name(reference.rpartition("/")[2])
            self._named[reference] = self._hint(found, name)
        return self._named[reference]


def _apart(names: Iterable[str]) -> dict[str, str]:
    """Each name as Python can have it, no two of them the same."""
    found: dict[str, str] = {}
    for name in names:
        own = python_name(name)
        while own in found.values():
            own += "_"
        found[name] = own
    return found


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _object(value: object) -> TypeGuard[Schema]:
    """Whether something is an object with anything in it."""
    return isinstance(value, dict) and bool(value)
