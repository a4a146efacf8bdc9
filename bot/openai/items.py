"""Items and usage of a response, as the store and the ledger keep them."""

from bot.events import Usage
from bot.openai.sse import Json


def kept(item: Json) -> Json:
    """An item as the store keeps it: without nothings, and without the bytes of pictures."""
    item = {key: value for key, value in item.items() if value is not None}
    if item["type"] == "image_generation_call":
        item.pop("result", None)
    if item["type"] == "message":
        item["content"] = [
            {key: value for key, value in part.items() if key != "logprobs"}
            for part in item.get("content") or []
        ]
    return item


def words_of(part: Json) -> str:
    """The text of a content part, which may be a refusal."""
    return str(part.get("text") or part.get("refusal") or "")


def usage_of(response: Json) -> Usage | None:
    """What a response cost, where the server says."""
    usage = response.get("usage")
    if not usage:
        return None
    return Usage(
        model=str(response.get("model") or ""),
        input_tokens=int(usage.get("input_tokens") or 0),
        cached_tokens=int((usage.get("input_tokens_details") or {}).get("cached_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
    )
