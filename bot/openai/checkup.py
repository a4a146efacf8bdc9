"""Finds out what is wrong with the model service's key, models and threads."""

from collections.abc import Collection
from http import HTTPStatus as Status

from bot.openai.client import Client
from bot.openai.errors import NOT_HOSTED, QUOTA, ServiceError
from bot.openai.sse import Json

NOT_KEPT = (
    "MARU_THREADS is hosted, and the service has no conversations ({error}), so nothing can be answered. "
    "Set it to auto or local."
)


async def problems(api_key: str, base_url: str, models: Collection[str], *, hosted: bool) -> list[str]:
    """What is wrong and what to do, one sentence each; empty when the service is content.

    With `hosted` a conversation is made and deleted again, to see whether it keeps any.
    """
    client = Client(api_key, base_url)
    try:
        listed = await client.models()
        found = _models(listed, models)
    except ServiceError as error:
        found = [_why(error)]
    try:
        return found + ([problem] if hosted and (problem := await conversations(client)) else [])
    finally:
        await client.close()


async def conversations(client: Client) -> str:
    """What is wrong with keeping threads at the service; empty when that works, or nothing is known."""
    try:
        await client.delete("conversation", await client.create_conversation())
    except ServiceError as error:
        return NOT_KEPT.format(error=error) if error.status in NOT_HOSTED else ""
    return ""


def _models(listed: Collection[Json], models: Collection[str]) -> list[str]:
    shutdown = {str(model["id"]): model.get("shutdown_date") for model in listed}
    return [
        f"MARU_MODEL: the service does not list {model}. Choose one of: {', '.join(sorted(shutdown))}."
        if model not in shutdown
        else f"MARU_MODEL: {model} will be shut down on {shutdown[model]}. Choose another one before that."
        for model in sorted(models)
        if model not in shutdown or shutdown[model]
    ]


def _why(error: ServiceError) -> str:
    """A compatible server need not list its models: then nothing is known, and that is said."""
    if error.lost:
        return "OPENAI_BASE_URL: the service cannot be reached. Check the address and the network."
    if error.code in QUOTA:
        return f"OPENAI_API_KEY: no money is left ({error}). Add credit to the account."
    if error.status in {Status.UNAUTHORIZED, Status.FORBIDDEN}:
        return f"OPENAI_API_KEY: the service refuses it ({error}). Copy it again from the account's settings."
    return f"OPENAI_BASE_URL: the service did not list its models ({error}), so MARU_MODEL is not checked."
