"""Block Kit's rules, as far as a bot can break them."""

import itertools
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from tests.fakes.slack.wire import Json, SlackError, invalid

MARKDOWN = 12_000  # of one markdown_text, and of all markdown blocks of a message together
ALL_BLOCKS = 13_200  # characters of text in all blocks of a message
RENDERED = 50  # blocks, once Markdown is expanded
IN_MESSAGES = {
    "actions", "alert", "card", "carousel", "container", "context", "context_actions", "data_table",
    "data_visualization", "divider", "file", "header", "image", "markdown", "plan", "rich_text", "section",
    "table", "task_card", "video",
}  # fmt: skip
IN_VIEWS = (IN_MESSAGES - {"markdown", "table", "plan", "task_card", "context_actions", "file"}) | {"input"}
ELEMENTS = {
    "button", "checkboxes", "datepicker", "feedback_buttons", "icon_button", "overflow", "radio_buttons",
    "static_select", "users_select", "conversations_select", "channels_select", "plain_text_input",
}  # fmt: skip
_ID = re.compile(r"^[\s\S]{1,255}$")


def check_message(blocks: object) -> list[Json]:
    """The blocks of a message, if they are right."""
    checked = _check(blocks, IN_MESSAGES, 50)
    markdown = [block["text"] for block in checked if block["type"] == "markdown"]
    if sum(map(len, markdown)) > MARKDOWN:
        raise invalid("must be at most 12000 characters in all markdown blocks", code="invalid_blocks")
    if len(checked) - len(markdown) + sum(map(_rendered, markdown)) > RENDERED:
        raise invalid("no more than 50 items allowed [json-pointer:/blocks]", code="invalid_blocks")
    if sum(1 for block in checked if block["type"] in ("table", "data_table")) > 1:
        raise invalid("only_one_table_allowed", code="invalid_blocks")
    if {"plan", "task_card"} <= {block["type"] for block in checked}:
        raise invalid("plan and task_card exclude each other", code="invalid_blocks")
    if sum(len(text) for text in texts(checked)) > ALL_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    return checked


def check_view(view: object, kinds: tuple[str, ...]) -> Json:
    """A modal or a Home, if it is right."""
    if not isinstance(view, dict) or view.get("type") not in kinds:
        raise invalid(f"view.type must be one of {kinds}")
    if view["type"] == "modal":
        _text(view.get("title"), 24, "/view/title", plain=True)
    _check(view.get("blocks"), IN_VIEWS, 100)
    return view


def texts(value: object) -> Iterator[str]:
    """Every piece of text in blocks."""
    if isinstance(value, list):
        yield from itertools.chain.from_iterable(map(texts, value))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "text" and isinstance(inner, str):
                yield inner
            elif isinstance(inner, (dict, list)):
                yield from texts(inner)


def _rendered(markdown: str) -> int:
    """How many blocks Slack makes of a piece of Markdown: each list item is one."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    top = sum(token.level == 0 and token.nesting >= 0 for token in tokens)
    return top + sum(token.type == "list_item_open" for token in tokens)


def _check(blocks: object, kinds: set[str], most: int) -> list[Json]:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if len(blocks) > most:
        raise invalid(f"no more than {most} items allowed [json-pointer:/blocks]", code="invalid_blocks")
    names = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(names) != len(set(names)):
        raise invalid("block_id already exists", code="invalid_blocks")
    for number, block in enumerate(blocks):
        place = f"/blocks/{number}"
        if not isinstance(block, dict) or block.get("type") not in kinds:
            raise invalid(f"unsupported type [json-pointer:{place}/type]", code="invalid_blocks")
        _block(block, place)
    return blocks


def _block(block: Json, place: str) -> None:
    match block["type"]:
        case "section":
            _section(block, place)
        case "header":
            _text(block.get("text"), 150, place, plain=True)
        case "markdown":
            if not isinstance(block.get("text"), str) or not block["text"]:
                raise invalid(f"missing required field: text [{place}]", code="invalid_blocks")
        case "context":
            _most(block.get("elements"), 10, place)
            for element in block["elements"]:
                if element.get("type") != "image":
                    _text(element, 3000, place)
        case "actions" | "context_actions":
            _most(block.get("elements"), 25, place)
            for element in block["elements"]:
                _element(element, place)
            ids = [element.get("action_id") for element in block["elements"]]
            if len(ids) != len(set(ids)):
                raise invalid(f"action_id already exists [{place}]", code="invalid_blocks")
        case "table":
            _table(block, place)


def _section(block: Json, place: str) -> None:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        raise invalid(f"missing required field: text [{place}]", code="invalid_blocks")
    if "text" in block:
        _text(block["text"], 3000, place)
    _most(fields, 10, place)
    for inner in fields:
        _text(inner, 2000, place)
    if "accessory" in block:
        _element(block["accessory"], place)


def _table(block: Json, place: str) -> None:
    rows = block.get("rows")
    _most(rows, 100, place)
    for row in rows or []:
        _most(row, 20, place)
        for cell in row:
            if cell.get("type") not in ("raw_text", "raw_number", "rich_text"):
                raise invalid(f"unsupported cell [{place}]", code="invalid_blocks")
            if cell["type"] == "raw_text" and not cell.get("text"):
                raise invalid(f"must be more than 0 characters [{place}/rows]", code="invalid_blocks")
    if sum(len(text) for text in texts(rows)) > 10_000:
        raise invalid(f"table is too long [{place}]", code="invalid_blocks")


def _element(element: Json, place: str) -> None:
    kind = element.get("type")
    if kind not in ELEMENTS and kind != "image":
        raise invalid(f"unsupported element [{place}]", code="invalid_blocks")
    if "action_id" in element and not _ID.match(str(element["action_id"])):
        raise invalid(f"action_id is too long [{place}]", code="invalid_blocks")
    if kind == "button":
        _text(element.get("text"), 75, place, plain=True)
        if element.get("style", "primary") not in ("primary", "danger"):
            raise invalid(f"unknown style [{place}]", code="invalid_blocks")
        for name, most in (("value", 2000), ("url", 3000)):
            if len(str(element.get(name, ""))) > most:
                raise invalid(f"{name} is too long [{place}]", code="invalid_blocks")
    if kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            button = element.get(name) or {}
            _text(button.get("text"), 75, place, plain=True)
            if not button.get("value") or len(button["value"]) > 2000:
                raise invalid(f"{name}.value is wrong [{place}]", code="invalid_blocks")


def _text(text: object, most: int, place: str, *, plain: bool = False) -> None:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        raise invalid(f"must be one of {kinds} [{place}/text]", code="invalid_blocks")
    written = text.get("text")
    if not isinstance(written, str) or not written:
        raise invalid(f"must be more than 0 characters [{place}/text]", code="invalid_blocks")
    if len(written) > most:
        raise invalid(f"must be less than {most + 1} characters [{place}/text]", code="invalid_blocks")


def _most(items: object, most: int, place: str) -> None:
    if not isinstance(items, list) or len(items) > most:
        raise invalid(f"no more than {most} items allowed [{place}]", code="invalid_blocks")
