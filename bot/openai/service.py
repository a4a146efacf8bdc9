"""One account at one service, with all that a step needs of it."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from bot.clock import Clock
from bot.files import Files
from bot.knowledge.ports import Uploads
from bot.openai.attached import Attached
from bot.openai.checkup import conversations
from bot.openai.client import Client
from bot.openai.composer import Composer
from bot.openai.containers import Containers
from bot.openai.errors import ServiceError
from bot.openai.learned import Learned
from bot.openai.threads import Upkeep
from bot.ports import Remote, Remotes, Searches, Threads

logger = logging.getLogger(__name__)

TIDY_SECONDS = 5.0  # that close() gives what was left behind


class Service:
    """Puts the parts of the engine together; importing this module loads OpenAI's SDK."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str,
        hosted: bool | None,
        secret: bytes,
        threads: Threads,
        remotes: Remotes,
        files: Files,
        clock: Clock,
        variables: Mapping[str, str],
        uploads: Uploads,
        searches: Searches,
    ) -> None:
        """`variables` hold what MCP servers want to see, by the names that assistants give."""
        self.model = model
        self.variables = variables
        self.threads = threads
        self.remotes = remotes
        self.files = files
        self.clock = clock
        self.uploads = uploads
        self.searches = searches
        self.learned = Learned(hosted)
        self.client = Client(api_key, base_url)
        self.attached = Attached(self.client, files, remotes)
        self.containers = Containers(
            client=self.client,
            threads=threads,
            remotes=remotes,
            files=files,
            clock=clock,
            learned=self.learned,
        )
        self.composer = Composer(self.attached)
        self.upkeep = Upkeep(self.client, threads, remotes, self.composer)
        self._secret = secret
        self._tidying: set[asyncio.Task[None]] = set()

    def alias(self, name: str) -> str:
        """A name that the service can tell from others, and from which nobody gets back to ours."""
        return hmac.new(self._secret, name.encode(), hashlib.sha256).hexdigest()[:32]

    def tidy(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something that goes on when the step it belongs to is over. Its failure is logged."""
        task = asyncio.create_task(work)
        self._tidying.add(task)
        task.add_done_callback(self._tidied)
        return task

    def _tidied(self, task: asyncio.Task[None]) -> None:
        self._tidying.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("could not clean up after a step: %s", error)

    async def cancel(self, response: str) -> None:
        """Cancel a background response. That it cannot be cancelled (any more) is no error."""
        try:
            await self.client.cancel(response)
        except ServiceError as error:
            logger.info("%s could not be cancelled: %s", response, error)

    async def delete(self, remote: Remote) -> bool:
        """Delete something made here; False when that failed, and may be tried again."""
        try:
            await self.client.delete(remote.kind, remote.id)
        except ServiceError as error:
            logger.warning("%s %s could not be deleted: %s", remote.kind, remote.id, error)
            return False
        return True

    async def check_models(self, models: set[str]) -> None:
        """Warn of models that the service will shut down, or does not know."""
        try:
            listed = await self.client.models()
        except ServiceError as error:
            logger.warning("the service did not list its models: %s", error)
            return
        shutdown = {str(model["id"]): model.get("shutdown_date") for model in listed}
        for model in sorted(models):
            if model not in shutdown:
                logger.warning("the service does not list the model %s", model)
            elif shutdown[model]:
                logger.warning(
                    "%s will be shut down on %s: choose another MARU_MODEL", model, shutdown[model]
                )

    async def check_threads(self) -> None:
        """Complain when threads have to be kept there, and cannot be."""
        if self.learned.hosted and (problem := await conversations(self.client)):
            logger.error(problem)

    async def close(self) -> None:
        if self._tidying:
            _, left = await asyncio.wait(self._tidying, timeout=TIDY_SECONDS)
            for task in left:
                task.cancel()
        await self.client.close()
