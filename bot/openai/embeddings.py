"""Embeddings from OpenAI, or from any server that speaks `/v1/embeddings`."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import EmbeddingsUnavailable
from bot.knowledge.ports import Vector
from bot.openai.errors import ServiceError

if TYPE_CHECKING:
    from bot.openai.client import Client

TIMEOUT = 120.0  # seconds for a batch: a model on a processor takes its time
LONGEST = 8_000  # characters of a text, which is what models take; the beginning says what it is about


class OpenAIEmbedder:
    """The `Embedder` port."""

    def __init__(self, *, api_key: str, base_url: str, model: str) -> None:
        """An empty `base_url` is OpenAI's."""
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._client: Client | None = None

    @property
    def model(self) -> str:
        return self._model

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        try:
            vectors = await self._connected().embed(self._model, [text[:LONGEST] for text in texts], TIMEOUT)
        except ServiceError as error:
            raise EmbeddingsUnavailable(
                f"the embeddings of {self._model} cannot be had ({error}). See MARU_EMBEDDINGS_MODEL, "
                "MARU_EMBEDDINGS_URL and MARU_EMBEDDINGS_KEY.",
                error.after if error.passing else 0.0,
            ) from error
        except (KeyError, TypeError) as error:
            raise EmbeddingsUnavailable(
                "what answers at MARU_EMBEDDINGS_URL is no server of embeddings."
            ) from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise EmbeddingsUnavailable(f"{self._model} did not give one vector for each text.")
        return vectors

    async def close(self) -> None:
        if self._client:
            await self._client.close()

    def _connected(self) -> "Client":
        # Only now: OpenAI's SDK takes more than a second to load.
        self._client = self._client or importlib.import_module("bot.openai.client").Client(
            self._api_key, self._base_url
        )
        return self._client
