"""Embeddings that know spelling, not meaning: enough to see that vectors come and go where they should."""

import hashlib
import json
import math
from collections import Counter

from aiohttp import web

from tests.fakes.openai.wire import ApiError, Json

MODELS = {"text-embedding-3-small": 256, "text-embedding-3-large": 384}  # and their dimensions, far fewer
INPUTS = 2_048  # texts a request
CHARACTERS = 32_000  # of a text; the service counts 8,192 tokens
GRAM = 3  # letters


class Embeddings:
    """The endpoint, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []  # model, texts
        self.longest = CHARACTERS
        self.nonsense: object = None  # that is given instead of a vector

    async def create(self, request: web.Request) -> Json:
        body = json.loads(await request.read())
        if unknown := set(body) - {"model", "input", "encoding_format", "dimensions", "user"}:
            raise ApiError(400, f"Unknown parameter: '{min(unknown)}'.", code="unknown_parameter")
        model, texts = body.get("model"), body.get("input")
        if model not in MODELS:
            raise ApiError(404, f"The model `{model}` does not exist.", code="model_not_found")
        texts = [texts] if isinstance(texts, str) else texts
        if not texts or len(texts) > INPUTS or not all(isinstance(text, str) and text for text in texts):
            raise ApiError(400, "'$.input' is invalid.", param="input")
        if any(len(text) > self.longest for text in texts):
            raise ApiError(400, "This model's maximum context length is 8192 tokens.", param="input")
        if body.get("encoding_format") != "float":
            raise ApiError(400, "This server knows encoding_format 'float' alone.", param="encoding_format")
        self.asked.append((model, texts))
        return {
            "object": "list",
            # In no order: each says which text it is of.
            "data": [
                {
                    "object": "embedding",
                    "index": index,
                    "embedding": vector(text, MODELS[model]) if self.nonsense is None else self.nonsense,
                }
                for index, text in reversed(list(enumerate(texts)))
            ],
            "model": model,
            "usage": {"prompt_tokens": len(texts), "total_tokens": len(texts)},
        }


def vector(text: str, length: int) -> list[float]:
    """The same for the same text: how often which letters follow each other, hashed."""
    plain = f" {' '.join(text.lower().split())} "
    found = [0.0] * length
    for gram, times in Counter(plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1)).items():
        at = int.from_bytes(hashlib.sha256(gram.encode()).digest()[:4], "big")
        found[at % length] += times * (1 if at & 1 << 31 else -1)
    size = math.sqrt(sum(part * part for part in found)) or 1.0
    return [part / size for part in found]
