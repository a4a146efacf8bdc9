"""What the SDK's raw methods answer, as JSON; its exceptions as ServiceError."""

import json
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Protocol

import httpx2  # what the SDK speaks HTTP with
import openai
from openai import APIConnectionError, APIError, APIStatusError

from bot.openai.errors import ServiceError, retry_after
from bot.openai.sse import Json


class Answered(Protocol):
    """What the SDK's raw methods return."""

    @property
    def content(self) -> bytes: ...


async def read(request: Awaitable[Answered]) -> Json:
    """The body of an answer. The SDK's classes would lose item types that are newer than they are."""
    with translated():
        answer: Json = json.loads((await request).content)
        return answer


async def gone(request: Awaitable[Answered]) -> None:
    """Deleting twice is a 404 at the service, and no error here."""
    try:
        with translated():
            await request
    except ServiceError as error:
        if not error.missing:
            raise


@contextmanager
def translated() -> Iterator[None]:
    """Turns the SDK's exceptions into ServiceError."""
    try:
        yield
    except APIStatusError as error:
        raise status_error(error) from error
    except (APIConnectionError, httpx2.RequestError) as error:  # the latter while a body is read
        raise ServiceError(type=type(error).__name__, lost=True) from error
    except APIError as error:
        raise ServiceError(code=error.code or "", type=error.type or "", message=error.message) from error
    except (openai.OpenAIError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ServiceError(type=type(error).__name__, message=str(error)) from error


def status_error(error: APIStatusError) -> ServiceError:
    return ServiceError(
        status=error.status_code,
        code=str(error.code or ""),
        type=str(error.type or ""),
        param=str(error.param or ""),
        message=error.message,
        request_id=error.request_id or "",
        after=retry_after(error.response.headers),
    )
