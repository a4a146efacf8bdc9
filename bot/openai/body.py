"""The body of one POST /responses."""

from collections.abc import Sequence

from bot.openai.composer import FRAME
from bot.openai.service import Service
from bot.openai.sse import Json
from bot.openai.tools import Tools
from bot.ports import Request


def body(
    service: Service,
    request: Request,
    tools: Tools,
    *,
    model: str,
    conversation: str,
    items: Sequence[Json],
    container: str,
) -> Json:
    """Everything a step sends, without what this server has refused before.

    Instructions and tools come in the same order each time, so that the service finds them in its cache.
    """
    assistant, turn = request.assistant, request.turn
    asked: Json = {
        "model": model,
        "instructions": assistant.instructions + "\n" + FRAME + tools.lacking(),
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
    if assistant.effort:
        asked["reasoning"] = {"effort": assistant.effort}
    if offered := tools.offered(container):
        asked["tools"] = offered
    return service.learned.accepted(model, asked)
