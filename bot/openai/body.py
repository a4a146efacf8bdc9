"""The body of one POST /responses."""

from collections.abc import Sequence

from bot.openai.composer import FRAME
from bot.openai.service import Service
from bot.openai.sse import Json
from bot.openai.tools import Tools
from bot.ports import Request

SEARCHING = """
Before you answer anything about the team, its rules or its work, look into its documents with file search, \
also in a conversation where you searched before. Cite what you take from them. When they do not answer the \
question, say so instead of guessing."""
ASK = " Offer then whom to ask: the owner that the nearest document names{others}."


def body(
    service: Service,
    request: Request,
    tools: Tools,
    *,
    model: str,
    conversation: str,
    items: Sequence[Json],
    container: str,
    search: Json | None = None,
) -> Json:
    """Everything a step sends, without what this server has refused before.

    Python runs in the container; without one the model may only ask for it. `search` is the service's own
    tool for that; our function comes besides where there is more to search.
    Instructions and tools come in the same order each time, so that the service finds them in its cache.
    """
    assistant, turn = request.assistant, request.turn
    asked: Json = {
        "model": model,
        "instructions": assistant.instructions
        + "\n"
        + FRAME
        + (_searching(request) if search else "")
        + tools.lacking(),
        "input": list(items),
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "prompt_cache_key": service.alias(turn.conversation),
        "safety_identifier": service.alias(turn.author.id),
    }
    if conversation:
        # Only a background response can be cancelled, and taken up again after a crash.
        asked |= {"conversation": conversation, "background": True, "store": True}
    else:
        asked |= {"store": False, "include": ["reasoning.encrypted_content"]}
    if search:
        asked["include"] = [*asked.get("include", ()), "file_search_call.results"]
    if assistant.effort:
        asked["reasoning"] = {"effort": assistant.effort}
    if offered := tools.offered(container, search):
        asked["tools"] = offered
    return service.learned.accepted(model, asked)


def _searching(request: Request) -> str:
    """What the model is told of the service's own search."""
    owners = "; ".join(request.owners)
    return SEARCHING + ASK.format(others=f", or {owners}" if owners else "")
