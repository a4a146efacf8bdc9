"""The one catalogue of sentences for people, in English and Korean.

Each TOML file of this folder belongs to one part of Maru; a key is unique over all of them.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> sentence."""
    found: dict[str, dict[str, str]] = {}
    for file in resources.files(__name__).iterdir():
        if file.name.endswith(".toml"):
            for key, sentence in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if key in found:
                    raise ValueError(f"{file.name}: {key} is already defined in another file")
                found[key] = sentence
    return found


def say(key: str, language: Language, /, **values: object) -> str:
    """A sentence of the catalogue, with its places filled in."""
    return catalogue()[key][language].format(**values)


def language_of(text: str, locale: str = "") -> Language:
    """The language of a person: of what they wrote, else of their locale, else English."""
    if any("\uac00" <= char <= "\ud7a3" or "\u3131" <= char <= "\u318e" for char in text):
        return "ko"
    if any(char.isalpha() for char in text):
        return "en"
    return "ko" if locale.lower().startswith("ko") else "en"
