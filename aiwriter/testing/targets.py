"""A target for articles that remembers what it was given, under which keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from aiwriter.documents import Article, Publication
from aiwriter.errors import AIWriterError


class TinyTarget:
    """A `Target` in memory. Readers find `pages` (by article: the version) and `index` (titles); `keys` are those of
    all puts, in their order. `failing` are raised by the next puts, one each."""

    def __init__(self, failing: Sequence[AIWriterError] = ()) -> None:
        self.pages: dict[UUID, Article] = {}
        self.index: list[str] = []
        self.keys: list[UUID] = []
        self._failing = list(failing)

    async def put(self, article: Article, key: UUID) -> str:
        if self._failing:
            raise self._failing.pop(0)
        self.keys.append(key)
        self.pages[article.id] = article
        return f"tiny://{article.id}/index.html"

    async def holds(self, article: Article) -> bool:
        return article.id in self.pages and article.title in self.index

    async def remove(self, article: Article) -> None:
        self.pages.pop(article.id, None)

    async def show(self, listed: Sequence[Publication]) -> None:
        self.index = [one.title for one in listed]
