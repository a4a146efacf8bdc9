"""What goes wrong with a request, told to the page as a sentence in the person's language."""

import logging
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import StoreError
from bot.texts import Language, say

logger = logging.getLogger(__name__)


class Problem(Exception):
    """A request cannot be carried out; `text` is the key of the sentence for the person."""

    def __init__(self, status: int, text: str, **values: object) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.values = values


def language_for(request: web.Request) -> Language:
    """The language that the page is shown in."""
    return "ko" if request.headers.get("Accept-Language", "").lower().startswith("ko") else "en"


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns what goes wrong into JSON."""
    try:
        return await handler(request)
    except Problem as problem:
        return told(request, problem.status, problem.text, **problem.values)
    except StoreError:
        reference = secrets.token_hex(3)
        logger.exception("%s: the store failed", reference)
        return told(request, 503, "web_store", reference=reference)
    except web.HTTPRequestEntityTooLarge:
        return told(request, 413, "web_too_large")
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:
        reference = secrets.token_hex(3)
        logger.exception("%s: %s %s failed", reference, request.method, request.path)
        return told(request, 500, "web_bug", reference=reference)


def told(request: web.Request, status: int, text: str, **values: object) -> web.Response:
    sentence = say(text, language_for(request), **values)
    return web.json_response({"problem": text, "text": sentence}, status=status)
