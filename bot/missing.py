"""What assistants name and nobody has: functions, and tokens of MCP servers."""

import logging
from collections.abc import Collection, Mapping

from bot.assistants import Assistant

logger = logging.getLogger(__name__)


def warn(
    assistants: Mapping[str, Assistant], functions: Collection[str], variables: Mapping[str, str]
) -> None:
    """Tell the log what is missing now."""
    for problem in missing(assistants, functions, variables):
        logger.warning("%s", problem)


def missing(
    assistants: Mapping[str, Assistant], functions: Collection[str], variables: Mapping[str, str]
) -> list[str]:
    """One sentence for each, with the remedy. They answer all the same, without it."""
    return [
        *(
            f"assistant {assistant.name}: there is no function {name}. Write it, or take it out."
            for assistant in assistants.values()
            for name in assistant.functions
            if name not in functions
        ),
        *(
            f"assistant {assistant.name}: {server.authorization} is not set, so {server.label} is not asked. "
            "Set it in the environment or in .env."
            for assistant in assistants.values()
            for server in assistant.mcp
            if server.authorization and not variables.get(server.authorization)
        ),
    ]
