"""Buttons, menus and Components V2: what Discord accepts, and what it refuses."""

from tests.fakes.discord.wire import Json, invalid
from tests.fakes.discord.world import COMPONENTS_V2

ROW, BUTTON, SELECT, SECTION, TEXT = 1, 2, 3, 9, 10
LINK = 5  # a button's style
TOTAL = 40
TEXT_TOTAL = 4000


def check(components: list[Json], flags: int) -> None:
    """Raise what Discord says about these."""
    parts = everything(components)
    if len(parts) > TOTAL:
        raise invalid("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"Only {TOTAL} components")
    if not flags & COMPONENTS_V2 and any(one["type"] != ROW for one in components):
        raise invalid("components.0.type", "UNION_TYPE_CHOICES", "Value of field must be one of (1,)")
    if not flags & COMPONENTS_V2 and len(components) > 5:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if sum(len(one["content"]) for one in parts if one["type"] == TEXT) > TEXT_TOTAL:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", f"Must be {TEXT_TOTAL} or fewer in length.")
    seen: set[str] = set()
    for one in parts:
        _check(one, seen)


def _check(one: Json, seen: set[str]) -> None:
    if one["type"] == ROW and not 1 <= len(one["components"]) <= 5:
        raise invalid("components.0.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if one["type"] == BUTTON:
        _check_button(one)
    if one["type"] == SELECT and not 1 <= len(one["options"]) <= 25:
        raise invalid("components.0.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    if "custom_id" in one:
        if not 1 <= len(one["custom_id"]) <= 100:
            raise invalid("components.0.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100.")
        if one["custom_id"] in seen:
            raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id is duplicated")
        seen.add(one["custom_id"])


def _check_button(one: Json) -> None:
    if len(one.get("label") or "") > 80:
        raise invalid("components.0.label", "BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length.")
    if not one.get("label") and not one.get("emoji"):
        raise invalid("components.0.label", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji")
    if (one.get("style") == LINK) != ("url" in one) or ("url" in one) == ("custom_id" in one):
        raise invalid("components.0", "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id or a url, not both")


def everything(components: list[Json]) -> list[Json]:
    """The components and all that is in them."""
    found: list[Json] = []
    for one in components:
        inside = list(one.get("components") or [])
        if one.get("accessory"):
            inside.append(one["accessory"])
        found += [one, *everything(inside)]
    return found


def buttons(components: list[Json]) -> list[Json]:
    """What can be pressed."""
    return [one for one in everything(components) if one["type"] == BUTTON]


def texts(components: list[Json]) -> list[str]:
    return [one["content"] for one in everything(components) if one["type"] == TEXT]
