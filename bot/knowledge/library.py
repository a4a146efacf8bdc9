"""What Maru's assistants may search: the collections, kept equal to their folders."""

from collections.abc import Sequence

from bot.knowledge.ports import Index, Listing, Passage
from bot.knowledge.sync import Folder


class Library:
    """Collections that follow folders. What changed in a folder is noticed by the next search."""

    def __init__(self, index: Index, folders: Sequence[Folder]) -> None:
        self._index = index
        self._folders = folders

    async def refresh(self) -> None:
        """Notice what changed; meant for a task of its own at start, before anybody asks."""
        for folder in self._folders:
            await folder.refresh()

    async def search(
        self, query: str, limit: int, collections: Sequence[str] | None = None
    ) -> Sequence[Passage]:
        """The best passages for a person's words, in the named collections alone; None is all of them."""
        await self.refresh()
        names = [
            folder.collection
            for folder in self._folders
            if collections is None or folder.collection in collections
        ]
        return await self._index.search(query, names, limit)

    async def documents(self) -> Sequence[Listing]:
        """Everything there is to search."""
        await self.refresh()
        listings: list[Listing] = []
        for folder in self._folders:
            listings.extend(await self._index.documents(folder.collection))
        return listings
