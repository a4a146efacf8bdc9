"""From an assistant of the old API to one of Maru's, with a note for everything that is not the same."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.assistants import Assistant
from bot.moving.assistants_api import OldAssistant, OldFunction
from bot.moving.hints import python_name
from bot.moving.successors import ending, table

EFFORTS = {"low", "medium", "high", "xhigh"}
DESCRIPTION_CHARS = 500
NAME_CHARS = 56
TAIL = 6  # characters of an id that tell apart two assistants of one name
SEARCH = {"file_search", "retrieval"}
SAMPLING = ("temperature", "top_p")


@dataclass(frozen=True, slots=True)
class Profile:
    """An assistant as it moves in."""

    assistant: Assistant
    old: OldAssistant
    functions: tuple[OldFunction, ...]
    notes: tuple[str, ...]  # what an operator should know, one sentence or two each


def profiles(found: Sequence[OldAssistant]) -> list[Profile]:
    """All of them, each under a name of its own."""
    names = [named(old.name or old.id) or named(old.id) for old in found]
    often = Counter(names)
    return [
        _profile(old, name if often[name] == 1 else f"{name}-{named(old.id)[-TAIL:]}")
        for old, name in zip(found, names, strict=True)
    ]


def named(text: str) -> str:
    """A name for a file and the `assistant` command; empty when nothing of the text can be in one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:NAME_CHARS].strip("-")


def _profile(old: OldAssistant, name: str) -> Profile:
    kinds = [tool.type for tool in old.tools]
    functions = tuple(tool.function for tool in old.tools if tool.type == "function" and tool.function)
    values: dict[str, Any] = {
        "name": name,
        "description": (old.description or old.name or "").strip()[:DESCRIPTION_CHARS],
        "instructions": (old.instructions or "").strip() or f"You are {old.name or 'a helpful assistant'}.",
        "tools": ("python",) if "code_interpreter" in kinds else (),
        "functions": tuple(python_name(function.name) for function in functions),
        "knowledge": (name,) if SEARCH & set(kinds) else (),
    }
    model, told = _model(old.model)
    effort = old.reasoning_effort or ""
    values |= {"model": model, "effort": effort if effort in EFFORTS else ""}
    notes = (*told, *_instructed(old), *_dropped(old), *_resources(old, name), *_renamed(functions))
    return Profile(Assistant.model_validate(values), old, functions, notes)


def _model(model: str) -> tuple[str, list[str]]:
    """The model that answers, and what there is to say about that."""
    known = ending(model)
    if known is None:
        return model, []
    ends = f"{model} ends on {known.shutdown} (as of {table().date})"
    if known.successor:
        return known.successor, [f"model: {ends}; OpenAI names {known.successor} in its place."]
    return "", [f"model: {ends}, and no successor is known: MARU_MODEL answers."]


def _instructed(old: OldAssistant) -> Iterator[str]:
    if not (old.instructions or "").strip():
        yield "instructions: it had none, and Maru's must say something. Write better ones."
    if len((old.description or "").strip()) > DESCRIPTION_CHARS:
        yield f"description: cut to {DESCRIPTION_CHARS} characters."


def _dropped(old: OldAssistant) -> Iterator[str]:
    for name in SAMPLING:
        value = getattr(old, name)
        if value not in (None, 1.0):
            yield f"{name} = {value:g}: dropped, for today's models do not take it."
    if old.response_format not in (None, "auto", {"type": "text"}):
        yield "response_format: dropped, for people read the answers. Say in the instructions how they look."
    if (effort := old.reasoning_effort) and effort not in EFFORTS:
        yield f"reasoning_effort = {effort}: dropped, for not every model takes it."
    if old.metadata:
        yield f"metadata: dropped ({', '.join(sorted(old.metadata))})."
    for kind in sorted({tool.type for tool in old.tools} - {"function", "code_interpreter"} - SEARCH):
        yield f"tool {kind}: dropped, for it is not known here."


def _resources(old: OldAssistant, name: str) -> Iterator[str]:
    """What its tools worked with lies at OpenAI, which gives out no file that was uploaded for assistants."""
    found = old.tool_resources
    stores = (found.file_search.vector_store_ids if found and found.file_search else None) or []
    files = (found.code_interpreter.file_ids if found and found.code_interpreter else None) or []
    files = [*files, *(old.file_ids or [])]
    if SEARCH & {tool.type for tool in old.tools}:
        held = f" They were in {', '.join(stores)}." if stores else ""
        yield (
            f"file_search: it searches the collection {name} now. Put the original documents into it: "
            f"`maru knowledge add {name} FOLDER`. Until then nothing is found.{held}"
        )
    if stores:
        yield f"{', '.join(stores)}: stays at OpenAI and costs money there until you delete it."
    if files:
        yield f"{', '.join(files)}: stays at OpenAI. Attach such files to a message instead."


def _renamed(functions: Sequence[OldFunction]) -> Iterator[str]:
    for function in functions:
        if (name := python_name(function.name)) != function.name:
            yield f"function {function.name}: is called {name} now, for Python cannot have its name."
