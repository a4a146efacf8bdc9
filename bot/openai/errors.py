"""What the service says when something goes wrong, and what that means for a step."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus as Status
from typing import Any

from bot.events import Failed, Reason

QUOTA = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
}
RATE = {"rate_limit_exceeded", "rate_limit_error"}
OVERLOADED = {"server_is_overloaded", "slow_down", "service_unavailable_error", "overloaded"}
BROKEN = {"server_error", "vector_store_timeout", "internal_error", "api_error"}
NO_CONVERSATIONS = "no_conversations"  # our own word: no service says it
NOT_HOSTED = {
    Status.NOT_FOUND,
    Status.METHOD_NOT_ALLOWED,
}  # answers to POST /conversations of a server without
SETTINGS: Mapping[str, Reason] = {"model_not_found": "model", NO_CONVERSATIONS: "threads"}
IMAGE = re.compile(r"image")
REJECTED = {"invalid_prompt", "data_residency_mismatch", "content_filter", "content_policy_violation"}

# Parameters a server may refuse, and without which a step is still the same step.
OPTIONAL = (
    "background",
    "stream_options",
    "reasoning",
    "include",
    "prompt_cache_key",
    "safety_identifier",
    "store",
    "filters",  # of a tool
)
TOOLS = ("code_interpreter", "web_search", "image_generation", "file_search", "mcp")
POISON = re.compile(
    r"No tool (output|call) found|without its required (following|preceding) item|Container is expired"
    r"|approval (request|response)"
)
UNSUPPORTED = re.compile(r"unsupported|unknown|unrecognized|not supported|not permitted|extra", re.IGNORECASE)


@dataclass(eq=False)
class ServiceError(Exception):
    """A request failed, or a stream said that its response did."""

    status: int = 0  # 0: said within a stream, or no answer at all
    code: str = ""
    type: str = ""
    param: str = ""
    message: str = ""  # may repeat what people wrote: never for a log
    request_id: str = ""
    after: float = 0.0  # seconds that the service asks to wait
    lost: bool = False  # no connection, or it broke off: what was asked may have been done

    def __str__(self) -> str:
        """What a log may say of it."""
        parts = {
            "code": self.code,
            "type": self.type,
            "param": self.param,
            "request": self.request_id,
        }
        told = " ".join(f"{name}={_plain(value)}" for name, value in parts.items() if value)
        what = "connection lost" if self.lost else (str(self.status) if self.status else "in the stream")
        return f"{what} {told}".strip()

    @property
    def locked(self) -> bool:
        """Another response is running on the conversation."""
        return self.code == "conversation_locked"

    @property
    def passing(self) -> bool:
        """The same request may succeed a little later."""
        return (
            self.lost
            or self.status == Status.TOO_MANY_REQUESTS
            or self.status >= Status.INTERNAL_SERVER_ERROR
        )

    @property
    def missing(self) -> bool:
        """What the request named is not there (any more)."""
        return self.status == Status.NOT_FOUND

    @property
    def conversation_gone(self) -> bool:
        # Its code is null: https://community.openai.com reports the message alone.
        return self.missing and "onversation" in self.message and "not found" in self.message

    @property
    def poisoned(self) -> bool:
        """The conversation holds something that the service will not go on with."""
        return self.status == Status.BAD_REQUEST and bool(POISON.search(self.message))

    @property
    def container_expired(self) -> bool:
        """The container of the request, or one that the conversation remembers, is gone."""
        return self.status in {0, Status.BAD_REQUEST, Status.NOT_FOUND} and bool(
            re.search(r"Container (is expired|with id .* not found)", self.message)
        )

    @property
    def refused_tool(self) -> str:
        """The type of the service's tools that this server or model does not take; empty otherwise."""
        if self.status not in {Status.BAD_REQUEST, Status.UNPROCESSABLE_ENTITY}:
            return ""
        told = f"{self.code} {self.message}"
        if not UNSUPPORTED.search(told):
            return ""
        return next((tool for tool in TOOLS if re.search(rf"\b{tool}\b", told)), "")

    @property
    def failed_server(self) -> str:
        """The label of the MCP server that the service could not ask; empty otherwise."""
        # 424, of type external_connector_error: https://github.com/agentgateway/agentgateway/issues/383
        found = re.search(r"MCP server:? '([\w-]+)'", self.message)
        return found[1] if found else ""

    @property
    def too_long(self) -> bool:
        return (
            self.code in {"context_length_exceeded", "string_above_max_length"}
            or self.status == Status.REQUEST_ENTITY_TOO_LARGE
        )

    @property
    def lost_file(self) -> str:
        """The id of an uploaded file that is not there any more; empty when it is about something else."""
        found = re.search(r"\bfile-\w+", self.message)
        about_file = self.status in {Status.BAD_REQUEST, Status.NOT_FOUND} and re.search(
            r"not found|expired|No such", self.message
        )
        return found.group() if found and about_file else ""

    @property
    def store_gone(self) -> bool:
        """A vector store that the request named is not there any more."""
        return "ector store" in self.message and bool(re.search(r"expired|not found", self.message))

    @property
    def stores(self) -> set[str]:
        """The vector stores that it is about."""
        return set(re.findall(r"\bvs_\w+", self.message))

    @property
    def refused(self) -> str:
        """The optional parameter that this server does not take; empty when it is about something else."""
        if self.status not in {Status.BAD_REQUEST, Status.UNPROCESSABLE_ENTITY} or not UNSUPPORTED.search(
            f"{self.code} {self.message}"
        ):
            return ""
        if self.param:
            names = re.split(r"[.\[\]]+", self.param)
            return next((name for name in (names[0], names[-1]) if name in OPTIONAL), "")
        return next((known for known in OPTIONAL if re.search(rf"\b{known}\b", self.message)), "")


def failed(error: ServiceError, attempt: int = 0) -> Failed:
    """The end of a step after an error that the engine could not mend."""
    reason, again = _meaning(error)
    # Honour what the service asks for; without it, wait longer each time.
    after = max(error.after, min(2.0 * 2**attempt, 60.0)) if again else 0.0
    return Failed(reason, str(error), again=again, after=after)


def _meaning(error: ServiceError) -> tuple[Reason, bool]:  # noqa: C901, PLR0911 - one row for each signal
    names = {error.code, error.type}
    if error.lost:
        return "unreachable", True
    if error.locked:
        return "busy", True
    if error.too_long:
        return "too_long", False
    if names & QUOTA:
        return "quota", False
    if error.status in {Status.UNAUTHORIZED, Status.FORBIDDEN}:
        return "key", False
    if error.code in SETTINGS or error.param == "model":
        return SETTINGS.get(error.code, "model"), False
    if names & OVERLOADED or error.status == Status.SERVICE_UNAVAILABLE:
        return "overloaded", True
    if names & RATE or error.status == Status.TOO_MANY_REQUESTS:
        return "rate_limited", True
    if (
        names & BROKEN
        or error.status >= Status.INTERNAL_SERVER_ERROR
        or error.status in {Status.REQUEST_TIMEOUT, Status.CONFLICT}
    ):
        return "broken", True
    if IMAGE.search(error.code):
        return ("rejected" if "policy" in error.code else "image"), False
    if names & REJECTED or "policy" in error.code:
        return "rejected", False
    if error.status == 0:
        return "broken", not error.code.startswith("invalid_")
    return "bug", False


def stream_error(event: Mapping[str, Any]) -> ServiceError:
    """An error within a stream: nested as the service sends it, or flat as it is documented."""
    error = event.get("error") or event
    kind = error.get("type")
    return ServiceError(
        code=str(error.get("code") or ""),
        type="" if kind in {None, "error"} else str(kind),
        param=str(error.get("param") or ""),
        message=str(error.get("message") or ""),
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds the service asks to wait: in milliseconds, in seconds, or until a date."""
    milliseconds, after = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds:
            return max(float(milliseconds) / 1_000, 0.0)
        if after and after.strip().replace(".", "", 1).isdigit():
            return float(after)
        if after:
            return max((parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds(), 0.0)
    except ValueError:
        return 0.0  # a header nobody can read asks for nothing
    return 0.0


def _plain(value: str) -> str:
    """A code as it may stand in a log line: nothing that could be a sentence of somebody."""
    return re.sub(r"[^\w.\[\]-]", "?", value)[:80]
