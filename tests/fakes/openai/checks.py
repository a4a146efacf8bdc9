"""How the model behaves, and which requests it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.openai.wire import ApiError, Json

EFFORTS = {"gpt-6.2-sol": {"low", "medium", "high", "xhigh"}}


@dataclass(slots=True)
class Model:
    """How the model behaves when a test says nothing else."""

    pace: float = 0.0  # seconds between words
    words: int = 0  # an echo is filled up to so many; 0: as it is
    known: dict[str, str | None] = field(
        default_factory=lambda: {"gpt-6.2-sol": None, "gpt-6-luna": None, "gpt-5": "2026-12-11"}
    )
    refuses: set[str] = field(default_factory=set)  # parameters it does not take
    lacks: set[str] = field(default_factory=set)  # types of tools it does not have
    longest: int = 0  # characters that fit; 0: all
    long_in_stream: bool = False  # too long is said in the stream, not with a 400


def check_tools(tools: Sequence[Json], accepts: Model) -> None:
    """Tools, and parameters of tools, that the model does not take."""
    for number, tool in enumerate(tools):
        for name in accepts.refuses & set(tool):
            where = f"tools[{number}].{name}"
            raise ApiError(400, f"Unknown parameter: '{where}'.", param=where, code="unknown_parameter")
        if tool["type"] in accepts.lacks:
            raise ApiError(
                400, f"Unsupported tool type: '{tool['type']}'.", param="tools", code="unsupported_value"
            )


def check_request(body: Json, accepts: Model, *, hosted: bool) -> None:
    """What a model, or a service without state, does not take."""
    model = body.get("model", "")
    if model not in accepts.known:
        raise ApiError(
            404,
            f"The model `{model}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    for name in ("temperature", "top_p"):
        if name in body:
            raise ApiError(
                400, f"Unsupported parameter: '{name}' is not supported with this model.", param=name
            )
    for name in accepts.refuses & set(body):
        raise ApiError(400, f"Unsupported parameter: '{name}'.", param=name, code="unsupported_parameter")
    check_tools(body.get("tools") or [], accepts)
    effort = (body.get("reasoning") or {}).get("effort")
    if effort and effort not in EFFORTS.get(model, {effort}):
        raise ApiError(
            400,
            f"Unsupported value: '{effort}' is not supported with the '{model}' model.",
            param="reasoning.effort",
            code="unsupported_value",
        )
    if body.get("conversation") and not hosted:
        raise ApiError(
            400, "Unknown parameter: 'conversation'.", param="conversation", code="unknown_parameter"
        )
    if body.get("conversation") and body.get("previous_response_id"):
        raise ApiError(
            400,
            "Mutually exclusive parameters: 'conversation' and 'previous_response_id'.",
            code="mutually_exclusive_parameters",
        )
    if body.get("background") and body.get("store") is False:
        raise ApiError(400, "Background mode requires store=true.", param="background")
    if body.get("store") is False and any(
        item.get("type") == "reasoning" and not item.get("encrypted_content") for item in body["input"]
    ):
        raise ApiError(404, "Item not found. Items are not persisted when `store` is set to false.")
