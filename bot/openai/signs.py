"""What the service's own tools show of their work, besides the text of an answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.events import ALT_CHARS, Activity, CodeRun
from bot.functions import activity
from bot.openai.sse import Json

BEGUN: dict[str, Activity] = {  # type of an item -> what is done while it is made
    "reasoning": Activity("thinking"),
    "compaction": Activity("thinking"),
    "file_search_call": Activity("searching"),
    "web_search_call": Activity("browsing"),
    "code_interpreter_call": Activity("python"),
    "image_generation_call": Activity("drawing"),
}
GOES_ON: dict[str, Activity] = {
    "response.web_search_call.searching": BEGUN["web_search_call"],
    "response.file_search_call.searching": BEGUN["file_search_call"],
    "response.code_interpreter_call.interpreting": BEGUN["code_interpreter_call"],
    "response.image_generation_call.generating": BEGUN["image_generation_call"],
}
NAMED = {"function_call", "custom_tool_call", "mcp_call", "mcp_list_tools"}  # items that say what is asked


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture the model drew, still as base64."""

    encoded: str
    name: str
    link: str = ""
    alt: str = ""
    whole: bool = True  # not a preview


def begins(item: Json) -> Iterator[Activity]:
    """An item is begun."""
    kind = item.get("type", "")
    if kind in NAMED:
        yield activity(str(item.get("name") or ""), str(item.get("server_label") or ""))
    elif kind in BEGUN:
        yield BEGUN[kind]


def goes_on(event: Json) -> Iterator[Activity | Picture]:
    """Work on an item goes on."""
    kind = event.get("type", "")
    if kind in GOES_ON:
        yield GOES_ON[kind]
    elif kind == "response.image_generation_call.partial_image":
        yield Picture(event["partial_image_b64"], _name(event), whole=False)


def drawn(item: Json) -> Picture:
    """The picture of an item that has one."""
    alt = " ".join(str(item.get("revised_prompt") or "").split())[:ALT_CHARS]
    return Picture(item["result"], _name(item), alt=alt)


def ran(items: Iterable[Json]) -> Iterator[CodeRun]:
    """The Python that these items say was run."""
    for item in items:
        if item.get("type") == "code_interpreter_call" and item.get("code"):
            yield CodeRun(str(item["code"]))


def _name(made: Json) -> str:
    return f"picture.{made.get('output_format') or 'png'}"
