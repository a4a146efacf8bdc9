"""Items and usage of a response, as the store and the ledger keep them."""

from collections import Counter
from collections.abc import Iterable

from bot.events import Usage
from bot.openai.sse import Json


def kept(item: Json) -> Json:
    """An item as the store keeps it: without nothings, pictures and passages."""
    item = {key: value for key, value in item.items() if value is not None}
    if item["type"] == "image_generation_call":
        item.pop("result", None)
    if item["type"] == "file_search_call":
        item.pop("results", None)
    if item["type"] == "message":
        item["content"] = [
            {key: value for key, value in part.items() if key != "logprobs"}
            for part in item.get("content") or []
        ]
    return item


def words_of(part: Json) -> str:
    """The text of a content part, which may be a refusal."""
    return str(part.get("text") or part.get("refusal") or "")


def usage_of(response: Json, items: Iterable[Json]) -> Usage | None:
    """What a response used: tokens where the server says, and the tools that stand in its items."""
    usage = response.get("usage") or {}
    used = Counter(str(item.get("type")) for item in items if used_up(item))
    if not usage and not used:
        return None
    tools = response.get("tool_usage") or {}
    told = (tools.get("web_search") or {}).get("num_requests")
    drawn = tools.get("image_gen") or {}
    read = drawn.get("input_tokens_details") or {}
    return Usage(
        model=str(response.get("model") or ""),
        input_tokens=int(usage.get("input_tokens") or 0),
        cached_tokens=int((usage.get("input_tokens_details") or {}).get("cached_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
        web_searches=used["web_search_call"] if told is None else int(told),
        file_searches=used["file_search_call"],
        pictures=used["image_generation_call"],
        picture_text_tokens=int(read.get("text_tokens") or 0),
        picture_image_tokens=int(read.get("image_tokens") or 0),
        picture_output_tokens=int(drawn.get("output_tokens") or 0),
    )


def used_up(item: Json) -> bool:
    """Whether an item stands for one use of a tool that is charged for each use."""
    match item.get("type"):
        case "web_search_call":  # opening a page that was found is no search
            return bool((item.get("action") or {}).get("type", "search") == "search")
        case "image_generation_call":
            return bool(item.get("result"))
        case "file_search_call":
            return True
    return False
