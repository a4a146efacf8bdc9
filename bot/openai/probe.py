"""Finds out which tools a server lacks, for `maru doctor`, by asking it."""

from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.assistants import Assistant
from bot.openai.client import Client
from bot.openai.errors import ServiceError
from bot.openai.reading import Reading
from bot.openai.sse import Json
from bot.openai.tools import HOSTED, served

TOKENS = 16  # of an answer that nobody reads: the fewest there may be


@dataclass(slots=True)
class Found:
    """What one model's server said."""

    lacking: set[str] = field(default_factory=set)  # as assistants name them: "web", "mcp"
    servers: dict[str, str] = field(default_factory=dict)  # label of an MCP server -> why it cannot be asked
    unknown: str = ""  # why it could not be found out


async def probe(
    api_key: str, base_url: str, model: str, assistants: Collection[Assistant], variables: Mapping[str, str]
) -> Found:
    """Ask the model once, and once more for each refused tool. Costs a few tokens; no tool runs."""
    client, found = Client(api_key, base_url), Found()
    wanted = {tool for assistant in assistants for tool in assistant.tools}
    servers = {server.label: server for assistant in assistants for server in assistant.mcp}
    offered: dict[str, Json] = {tool: {"type": HOSTED[tool]} for tool in sorted(wanted - {"python"})}
    offered |= {
        label: served(server, variables)
        for label, server in servers.items()
        if not server.authorization or variables.get(server.authorization)
    }
    try:
        if "python" in wanted and not await client.has_containers():
            found.lacking.add("python")
        while offered and (refusal := await _refusal(client, model, list(offered.values()))):
            server, refused = refusal.failed_server, refusal.refused_tool
            refused_ones = {name: tool for name, tool in offered.items() if tool["type"] == refused}
            if server in offered:
                found.servers[server] = str(refusal)
                del offered[server]
            elif refused_ones:
                found.lacking |= {"mcp"} if refused == "mcp" else set(refused_ones)
                offered = {name: tool for name, tool in offered.items() if name not in refused_ones}
            else:
                raise refusal
    except ServiceError as error:
        found.unknown = str(error)
    finally:
        await client.close()
    return found


async def _refusal(client: Client, model: str, tools: list[Json]) -> ServiceError | None:
    """What the server says to these tools; None when it takes them."""
    body: Json = {
        "model": model,
        "input": [{"type": "message", "role": "user", "content": "hi"}],
        "tools": tools,
        "tool_choice": "none",
        "max_output_tokens": TOKENS,
        "store": False,
        "stream": True,
    }
    try:
        async with client.respond(body) as events, aclosing(events):
            reading = Reading()
            async for batch in events:
                for event in batch:
                    list(reading.feed(event))  # raises what the service says in the stream
    except ServiceError as error:
        return error
    return None
