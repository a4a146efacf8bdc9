"""Annotations of a text: its sources, and the files that the model's Python wrote."""

import re
from dataclasses import dataclass, field

from bot.events import Citation, Source
from bot.openai.sse import Json

SANDBOX = re.compile(r"sandbox:[^\s)\]>\"']+")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the model's Python wrote, still in its container."""

    container: str
    file: str
    name: str
    link: str


@dataclass(slots=True)
class Utterance:
    """One message of the model while it comes in."""

    commentary: bool
    text: str = ""
    start: int = 0  # where it begins in the step's text
    parts: dict[int, int] = field(default_factory=dict)  # content index -> where it begins in the message


def plain(url: str) -> str:
    """An address without what the service adds to count visits: one page is one source."""
    return re.sub(r"[?&]utm_source=[^&#]*(?=$|#)|utm_source=[^&#]*&", "", url)


@dataclass(frozen=True, slots=True)
class Cited:
    """A file that the service's own search found, cited by its id."""

    file: str
    name: str
    position: int  # in the step's text
    said: str  # what stands before it there, from the beginning of its message


def cited(message: Utterance, content: int, annotation: Json) -> Citation | Cited | Written | None:
    """What an annotation of one content part says. None for kinds that mean nothing to people."""
    begin = message.parts.get(content, 0)
    place = message.start + begin
    match annotation.get("type"):
        case "file_citation":
            file = str(annotation["file_id"])
            index = int(annotation.get("index") or 0)
            said = message.text[: begin + index]
            return Cited(file, str(annotation.get("filename") or file), place + index, said)
        case "url_citation":
            url = str(annotation["url"])
            source = Source(plain(url), str(annotation.get("title") or url), url=url)
            start, end = int(annotation.get("start_index") or 0), int(annotation.get("end_index") or 0)
            # The model likes to write the link into its text as well: then a number behind it is too much.
            linked = url in message.text[begin + start : begin + end]
            return Citation(source, place + end, marked=not linked)
        case "container_file_citation":
            start, end = annotation.get("start_index") or 0, annotation.get("end_index") or 0
            link = SANDBOX.search(message.text[begin + start : begin + end])
            name = str(annotation.get("filename") or annotation["file_id"])
            return Written(
                str(annotation["container_id"]),
                str(annotation["file_id"]),
                name.rsplit("/", 1)[-1],
                link.group() if link else f"sandbox:/mnt/data/{name}",
            )
        case _:
            return None
