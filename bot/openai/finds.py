"""What the service's own search found in a step, and the sources that its citations stand for."""

import re
from collections.abc import Sequence

from bot.events import Citation, Source
from bot.knowledge.lookup import found_in, source_of
from bot.openai.citations import Cited
from bot.openai.found import Piece, nearest, passages
from bot.openai.reading import Found
from bot.openai.reconciling import UPLOADED
from bot.openai.service import Service
from bot.ports import Request

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

    async def stores(self) -> Sequence[str]:
        """The vector stores that the step may search, as far as they are known to be there."""
        known = await self._service.uploads.stores()
        found = (known.get(name, "") for name in self._collections)
        return tuple(store for store in found if store and store not in self._service.learned.gone)

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
