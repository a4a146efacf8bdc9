"""Server-sent events are read however they are cut and written."""

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from bot.openai.sse import Decoder, Json

EVENTS: list[Json] = [
    {"type": "response.created", "sequence_number": 0},
    {"type": "response.output_text.delta", "delta": "안녕 🙂\n\ndata: no\r\n"},
    {"type": "response.completed"},
]


def wire(event: Json, end: str = "\n") -> str:
    return f"event: {event['type']}{end}data: {json.dumps(event, ensure_ascii=False)}{end}{end}"


def read(*chunks: bytes) -> list[Json]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


@given(
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 400), max_size=20),
)
def test_cut_anywhere_with_any_line_end(end: str, cuts: list[int]) -> None:
    """Bytes may be cut within a character, a line end or an event."""
    data = "".join(wire(event, end) for event in EVENTS).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    chunks = [data[start:stop] for start, stop in itertools.pairwise(places)]
    assert read(*chunks, b"\n" if end == "\r" else b"") == EVENTS


def test_data_of_several_lines() -> None:
    """They are one value."""
    assert read(b'data: {"type":\ndata:  "x"}\n\n') == [{"type": "x"}]


def test_comments_other_fields_and_the_end_mark_are_no_events() -> None:
    """So are keep-alives and values that are no objects."""
    assert read(b": hi\n\nid: 1\nretry: 5\n\ndata: 3\n\nevent: x\ndata: [DONE]\n\ndata: [DONE]\n\n\n\n") == []


def test_fields_in_any_order() -> None:
    """Data may come first, and without the space."""
    assert read(b'data:{"type":"x"}\nevent: x\n\n', b': c\nevent: y\ndata: {"type":"y"}\nid: 4\n\n') == [
        {"type": "x"},
        {"type": "y"},
    ]


def test_an_event_without_its_end_is_none() -> None:
    """A connection that breaks within an event has not brought it."""
    assert read(b'data: {"type":"x"}\n') == []
