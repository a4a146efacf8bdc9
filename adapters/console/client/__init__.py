"""What people see and type in the terminal; `chat` is the whole of it."""

from adapters.console.client.start import chat

__all__ = ["chat"]
