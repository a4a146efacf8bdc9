"""MCP servers that the service can reach, and what it does with them in a response."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.fakes.openai.wire import ApiError, Json

LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")


@dataclass(slots=True)
class FakeMcp:
    """One server of tools; `called` says what was done there, and with which token."""

    tools: Mapping[str, Callable[[Json], str]]  # may raise: that is an error of the tool
    token: str = ""
    up: bool = True
    lists: bool = True  # it says which tools it has
    called: list[tuple[str, Json]] = field(default_factory=list)

    def call(self, name: str, arguments: str) -> tuple[str | None, str | None]:
        """What a tool gives back, or what is wrong."""
        if not self.up:
            return None, "Connection refused"
        given = json.loads(arguments)
        self.called.append((name, given))
        try:
            return self.tools[name](given), None
        except (KeyError, ValueError) as error:
            return None, str(error)


class McpServers:
    """All servers by their addresses."""

    def __init__(self) -> None:
        self.all: dict[str, FakeMcp] = {}

    def check(self, body: Json, context: list[Json]) -> None:
        """The service lists the tools of each server before it does anything, unless it did so before."""
        listed = {item["server_label"] for item in context if item["type"] == "mcp_list_tools"}
        labels: set[str] = set()
        for tool in declared(body):
            label = tool["server_label"]
            if not LABEL.fullmatch(label) or label in labels:
                raise ApiError(400, f"Invalid server label: '{label}'.", param="tools", code="invalid_value")
            labels.add(label)
            if label in listed:
                continue
            server = self.all.get(tool.get("server_url") or "")
            if server is None or not server.up:
                raise _unreachable(label, "424 (Failed Dependency)")
            if server.token and tool.get("authorization") != server.token:
                raise _unreachable(label, "401 (Unauthorized)")

    def of(self, body: Json, label: str) -> tuple[Json, FakeMcp]:
        """A server as a request declares it."""
        tool = next(tool for tool in declared(body) if tool["server_label"] == label)
        return tool, self.all[tool["server_url"]]


def declared(body: Json) -> list[Json]:
    return [tool for tool in body.get("tools") or [] if tool["type"] == "mcp"]


def asks(tool: Json, name: str) -> bool:
    """Whether the service asks before it calls; about everything that it is not told of."""
    wanted = tool.get("require_approval") or "always"
    if isinstance(wanted, str):
        return wanted == "always"
    if name in (wanted.get("always") or {}).get("tool_names", ()):
        return True
    return name not in (wanted.get("never") or {}).get("tool_names", ())


def check_approvals(items: list[Json]) -> None:
    """The service goes on only when each question has its one answer."""
    asked = [item["id"] for item in items if item["type"] == "mcp_approval_request"]
    answered = [item["approval_request_id"] for item in items if item["type"] == "mcp_approval_response"]
    for request in answered:
        if request not in asked:
            raise ApiError(400, f"No approval request found with id '{request}'.", param="input")
        if answered.count(request) > 1:
            raise ApiError(400, f"Duplicate approval response for '{request}'.", param="input")
    for request in asked:
        if request not in answered:
            raise ApiError(400, f"No approval response found for approval request {request}.", param="input")


def _unreachable(label: str, status: str) -> ApiError:
    return ApiError(
        424,
        f"Error retrieving tool list from MCP server: '{label}'. Http status code: {status}",
        type="external_connector_error",
        code="http_error",
        param="tools",
    )
