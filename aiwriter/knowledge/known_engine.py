"""The knowledge as a search engine: `known:` among a brief's sources, and the first that `web:` asks."""

from __future__ import annotations

from collections.abc import Callable

from aiwriter.ports import FoundPassage, PassageFilter, Retriever, SearchEngine, SearchEngines, SearchHit, SearchQuery

NAME = "known"
WEB = "web"
_PASSAGES = 4  # of a source, in the mean, among those that are found


class KnownEngine:
    """Names known sources by their passages. `open_retriever` is called when something is asked."""

    name = NAME

    def __init__(self, open_retriever: Callable[[], Retriever]) -> None:
        self._open = open_retriever

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """Sources whose passages say most about the query, each with the passage that says most."""
        wanted = PassageFilter(domains=query.domains)
        found = await self._open().retrieve(query.text, wanted, query.limit * _PASSAGES)
        hits: dict[str, SearchHit] = {}
        for one in found.passages:
            if _passes(one, query):
                source = one.source
                hit = SearchHit(source.location, source.title, one.passage.text, source.published_at)
                hits.setdefault(source.location, hit)
        return list(hits.values())[: query.limit]


def _passes(found: FoundPassage, query: SearchQuery) -> bool:
    """Within the filters, as for every engine: what does not say its day or language passes."""
    source = found.source
    day = source.published_at
    if source.language and query.language and source.language != query.language:
        return False
    if day and ((query.since and day.date() < query.since) or (query.until and day.date() > query.until)):
        return False
    return not any(source.domain == one or source.domain.endswith(f".{one}") for one in query.without_domains)


class WithKnown:
    """`SearchEngines` with the knowledge beside them: what is known is asked before the web is. `others` are asked only
    by their names."""

    def __init__(self, engines: SearchEngines, known: SearchEngine, *others: SearchEngine) -> None:
        self._engines = engines
        self._known = known
        self._by_name = {one.name: one for one in (known, *others)}
        self.names = (*engines.names, *self._by_name)
        self.results, self.queries, self.pages = engines.results, engines.queries, engines.pages

    def named(self, name: str) -> tuple[SearchEngine, ...]:
        """Raises BadInput like the others'."""
        if name in self._by_name:
            return (self._by_name[name],)
        found = self._engines.named(name)
        return (self._known, *found) if name == WEB else found
