"""Conversations and their items."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fakes.openai.mcp import check_approvals
from tests.fakes.openai.wire import ApiError, Ids, Json

MOST_ITEMS = 20  # per create
PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "reasoning": "rs",
    "mcp_approval_response": "mcpa",
}


@dataclass(slots=True)
class Conversation:
    """One conversation; `lock` names the response that is running on it."""

    id: str
    items: list[Json] = field(default_factory=list)
    metadata: Json = field(default_factory=dict)
    lock: str = ""
    created_at: int = field(default_factory=lambda: int(time.time()))

    def shown(self) -> Json:
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "metadata": self.metadata,
        }


class Conversations:
    """All conversations of the account."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.all: dict[str, Conversation] = {}

    def create(self, body: Json) -> Conversation:
        items = body.get("items") or []
        limited(items)
        conversation = Conversation(self._ids("conv"), metadata=body.get("metadata") or {})
        conversation.items = normal(items, self._ids)
        self.all[conversation.id] = conversation
        return conversation

    def get(self, id: str) -> Conversation:  # noqa: A002 - the service calls it so
        if id not in self.all:
            raise ApiError(404, f"Conversation with id '{id}' not found.")
        return self.all[id]

    def delete(self, id: str) -> Json:  # noqa: A002 - the service calls it so
        self.get(id)
        del self.all[id]
        return {"id": id, "object": "conversation.deleted", "deleted": True}

    def add(self, id: str, items: list[Json]) -> Json:  # noqa: A002 - the service calls it so
        limited(items)
        added = normal(items, self._ids)
        self.get(id).items += added
        return page(added, more=False)

    def list(self, id: str, query: dict[str, str]) -> Json:  # noqa: A002 - the service calls it so
        unknown = set(query) - {"order", "limit", "after", "include", "include[]"}
        if unknown:
            raise ApiError(400, f"Unknown parameter: '{min(unknown)}'.", code="unknown_parameter")
        items = list(self.get(id).items)
        if query.get("order", "desc") == "desc":
            items.reverse()
        limit = int(query.get("limit", 20))
        if not 1 <= limit <= 100:
            raise ApiError(400, "Invalid 'limit': must be between 1 and 100.", param="limit")
        if after := query.get("after"):
            ids = [item["id"] for item in items]
            if after not in ids:
                raise ApiError(404, f"Item with id '{after}' not found in conversation.")
            items = items[ids.index(after) + 1 :]
        return page(items[:limit], more=len(items) > limit)

    def delete_item(self, id: str, item: str) -> Json:  # noqa: A002 - the service calls it so
        conversation = self.get(id)
        if all(known["id"] != item for known in conversation.items):
            raise ApiError(404, f"Item with id '{item}' not found in conversation.")
        conversation.items = [known for known in conversation.items if known["id"] != item]
        return conversation.shown()


def limited(items: list[Json]) -> None:
    if len(items) > MOST_ITEMS:
        raise ApiError(400, "Invalid 'items': array too long.", param="items", code="array_above_max_length")


def page(items: list[Json], *, more: bool) -> Json:
    """One page of a list."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else "",
        "last_id": items[-1]["id"] if items else "",
        "has_more": more,
    }


def normal(items: Iterable[Json] | str, ids: Ids) -> list[Json]:
    """Input items as the service keeps them: with ids, types and content as lists."""
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    kept = []
    for item in items:
        kind = item.get("type", "message")
        new = {"type": kind, "status": "completed", **item}
        new["id"] = item.get("id") or ids(PREFIXES.get(kind, "item"))
        if kind == "message" and isinstance(new["content"], str):
            part = "output_text" if new["role"] == "assistant" else "input_text"
            extra: Json = {"annotations": [], "logprobs": []} if part == "output_text" else {}
            new["content"] = [{"type": part, "text": new["content"], **extra}]
        kept.append(new)
    return kept


def check_context(items: list[Json], dead_containers: set[str]) -> None:
    """What makes the service refuse to go on with these items."""
    check_approvals(items)
    outputs = {item.get("call_id") for item in items if item["type"].endswith("_output")}
    calls = {item["call_id"] for item in items if item["type"] == "function_call"}
    for item in items:
        kind = item["type"]
        if kind == "function_call" and item["call_id"] not in outputs:
            raise ApiError(400, f"No tool output found for function call {item['call_id']}.", param="input")
        if kind == "function_call_output" and item["call_id"] not in calls:
            raise ApiError(
                400,
                f"No tool call found for function call output with call_id {item['call_id']}.",
                param="input",
            )
        if kind == "code_interpreter_call" and item["container_id"] in dead_containers:
            raise ApiError(400, "Container is expired.")
    for item, following in zip(items, [*items[1:], {"type": "end"}], strict=True):
        if item["type"] == "reasoning" and (
            following["type"] in {"end", "function_call_output"} or following.get("role") == "user"
        ):
            raise ApiError(
                400,
                f"Item '{item['id']}' of type 'reasoning' was provided without its required following item.",
                param="input",
            )


def texts(items: Iterable[Json]) -> list[str]:
    """Every text in items."""
    found = []
    for item in items:
        content = item.get("content") or item.get("output") or ""
        if isinstance(content, str):
            found.append(content)
        else:
            found += [part.get("text") or part.get("refusal") or "" for part in content]
    return found


def last_user_text(items: list[Json]) -> str:
    """The last text a person wrote: what an echo gives back."""
    for item in reversed(items):
        if item.get("role") == "user":
            parts = [part["text"] for part in item["content"] if part["type"] == "input_text"]
            return parts[-1] if parts else ""
    return ""


def files_of(items: Iterable[Json]) -> set[str]:
    """Ids of uploaded files that items refer to."""
    return {
        part["file_id"]
        for item in items
        if isinstance(item.get("content"), list)
        for part in item["content"]
        if part.get("file_id")
    }
