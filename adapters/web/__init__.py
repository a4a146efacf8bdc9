"""The chat page and the pages beside it, served over HTTP."""
