"""What the events of one response mean for the draft. No input or output happens here."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.events import Activity, Call, Event, Item, Restarted, Text, Usage
from bot.openai.citations import Cited, Utterance, Written, cited
from bot.openai.errors import ServiceError, stream_error
from bot.openai.items import kept, usage_of, words_of
from bot.openai.signs import Picture, begins, drawn, goes_on, ran
from bot.openai.sse import Json, dump

COMMENTARY = 80  # characters of what the model says in passing that fit a status line


@dataclass(frozen=True, slots=True)
class Found:
    """What the service's own search found in documents."""

    query: str
    results: tuple[Json, ...] | None  # None: the service does not say


Read = Event | Picture | Written | Cited | Found


class Reading:
    """Follows one response.

    Events and items are told apart by their type's name alone: the SDK's classes are wrong for every type
    that is newer than they are.
    """

    def __init__(self) -> None:
        self.response = ""
        self.number: int | None = None  # of the last event: where to take the stream up again
        self.status = ""  # completed, incomplete, cancelled; empty while it runs
        self.created = 0.0  # by the clock of the service; 0: not known
        self.reason = ""  # of incompleteness
        self.usage: Usage | None = None
        self.containers: set[str] = set()
        self.unlisted: list[str] = []  # labels of MCP servers that did not say which tools they have
        self._messages: dict[str, Utterance] = {}
        self._items: dict[str, Json] = {}  # finished ones by id, in order
        self._cited: set[tuple[object, ...]] = set()
        self._length = 0  # of the step's text so far

    @property
    def said(self) -> bool:
        """Whether something was given out that a new beginning takes back."""
        return self._length > 0 or any(ran(self._items.values()))

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(
            Call(item["call_id"], item["name"], item.get("arguments") or "{}")
            if item["type"] == "function_call"
            else Call(item["id"], item["name"], item.get("arguments") or "{}", item["server_label"])
            for item in self._items.values()
            if item["type"] in {"function_call", "mcp_approval_request"}
        )

    @property
    def items(self) -> tuple[Item, ...]:
        """What the thread gained, in order."""
        return tuple(
            Item(item["type"], item.get("id") or "", dump(kept(item))) for item in self._items.values()
        )

    def feed(self, event: Json) -> Iterator[Read]:
        """What one event of the stream means. Raises ServiceError when the response failed."""
        kind = event.get("type", "")
        number = event.get("sequence_number")
        if isinstance(number, int):
            if self.number is not None and number <= self.number and kind != "error":
                return  # told twice, at the seam of two connections
            self.number = number
        match kind:
            case "response.output_text.delta" | "response.refusal.delta":
                yield from self._delta(event)
            case "response.output_item.added":
                yield from self._added(event["item"])
            case "response.output_item.done":
                yield from self._done(event["item"])
            case "response.content_part.added":
                if message := self._messages.get(event["item_id"]):
                    message.parts[event["content_index"]] = len(message.text)
            case "response.output_text.annotation.added":
                yield from self._annotation(event["item_id"], event["content_index"], event["annotation"])
            case "response.created" | "response.queued" | "response.in_progress":
                self.response = event["response"]["id"]
                self.created = float(event["response"].get("created_at") or self.created)
            case "response.completed" | "response.incomplete" | "response.failed":
                yield from self.finish(event["response"])
            case "error":
                raise stream_error(event)
            case _:
                yield from goes_on(event)

    def restart(self) -> Iterator[Read]:
        """Forget everything that was read; it comes again from the beginning."""
        said = self.said
        self.__init__()  # type: ignore[misc]  # the state of a new one is exactly what is wanted
        if said:
            yield Restarted()

    def recall(self, items: list[Json]) -> Iterator[Read]:
        """A response that is known only by the items it left in the conversation."""
        for item in items:
            yield from self._done(item)
        self.status = "completed"

    def finish(self, response: Json) -> Iterator[Read]:
        """A response that is over, as it stands in its last event or was fetched."""
        self.response = response["id"]
        self.created = float(response.get("created_at") or self.created)
        for item in response.get("output") or []:
            if (item.get("id") or item.get("call_id")) not in self._items:
                yield from self._done(item)
        self.usage = usage_of(response, self._items.values())
        status = response.get("status") or "completed"
        if status == "failed":
            error = response.get("error") or {}
            raise ServiceError(
                code=str(error.get("code") or "server_error"), message=str(error.get("message") or "")
            )
        self.status = status
        self.reason = str((response.get("incomplete_details") or {}).get("reason") or "")

    def _added(self, item: Json) -> Iterator[Read]:
        if item.get("type") == "message":
            self._begin(item)
        yield from begins(item)

    def _begin(self, item: Json) -> Utterance:
        if item["id"] not in self._messages:
            self._messages[item["id"]] = Utterance(item.get("phase") == "commentary", start=self._length)
        return self._messages[item["id"]]

    def _delta(self, event: Json) -> Iterator[Read]:
        message = self._messages.get(event["item_id"]) or self._begin({"id": event["item_id"]})
        yield from self._say(message, event["delta"])

    def _say(self, message: Utterance, text: str) -> Iterator[Read]:
        if message.commentary:
            message.text += text
            yield Activity("thinking", " ".join(message.text.split())[-COMMENTARY:])
            return
        if not message.text and self._length:
            yield Text("\n\n")  # a message after another is a paragraph of its own
            self._length += 2
        if not message.text:
            message.start = self._length
        message.text += text
        self._length += len(text)
        yield Text(text)

    def _done(self, item: Json) -> Iterator[Read]:
        kind = item.get("type", "")
        self._items[item.get("id") or item.get("call_id") or str(len(self._items))] = item
        match kind:
            case "message":
                yield from self._message_done(item)
            case "image_generation_call" if item.get("result"):
                yield drawn(item)
            case "mcp_list_tools" if item.get("error"):
                self.unlisted.append(item["server_label"])
            case "file_search_call":
                query = " ".join(map(str, item.get("queries") or ()))
                results = item.get("results")
                yield Found(query, None if results is None else tuple(results))
            case "code_interpreter_call" if item.get("container_id"):
                self.containers.add(item["container_id"])
                yield from ran([item])

    def _message_done(self, item: Json) -> Iterator[Read]:
        message = self._begin(item)
        whole = "".join(words_of(part) for part in item.get("content") or [])
        if item.get("phase") == "commentary" and not message.commentary and message.text:
            yield from self._withdraw(message)
        elif not message.text and whole:
            # Nothing came piece by piece: a server that streams less, or a response that was fetched.
            place = 0
            for index, part in enumerate(item["content"]):
                message.parts[index] = place
                place += len(words_of(part))
            yield from self._say(message, whole)
        for index, part in enumerate(item.get("content") or []):
            for annotation in part.get("annotations") or []:
                yield from self._annotation(item["id"], index, annotation)

    def _withdraw(self, commentary: Utterance) -> Iterator[Read]:
        """What was taken for the answer turns out to have been said in passing."""
        commentary.commentary = True
        yield Restarted()
        self._length = 0
        yield from ran(self._items.values())
        others = [message for message in self._messages.values() if not message.commentary and message.text]
        for message in others:
            text, message.text = message.text, ""
            yield from self._say(message, text)

    def _annotation(self, item: str, content: int, annotation: Json | None) -> Iterator[Read]:
        message = self._messages.get(item)
        if annotation is None or message is None or message.commentary:
            return
        key = (item, content, *sorted((name, str(value)) for name, value in annotation.items()))
        if key in self._cited:
            return
        self._cited.add(key)
        read = cited(message, content, annotation)
        if isinstance(read, Written):
            self.containers.add(read.container)
        if read is not None:
            yield read
