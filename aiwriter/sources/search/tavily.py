"""Tavily: POST /search with a bearer key (as its API reference has it in 2026).

Asked: query (at most 400 characters), max_results (0–20), search_depth, topic, include_domains, exclude_domains,
start_date, end_date (YYYY-MM-DD). Answered: results of url, title, content, score and, for news, published_date.
It knows no language. 432 and 433 say that the plan or the pay-as-you-go limit is used up.
"""

from __future__ import annotations

from typing import Any

from aiwriter.errors import Unavailable
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.search.asking import Asker, Question, Said
from aiwriter.sources.search.filters import day, kept, listed, plain

_SPENT: Said = (Unavailable, "its plan is used up", "look at the plan of the account, or name another engine")
STATUSES: dict[int, Said] = {432: _SPENT, 433: _SPENT}
_LONGEST, _MOST = 400, 20


class Tavily:
    """The engine "tavily" at an address, with its key."""

    name = "tavily"

    def __init__(self, url: str, key: str, asker: Asker) -> None:
        self._url = f"{url.rstrip('/')}/search"
        self._key = key
        self._asker = asker

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """The best hits; days and domains are filtered by Tavily as well."""
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = await self._asker.json(Question(self._url, headers=headers, body=_body(query)))
        return kept(map(_hit, listed(answer, "results", self.name)), query)


def _body(query: SearchQuery) -> dict[str, Any]:
    body: dict[str, Any] = {
        "query": query.text[:_LONGEST],
        "max_results": min(query.limit, _MOST),
        "search_depth": "basic",
        "topic": "general",
        "include_domains": list(query.domains),
        "exclude_domains": list(query.without_domains),
    }
    days = {"start_date": query.since, "end_date": query.until}
    return body | {name: limit.isoformat() for name, limit in days.items() if limit}


def _hit(found: dict[str, Any]) -> SearchHit:
    published = day(found.get("published_date"))
    return SearchHit(str(found.get("url")), plain(found.get("title")), plain(found.get("content")), published)
