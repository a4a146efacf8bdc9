"""The MCP servers that an assistant names: tools of others, which the model service calls for it."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def _address(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ValueError("give it as an address that begins with https://")
    return url


def _variable(name: str) -> str:
    # What was written may be the secret itself: it must not come back in an error.
    if name and not VARIABLE.fullmatch(name):
        raise ValueError(
            "name an environment variable, such as TRACKER_TOKEN; the secret itself stands there, never here"
        )
    return name


class McpServer(BaseModel):
    """A server of tools, and who has to agree before the model uses one."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    label: str = Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]{0,63}$")  # by which people and the model know it
    url: Annotated[str, AfterValidator(_address)]
    description: str = Field(default="", max_length=500)
    tools: tuple[str, ...] = ()  # that the model may use; empty: all
    authorization: Annotated[str, AfterValidator(_variable)] = ""  # the variable that holds the token
    approval: Literal["always", "never"] | tuple[str, ...] = "always"  # or the tools that need a yes
    deciders: tuple[str, ...] = ()  # author ids that may say it; empty: whoever asked in the turn

    @model_validator(mode="after")
    def _known(self) -> Self:
        """A misspelt tool would run without anybody's yes."""
        named = self.approval if isinstance(self.approval, tuple) else ()
        if self.tools and (unknown := sorted({*named} - {*self.tools})):
            raise ValueError(f"approval names {', '.join(unknown)}, which is not among its tools")
        return self

    def has(self, tool: str) -> bool:
        """Whether the model may use this tool at all."""
        return not self.tools or tool in self.tools

    def asks(self, tool: str) -> bool:
        """Whether somebody has to say yes before the model uses this tool."""
        return self.approval == "always" or (isinstance(self.approval, tuple) and tool in self.approval)
