"""The function by which the model asks for Python, so that nobody pays for a container that is not used."""

from collections.abc import Mapping

from bot.ports import Declaration
from bot.turns import Turn

START_PYTHON = Declaration(
    name="start_python",
    description=(
        "Switch the python tool on for this conversation. Call it when running Python helps: exact "
        "calculations, data and charts, or making and converting files. Files that people attached are then "
        "in /mnt/data. It takes no arguments; use the python tool afterwards."
    ),
    parameters='{"type":"object","properties":{},"required":[],"additionalProperties":false}',
)

UNAVAILABLE = '{"error": "The model service has no Python here. Answer without it, and say so."}'


async def started(_arguments: Mapping[str, object], _turn: Turn) -> str:
    """What the model is told. The engine attaches Python to the next step because it was called."""
    return "The python tool is on now, and the files of this conversation are in /mnt/data."
