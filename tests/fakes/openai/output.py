"""The items of a response and the events that bring them, in the service's order."""

import base64
import json
import re
from collections.abc import Callable, Iterator

from tests.fakes.openai.script import (
    Asks,
    Computes,
    Consults,
    Draws,
    Looks,
    Output,
    Refuses,
    Says,
    Searches,
    Thinks,
)
from tests.fakes.openai.wire import Ids, Json, chunk, frame

Emit = Iterator[tuple[bool, bytes]]
"""Whether it is a word, and its bytes."""

WORD = re.compile(r"\s*\S+|\s+$")


def words(text: str) -> list[str]:
    """Pieces of a text as the model streams them; together they are the text."""
    return WORD.findall(text)


def end_of(annotation: Json) -> int:
    """Where what an annotation is about ends in its text."""
    return int(annotation.get("end_index") or annotation.get("index") or 0)


class Writer:
    """Numbers the events of one response and turns them into bytes."""

    def __init__(
        self,
        ids: Ids,
        container: str,
        call_ids: Callable[[], str],
        search: Callable[[str], list[Json] | None],
    ) -> None:
        self.ids = ids
        self.container = container
        self.call_ids = call_ids
        self.partial_images = 0  # that the request wants of a picture
        self.search = search
        self.number = -1
        self.items: list[Json] = []

    def event(self, kind: str, **values: object) -> bytes:
        self.number += 1
        return frame({"type": kind, "sequence_number": self.number, **values})

    def write(self, output: Output) -> Emit:
        """The events of one output item, which then stands in `items`."""
        match output:
            case Says(text, phase, annotations):
                yield from self._message("output_text", text, phase, annotations)
            case Refuses(text):
                yield from self._message("refusal", text, None, ())
            case Thinks(summary):
                yield from self._reasoning(summary)
            case Asks(name, arguments, call_id):
                yield from self._call(name, arguments, call_id or self.call_ids())
            case Searches(query):
                item: Json = {"type": "web_search_call", "action": {"type": "search", "query": query}}
                yield from self._tool(
                    "ws", item, "web_search_call", ("in_progress", "searching", "completed")
                )
            case Looks(query):
                item = {"type": "file_search_call", "queries": [query], "results": None}
                steps = ("in_progress", "searching", "completed")
                yield from self._tool("fs", item, "file_search_call", steps, {"results": self.search(query)})
            case Computes(code):
                item = {
                    "type": "code_interpreter_call",
                    "code": code,
                    "container_id": self.container,
                    "outputs": None,
                }
                steps = ("in_progress", "interpreting", "completed")
                yield from self._tool("ci", item, "code_interpreter_call", steps)
            case Draws():
                yield from self._picture(output)
            case Consults():
                raise AssertionError("what a server does depends on the request")

    def listed(self, label: str, tools: list[str], *, lists: bool) -> Emit:
        """What a server can do, as the service learnt it."""
        item: Json = {"id": self.ids("mcpl"), "type": "mcp_list_tools", "server_label": label, "tools": []}
        yield False, self._added(item)
        place = {"item_id": item["id"], "output_index": len(self.items) - 1}
        yield False, self.event("response.mcp_list_tools.in_progress", **place)
        if lists:
            found = [{"name": name, "input_schema": {"type": "object"}} for name in tools]
            yield False, self.event("response.mcp_list_tools.completed", **place)
            yield False, self._done({**item, "tools": found})
        else:
            yield False, self.event("response.mcp_list_tools.failed", **place)
            yield False, self._done({**item, "error": "The server did not answer."})

    def approval(self, consults: Consults) -> Emit:
        """The question whether a server may be asked."""
        item = {
            "id": self.ids("mcpr"),
            "type": "mcp_approval_request",
            "server_label": consults.server,
            "name": consults.tool,
            "arguments": consults.arguments,
        }
        yield False, self._added(item)
        yield False, self._done(item)

    def served(self, consults: Consults, request: str | None, output: str | None, error: str | None) -> Emit:
        """What a server was asked, and what it said."""
        item: Json = {
            "id": self.ids("mcp"),
            "type": "mcp_call",
            "server_label": consults.server,
            "name": consults.tool,
            "arguments": "",
            "approval_request_id": request,
            "output": None,
            "error": None,
            "status": "in_progress",
        }
        yield False, self._added(item)
        place = {"item_id": item["id"], "output_index": len(self.items) - 1}
        yield False, self.event("response.mcp_call.in_progress", **place)
        yield False, self.event("response.mcp_call_arguments.delta", **place, delta=consults.arguments)
        yield False, self.event("response.mcp_call_arguments.done", **place, arguments=consults.arguments)
        told = {"type": "mcp_tool_execution_error", "content": error} if error else None
        yield False, self.event(f"response.mcp_call.{'failed' if error else 'completed'}", **place)
        yield (
            False,
            self._done(
                {
                    **item,
                    "arguments": consults.arguments,
                    "output": output,
                    "error": told,
                    "status": "failed" if error else "completed",
                }
            ),
        )

    def _added(self, item: Json) -> bytes:
        self.items.append(item)
        return self.event("response.output_item.added", output_index=len(self.items) - 1, item=item)

    def _done(self, item: Json) -> bytes:
        self.items[-1] = item
        return self.event("response.output_item.done", output_index=len(self.items) - 1, item=item)

    def _tool(
        self, prefix: str, item: Json, name: str, steps: tuple[str, ...], done: Json | None = None
    ) -> Emit:
        item = {"id": self.ids(prefix), **item, "status": "in_progress"}
        yield False, self._added(item)
        for step in steps:
            yield (
                False,
                self.event(f"response.{name}.{step}", item_id=item["id"], output_index=len(self.items) - 1),
            )
        yield False, self._done({**item, "status": "completed", **(done or {})})

    def _picture(self, draws: Draws) -> Emit:
        item: Json = {
            "id": self.ids("ig"),
            "type": "image_generation_call",
            "status": "in_progress",
            "result": None,
            "output_format": "png",
        }
        yield False, self._added(item)
        place = {"item_id": item["id"], "output_index": len(self.items) - 1}
        for step in ("in_progress", "generating"):
            yield False, self.event(f"response.image_generation_call.{step}", **place)
        for number, data in enumerate(draws.partial[: self.partial_images]):
            told = {"partial_image_index": number, "partial_image_b64": base64.b64encode(data).decode()}
            # Counted as a word, so that a test can hold the picture back here.
            name = "response.image_generation_call.partial_image"
            yield True, self.event(name, **place, **told, output_format="png")
        yield False, self.event("response.image_generation_call.completed", **place)
        result = {"result": base64.b64encode(draws.data).decode(), "status": "completed"}
        prompt = {"revised_prompt": draws.prompt} if draws.prompt else {}
        yield False, self._done({**item, **result, **prompt})

    def _reasoning(self, summary: str) -> Emit:
        item: Json = {
            "id": self.ids("rs"),
            "type": "reasoning",
            "summary": [],
            "encrypted_content": None,
            "status": None,
        }
        yield False, self._added(item)
        place = {"item_id": item["id"], "output_index": len(self.items) - 1, "summary_index": 0}
        if summary:
            yield False, self.event("response.reasoning_summary_text.delta", **place, delta=summary)
            yield False, self.event("response.reasoning_summary_text.done", **place, text=summary)
            item = {**item, "summary": [{"type": "summary_text", "text": summary}]}
        yield False, self._done({**item, "encrypted_content": f"sealed:{item['id']}"})

    def _call(self, name: str, arguments: str, call_id: str) -> Emit:
        item: Json = {
            "id": self.ids("fc"),
            "type": "function_call",
            "call_id": call_id,
            "name": name,
            "arguments": "",
            "status": "in_progress",
        }
        yield False, self._added(item)
        place = {"item_id": item["id"], "output_index": len(self.items) - 1}
        half = len(arguments) // 2
        for piece in (arguments[:half], arguments[half:]):
            yield False, self.event("response.function_call_arguments.delta", **place, delta=piece)
        yield False, self.event("response.function_call_arguments.done", **place, arguments=arguments)
        yield False, self._done({**item, "arguments": arguments, "status": "completed"})

    def _message(self, kind: str, text: str, phase: str | None, annotations: tuple[Json, ...]) -> Emit:
        item: Json = {
            "id": self.ids("msg"),
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "phase": phase,
            "content": [],
        }
        yield False, self._added(item)
        refusal = kind == "refusal"
        place = {"item_id": item["id"], "output_index": len(self.items) - 1, "content_index": 0}
        empty: Json = (
            {"type": "refusal", "refusal": ""} if refusal else {"type": kind, "text": "", "annotations": []}
        )
        yield False, self.event("response.content_part.added", **place, part=empty)
        name = "response.refusal.delta" if refusal else "response.output_text.delta"
        # Formatted by hand: hundreds of streams at a hundred words a second each come through here.
        head = f'event: {name}\ndata: {{"type":"{name}","sequence_number":'
        tail = "".join(f',"{key}":{json.dumps(value)}' for key, value in place.items())
        tail += ',"delta":' if refusal else ',"logprobs":[],"delta":'
        waiting = list(enumerate(annotations))
        said = 0
        for word in words(text):
            self.number += 1
            yield True, chunk(f"{head}{self.number}{tail}{json.dumps(word)}}}\n\n".encode())
            said += len(word)
            # An annotation comes when the words are there that it is about.
            for index, annotation in [entry for entry in waiting if end_of(entry[1]) <= said]:
                waiting.remove((index, annotation))
                yield (
                    False,
                    self.event(
                        "response.output_text.annotation.added",
                        **place,
                        annotation_index=index,
                        annotation=annotation,
                    ),
                )
        part: Json
        if refusal:
            part = {"type": "refusal", "refusal": text}
            yield False, self.event("response.refusal.done", **place, refusal=text)
        else:
            part = {"type": kind, "text": text, "annotations": list(annotations), "logprobs": []}
            yield False, self.event("response.output_text.done", **place, text=text, logprobs=[])
        yield False, self.event("response.content_part.done", **place, part=part)
        yield False, self._done({**item, "status": "completed", "content": [part]})
