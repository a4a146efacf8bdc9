"""The body of one POST /responses."""

import json
from collections.abc import Sequence

from bot.openai.composer import FRAME
from bot.openai.service import Service
from bot.openai.sse import Json
from bot.ports import Declaration, Request


def body(service: Service, request: Request, model: str, conversation: str, items: Sequence[Json]) -> Json:
    """Everything a step sends, without what this server has refused before.

    Instructions and tools come in the same order each time, so that the service finds them in its cache.
    """
    assistant, turn = request.assistant, request.turn
    asked: Json = {
        "model": model,
        "instructions": assistant.instructions + "\n" + FRAME,
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
    if request.declarations:
        asked["tools"] = [tool(declaration) for declaration in request.declarations]
    return service.learned.accepted(model, asked)


def tool(declaration: Declaration) -> Json:
    return {
        "type": "function",
        "name": declaration.name,
        "description": declaration.description,
        "parameters": json.loads(declaration.parameters),
        "strict": declaration.strict,
    }
