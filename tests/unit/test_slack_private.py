"""Which messages of Slack nobody but their author and Maru reads."""

import pytest

from adapters.slack.parse import Reader, Spoken, parse


@pytest.mark.parametrize(
    ("channel", "kind", "private"), [("D1", "im", True), ("G1", "mpim", False), ("C1", "channel", False)]
)
def test_only_a_direct_message_is_private(channel: str, kind: str, *, private: bool) -> None:
    event = {"type": "message", "channel": channel, "channel_type": kind, "ts": "1.000001", "user": "U1"}
    spoken = parse(event | {"text": "<@UBOT> hello"}, Reader("T1", "UBOT", {}, {}))
    assert isinstance(spoken, Spoken)
    assert spoken.message.private is private
