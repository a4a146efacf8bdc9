"""The tools that a step offers, and those that an assistant wants and cannot have here."""

import json
import re
from collections.abc import Collection, Mapping

from bot.functions import SEARCH
from bot.mcp import McpServer
from bot.openai.errors import ServiceError
from bot.openai.learned import Learned
from bot.openai.sse import Json
from bot.ports import Declaration, Request
from bot.python import START_PYTHON
from bot.texts import Language, say

HOSTED = {"web": "web_search", "pictures": "image_generation", "python": "code_interpreter"}
PREVIEWS = 2  # of a picture while it is drawn; each costs some tokens
NAMES = {"web": "searching the web", "pictures": "drawing pictures", "python": "running Python"}


class Tools:
    """What one step may use. Servers that cannot be asked are left out as the step goes on."""

    def __init__(
        self, learned: Learned, request: Request, model: str, variables: Mapping[str, str], language: Language
    ) -> None:
        self._learned = learned
        self._request = request
        self._assistant = request.assistant
        self._model = model
        self._variables = variables
        self._language = language
        self._unasked: set[str] = set()  # labels of servers that are left out
        self.notices: list[str] = []  # sentences for the person, each once
        for server in self._assistant.mcp:
            if server.authorization and not variables.get(server.authorization):
                self._leave_out(server.label, "server_refused")

    def offered(self, container: str, search: Json | None) -> list[Json]:
        """In the same order each time. Python runs in the container; without one it may only be asked for.

        `search` is the service's own; our function for that comes besides where there is more.
        """
        request = self._request
        stores = search["vector_store_ids"] if search else ()
        enough = bool(stores) and len(stores) == len(request.collections) and not request.turn.documents
        tools = [function(one) for one in request.declarations if one.name != SEARCH or not enough]
        if search:
            tools.append(search)
        tools += [served(server, self._variables) for server in self._assistant.mcp if self._asked(server)]
        if self._had("web"):
            tools.append({"type": HOSTED["web"]})
        if self._had("pictures"):
            partial: Json = {"partial_images": PREVIEWS} if self._request.previews else {}
            tools.append({"type": HOSTED["pictures"], **partial})
        # Last, because it is what changes within a conversation: what stands before stays in the cache.
        if self._had("python"):
            tools.append(
                {"type": "code_interpreter", "container": container} if container else function(START_PYTHON)
            )
        return tools

    def lacking(self) -> str:
        """What the model has to know of what it cannot do here; empty when nothing is missing."""
        missing = [NAMES[tool] for tool in self._assistant.tools if not self._possible(tool)]
        missing += [
            f"the tools of {server.label}" for server in self._assistant.mcp if not self._asked(server)
        ]
        return f"\nNot available now: {', '.join(missing)}. Say so when it is needed." if missing else ""

    def without(self, error: ServiceError) -> bool:
        """Go on without the server that could not be asked; False when the error is about something else."""
        server = self._assistant.server(error.failed_server)
        if server is None or server.label in self._unasked:
            return False
        denied = re.search(r"status code: (401|403)\b", error.message)
        self._leave_out(server.label, "server_refused" if denied else "server_unreachable")
        return True

    def unreachable(self, label: str) -> None:
        """The service did not get the tools of a server; the answer was made without them."""
        if label not in self._unasked:
            self._leave_out(label, "server_unreachable")

    def _leave_out(self, label: str, why: str) -> None:
        self._unasked.add(label)
        self.notices.append(say(why, self._language, server=label))

    def _had(self, tool: str) -> bool:
        return tool in self._assistant.tools and self._possible(tool)

    def _possible(self, tool: str) -> bool:
        known = self._learned.takes(self._model, HOSTED[tool])
        return known and (self._learned.containers or tool != "python")

    def _asked(self, server: McpServer) -> bool:
        return server.label not in self._unasked and self._learned.takes(self._model, "mcp")


def served(server: McpServer, variables: Mapping[str, str]) -> Json:
    """A server of tools; its token comes from the variables."""
    tool: Json = {
        "type": "mcp",
        "server_label": server.label,
        "server_url": server.url,
        "require_approval": approval(server),
    }
    if server.description:
        tool["server_description"] = server.description
    if server.tools:
        tool["allowed_tools"] = list(server.tools)
    if server.authorization:
        tool["authorization"] = variables[server.authorization]
    return tool


def approval(server: McpServer) -> str | Json:
    """What of a server the service asks us about. It asks about all that it is not told of."""
    if isinstance(server.approval, str):
        return server.approval
    free: Collection[str] = [tool for tool in server.tools if not server.asks(tool)]
    filters: Json = {"always": {"tool_names": list(server.approval)}} if server.approval else {}
    return filters | ({"never": {"tool_names": free}} if free else {}) or "never"


def function(declaration: Declaration) -> Json:
    return {
        "type": "function",
        "name": declaration.name,
        "description": declaration.description,
        "parameters": json.loads(declaration.parameters),
        "strict": declaration.strict,
    }
