"""Text that can be stored and sent: without halves of surrogate pairs, which are no characters."""


def storable(text: str) -> str:
    """The text with such halves, which JSON can smuggle in, replaced by question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
