"""Maru's entry at Slack: what its manifest says."""

from dataclasses import dataclass, field

from tests.fakes.slack.methods import BOT_SCOPES, EVENTS
from tests.fakes.slack.wire import Json

BOT_TOKEN = "xoxb-test-0123456789"
CONFIG_TOKEN = "xoxe.xoxp-test-0123456789"
APP_TOKEN = "xapp-test-0123456789"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class App:
    id: str = "A1"
    client_id: str = "111.222"
    client_secret: str = "client-secret"
    signing_secret: str = SIGNING_SECRET
    scopes: frozenset[str] = BOT_SCOPES
    events: frozenset[str] = EVENTS
    agent: bool = True  # agent_view is declared
    commands: frozenset[str] = frozenset({"/maru"})
    rotation: bool = False  # tokens live for `token_life`
    token_life: float = 12 * 3_600.0  # seconds
    socket_mode: bool = True
    manifest: Json = field(default_factory=dict)  # what its settings are, as Slack exports them
