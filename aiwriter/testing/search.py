"""Search engines of pages that exist only in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiwriter.errors import AIWriterError, BadInput
from aiwriter.ports import SearchEngine, SearchHit, SearchQuery
from aiwriter.sources.search.filters import kept
from aiwriter.text.words import content_words


class TinyEngine:
    """SearchEngine over hits: those that share a word with the query, most shared words first. `failure` is raised
    instead. `asked` are the queries, in order."""

    def __init__(self, name: str, hits: Sequence[SearchHit] = (), failure: AIWriterError | None = None) -> None:
        self.name = name
        self.asked: list[SearchQuery] = []
        self._hits = list(hits)
        self._failure = failure

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        self.asked.append(query)
        if self._failure:
            raise self._failure
        wanted = set(content_words(query.text))
        shared = {hit.url: len(wanted & set(content_words(f"{hit.title} {hit.snippet}"))) for hit in self._hits}
        found = sorted((hit for hit in self._hits if shared[hit.url]), key=lambda hit: -shared[hit.url])
        return kept(found, query)


class TinyEngines:
    """SearchEngines over given ones; "web" stands for all of them, an exception for an engine that is not set up."""

    def __init__(
        self, engines: Mapping[str, SearchEngine | BadInput], *, results: int = 8, queries: int = 4, pages: int = 20
    ) -> None:
        self._engines = dict(engines)
        self.names = ("web", *engines)
        self.results, self.queries, self.pages = results, queries, pages

    def named(self, name: str) -> tuple[SearchEngine, ...]:
        found = list(self._engines.values()) if name == "web" else [self._engines[name]]
        for one in found:
            if isinstance(one, BadInput):
                raise one
        return tuple(one for one in found if not isinstance(one, BadInput))
