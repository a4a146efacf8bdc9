"""The documents that an assistant may search."""
