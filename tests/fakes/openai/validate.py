"""Checks requests against the types of the installed SDK, and refuses what they do not know."""

import typing
from typing import Any

from openai.types.conversations.conversation_create_params import ConversationCreateParams
from openai.types.conversations.item_create_params import ItemCreateParams
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import TypeAdapter, ValidationError

from tests.fakes.openai.wire import ApiError, Json


class Shape:
    """What one kind of request may contain."""

    def __init__(self, kind: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)
        self._known = set(typing.get_type_hints(kind, include_extras=True))

    def check(self, body: object) -> Json:
        """The body, if it is right; otherwise a 400 that names the parameter."""
        if not isinstance(body, dict):
            raise ApiError(400, "We could not parse the JSON body of your request.")
        for name in body:
            if name not in self._known:
                raise ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
        try:
            drain(self._adapter.validate_python(body))
        except ValidationError as error:
            places = {".".join(str(part) for part in problem["loc"][:3]) for problem in error.errors()}
            raise ApiError(
                400,
                f"Invalid value for {sorted(places)}.",
                param=min(places).split(".")[0],
                code="invalid_value",
            ) from error
        return body


def drain(value: Any) -> Any:
    """Walk through lazily validated iterables, so that each of their entries is checked."""
    if isinstance(value, dict):
        return {key: drain(entry) for key, entry in value.items()}
    if value is None or isinstance(value, (str, bytes, int, float)):
        return value
    return [drain(entry) for entry in value] if hasattr(value, "__iter__") else value


STREAMING = Shape(ResponseCreateParamsStreaming)
PLAIN = Shape(ResponseCreateParamsNonStreaming)
CONVERSATION = Shape(ConversationCreateParams)
ITEMS = Shape(ItemCreateParams)
