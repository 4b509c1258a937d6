"""An endpoint of your own, in a form that is easy to speak (docs/research.md).

GET url?q=…&limit=…&language=…&since=YYYY-MM-DD&until=YYYY-MM-DD&domains=a,b&without_domains=c, with
"Authorization: Bearer KEY" when a key is set. Answered: {"results": [{"url", "title", "snippet", "published_at"}]},
best first; all but the url may be missing, and what the endpoint does not filter is filtered here.
"""

from __future__ import annotations

from typing import Any

from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.search.asking import Asker, Question
from aiwriter.sources.search.filters import day, kept, listed, plain


class Custom:
    """The engine "custom" at an address, with its key if it needs one."""

    name = "custom"

    def __init__(self, url: str, key: str, asker: Asker) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._asker = asker

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """What the endpoint names."""
        answer = await self._asker.json(Question(self._url, _params(query), self._headers))
        return kept(map(_hit, listed(answer, "results", self.name)), query)


def _params(query: SearchQuery) -> dict[str, str]:
    params = {
        "q": query.text,
        "limit": str(query.limit),
        "language": query.language,
        "since": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
        "domains": ",".join(query.domains),
        "without_domains": ",".join(query.without_domains),
    }
    return {name: value for name, value in params.items() if value}


def _hit(found: dict[str, Any]) -> SearchHit:
    published = day(found.get("published_at"))
    return SearchHit(str(found.get("url")), plain(found.get("title")), plain(found.get("snippet")), published)
