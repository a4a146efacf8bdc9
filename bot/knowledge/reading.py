"""The process that reads documents for a `Desk`: nothing that happens in it reaches Maru.

It takes and gives messages of a length in eight bytes and so much JSON, a file's bytes directly behind
its name, until its input ends.
"""

import importlib
import json
import resource
import sys
from typing import BinaryIO

from pydantic import TypeAdapter

from bot.errors import DocumentProtected, DocumentRefused
from bot.knowledge.ports import Document
from bot.knowledge.readers import read

SIZE = 8  # bytes of a length
MEMORY = 2_000_000_000  # bytes of memory that reading may take

DOCUMENT = TypeAdapter(Document)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Read one document after the other."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    importlib.import_module("bot.knowledge.office")
    send(outgoing, b"{}")  # ready: the time for a document is not spent on beginning
    while path := take(incoming):
        content = take(incoming)
        seconds = int(json.loads(take(incoming)))
        # Should Maru die, nobody else would end what never ends.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 2 * max(seconds, 1), hard)
        )
        send(outgoing, _answer(path.decode(), content))


def _answer(path: str, content: bytes) -> bytes:
    try:
        return b'{"document":' + DOCUMENT.dump_json(read(path, content)) + b"}"
    except DocumentRefused as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(DocumentRefused("document_memory", most=MEMORY))


def _refusal(error: DocumentRefused) -> bytes:
    protected = isinstance(error, DocumentProtected)
    return json.dumps({"refused": error.text, "values": error.values, "protected": protected}).encode()


def send(outgoing: BinaryIO, content: bytes) -> None:
    outgoing.write(len(content).to_bytes(SIZE))
    outgoing.write(content)
    outgoing.flush()


def take(incoming: BinaryIO) -> bytes:
    """The next message; empty at the end."""
    return incoming.read(int.from_bytes(incoming.read(SIZE)))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
