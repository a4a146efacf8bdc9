"""The body of one POST /responses."""

import json
from collections.abc import Sequence

from bot.openai.composer import FRAME
from bot.openai.service import Service
from bot.openai.sse import Json
from bot.ports import Declaration, Request
from bot.python import START_PYTHON


def body(
    service: Service,
    request: Request,
    *,
    model: str,
    conversation: str,
    items: Sequence[Json],
    container: str,
) -> Json:
    """Everything a step sends, without what this server has refused before.

    Python runs in the container; without one the model may only ask for it.
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
    tools = [tool(declaration) for declaration in request.declarations]
    tools += hosted(service, request, model, container)
    if tools:
        asked["tools"] = tools
    return service.learned.accepted(model, asked)


def hosted(service: Service, request: Request, model: str, container: str) -> list[Json]:
    """The tools that the service itself runs."""
    wanted, learned = request.assistant.tools, service.learned
    tools: list[Json] = []
    if "web" in wanted and learned.takes(model, "web_search"):
        tools.append({"type": "web_search"})
    if "pictures" in wanted and learned.takes(model, "image_generation"):
        tools.append({"type": "image_generation"})
    # Last, because it is what changes within a conversation: what stands before stays in the cache.
    if "python" in wanted and learned.containers and learned.takes(model, "code_interpreter"):
        tools.append(
            {"type": "code_interpreter", "container": container} if container else tool(START_PYTHON)
        )
    return tools


def tool(declaration: Declaration) -> Json:
    return {
        "type": "function",
        "name": declaration.name,
        "description": declaration.description,
        "parameters": json.loads(declaration.parameters),
        "strict": declaration.strict,
    }
