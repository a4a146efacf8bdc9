"""From the parameters of a Python function to the JSON schema that the model keeps to."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]

# What the strict mode of function tools understands; a schema with anything else is sent without it.
KEYWORDS = frozenset(
    {"$defs", "$ref", "additionalProperties", "anyOf", "const", "description", "enum", "exclusiveMaximum"}
    | {"exclusiveMinimum", "format", "items", "maxItems", "maximum", "minItems", "minimum", "multipleOf"}
    | {"pattern", "properties", "required", "type"}
)
FORMATS = frozenset({"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uuid"})


class _Loose(Exception):
    """The schema cannot be expressed in strict mode."""


def schema_of(arguments: type[BaseModel]) -> tuple[str, bool]:
    """The schema of a function's arguments as JSON, and whether it is strict.

    In a strict schema every parameter is required; one with a default may be null, which means the default.
    """
    plain = _untitled(arguments.model_json_schema())
    try:
        return json.dumps(_strict(plain, top=True), ensure_ascii=False), True
    except _Loose:
        return json.dumps(plain, ensure_ascii=False), False


def _untitled(schema: Any, *, names: bool = False) -> Any:
    """Without pydantic's titles, which only repeat the names."""
    match schema:
        case dict():
            return {
                key: _untitled(value, names=key in {"properties", "$defs"} and not names)
                for key, value in schema.items()
                if names or key != "title"
            }
        case list():
            return [_untitled(item) for item in schema]
    return schema


def _strict(schema: Mapping[str, Any], *, top: bool = False) -> Json:
    if not schema.keys() <= KEYWORDS:
        raise _Loose
    if schema.get("format", "date") not in FORMATS or "(?" in schema.get("pattern", ""):
        raise _Loose
    made = dict(schema)
    if schema.get("type") == "object":
        if schema.get("additionalProperties", False) is not False:
            raise _Loose
        made["properties"] = {
            name: _property(value, optional=top) for name, value in schema.get("properties", {}).items()
        }
        made |= {"required": list(made["properties"]), "additionalProperties": False}
    elif not schema.keys() & {"type", "$ref", "anyOf", "enum", "const"}:
        raise _Loose  # anything at all
    if "items" in schema:
        made["items"] = _strict(schema["items"])
    elif schema.get("type") == "array":
        raise _Loose
    if "anyOf" in schema:
        made["anyOf"] = [_strict(choice) for choice in schema["anyOf"]]
    if "$defs" in schema:
        made["$defs"] = {name: _strict(value) for name, value in schema["$defs"].items()}
    return made


def _property(schema: Mapping[str, Any], *, optional: bool) -> Json:
    if "default" not in schema:
        return _strict(schema)
    if not optional:
        raise _Loose
    described = {key: value for key, value in schema.items() if key == "description"}
    rest = _strict({key: value for key, value in schema.items() if key not in {"default", "description"}})
    choices = rest.pop("anyOf", None) or [rest]
    null = {"type": "null"}
    return described | {"anyOf": choices if null in choices else [*choices, null]}
