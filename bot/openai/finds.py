"""What the service's own search found in a step, and the sources that its citations stand for."""

import re

from bot.events import Citation, Source
from bot.knowledge.lookup import found_in, source_of
from bot.openai.citations import Cited
from bot.openai.found import Piece, nearest, passages
from bot.openai.reading import Found
from bot.openai.reconciling import SETTLED, UPLOADED
from bot.openai.service import Service
from bot.openai.sse import Json
from bot.openai.uploaded import FILE
from bot.ports import Request

FILE_SEARCH = "file_search"
PIECES = 10  # that one search of the service gives the model
MOST_LEFT_OUT = 100  # files that one search is told to leave out
MOST = 50  # sections that are looked at for one citation
SAID = 400  # characters before a citation that it may stand for, and of them
SENTENCE = re.compile(r"[.!?。]\s+|\n")  # what comes after the last of these


class Finds:
    """The searches of one step in the collections that the service keeps."""

    def __init__(self, service: Service, request: Request) -> None:
        self._service = service
        self._turn = request.turn
        self._collections = request.collections
        self._pieces: list[Piece] = []

    async def tool(self, model: str) -> Json | None:
        """The service's own search as the step may use it, in stores that are known to be there.

        It must not show the model what was let go of a moment ago and what the service still finds, nor
        what a sync left there half done. Where it cannot be told to leave that out there is none: our
        function searches then, which sees to it.
        """
        learned, uploads = self._service.learned, self._service.uploads
        known = await uploads.stores()
        stores = [known[name] for name in self._collections if known.get(name, "") not in {"", *learned.gone}]
        if not stores or not learned.takes(model, FILE_SEARCH):
            return None
        tool: Json = {"type": FILE_SEARCH, "vector_store_ids": stores, "max_num_results": PIECES}
        unsettled = await uploads.unsettled(self._service.clock.now() - SETTLED)
        if not unsettled:
            return tool
        if len(unsettled) > MOST_LEFT_OUT or not learned.takes(model, "filters"):
            return None
        others = [{"type": "ne", "key": FILE, "value": file} for file in unsettled]
        return tool | {"filters": {"type": "and", "filters": others}}

    async def take(self, found: Found) -> None:
        """Keep what was found, and note where: the model knows it from now on."""
        pieces = [Piece.of(result) for result in found.results or ()]
        known = await self._service.uploads.known({piece.file for piece in pieces})
        stores = await self._service.uploads.stores()
        searched = [name for name in self._collections if name in stores]
        shown = passages(pieces, known, found.query, MOST)
        # What is not said counts as found: it would stay known when it is withdrawn.
        noted = found_in(searched, shown) if found.results is not None else dict.fromkeys(searched, True)
        await self._service.searches.note(self._turn.id, noted)
        self._pieces += pieces

    async def source(self, cited: Cited) -> Citation | None:
        """The source of a statement. None when it is no document of ours any more."""
        upload = (await self._service.uploads.known({cited.file})).get(cited.file)
        if upload is None or upload.collection not in self._collections:
            if UPLOADED.search(cited.name):
                return None
            return Citation(Source(cited.file, cited.name), cited.position)
        own = [piece for piece in self._pieces if piece.file == cited.file]
        words = SENTENCE.split(cited.said.rstrip()[-SAID:])[-1]
        candidates = passages(own, {cited.file: upload}, words, MOST)
        best = nearest(words, candidates)
        if best is not None:
            return Citation(source_of(best), cited.position)
        document = upload.document
        whole = Source(f"{upload.collection}:{document.path}", document.title, url=document.url)
        return Citation(whole, cited.position)
