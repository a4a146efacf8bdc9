"""Messages and other things people do, with what a test does not care about filled in."""

from typing import Any

from bot.messages import Author, Command, Delete, Edit, Message, Press, Stop

ANN = Author("web:ann", "Ann")
BEN = Author("web:ben", "Ben")
ROOM = "web:room"


def message(text: str = "hello", number: int = 1, **more: Any) -> Message:
    values: dict[str, Any] = {
        "conversation": ROOM,
        "keys": (f"key-{number}",),
        "position": f"{number:08d}",
        "author": ANN,
        "text": text,
        "sent_at": float(number),
    }
    return Message(**{**values, **more})


def edit(text: str, number: int = 1, at: float = 100.0) -> Edit:
    return Edit(ROOM, (f"key-{number}",), text, at)


def delete(number: int = 1) -> Delete:
    return Delete(ROOM, (f"key-{number}",))


def press(action: Any, turn: int, subject: str = "", author: Author = ANN) -> Press:
    return Press(ROOM, turn, action, author, subject)


def command(name: str, key: str = "command-1") -> Command:
    return Command(ROOM, key, name, ANN, 1.0)


def stop() -> Stop:
    return Stop(ROOM, ANN)
