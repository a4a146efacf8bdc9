"""Embeddings from OpenAI, or from any server that speaks `/v1/embeddings`."""

import asyncio
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from bot.errors import EmbeddingsUnavailable
from bot.knowledge.ports import Vector
from bot.openai.errors import ServiceError

if TYPE_CHECKING:
    from bot.openai.client import Client

TIMEOUT = 120.0  # seconds for a batch: a model on a processor takes its time
LONGEST, SHORTEST = 8_000, 500  # characters of a text: as many as the model takes, and no fewer
VECTORS = TypeAdapter(list[Annotated[list[FiniteFloat], Field(min_length=1)]])
TOO_LONG = {400, 413, 422}  # what servers answer to a text that is longer than their model takes


class OpenAIEmbedder:
    """The `Embedder` port. Of a text that is too long for the model, the beginning counts."""

    def __init__(self, *, api_key: str, base_url: str, model: str) -> None:
        """An empty `base_url` is OpenAI's."""
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._longest = LONGEST  # as far as is known
        self._loading: asyncio.Task[Client] | None = None

    @property
    def model(self) -> str:
        return self._model

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        try:
            vectors = VECTORS.validate_python(await self._tried(texts))
        except ValidationError as error:
            raise EmbeddingsUnavailable(f"{self._model} did not give vectors.") from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise EmbeddingsUnavailable(f"{self._model} did not give one vector for each text.")
        return vectors

    async def _tried(self, texts: Sequence[str]) -> Sequence[object]:
        cut = [text[: self._longest] for text in texts]
        try:
            return await (await self._client()).embed(self._model, cut, TIMEOUT)
        except ServiceError as error:
            if error.status in TOO_LONG and self._longest > SHORTEST and max(map(len, cut)) > SHORTEST:
                self._longest = max(max(map(len, cut)) // 2, SHORTEST)
                return await self._tried(texts)
            raise EmbeddingsUnavailable(
                f"the embeddings of {self._model} cannot be had ({error}). See MARU_EMBEDDINGS_MODEL, "
                "MARU_EMBEDDINGS_URL and MARU_EMBEDDINGS_KEY.",
                error.after if error.passing else 0.0,
            ) from error
        except (KeyError, TypeError) as error:
            raise EmbeddingsUnavailable(
                "what answers at MARU_EMBEDDINGS_URL is no server of embeddings."
            ) from error

    async def close(self) -> None:
        if self._loading is not None:
            await (await self._loading).close()

    async def _client(self) -> "Client":
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        return await asyncio.shield(self._loading)

    async def _load(self) -> "Client":
        # Only now, and in a thread: OpenAI's SDK takes more than a second to load.
        module = await asyncio.to_thread(importlib.import_module, "bot.openai.client")
        client: Client = module.Client(self._api_key, self._base_url)
        return client
