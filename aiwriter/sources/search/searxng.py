"""SearXNG, the metasearch engine of your own: GET /search with format=json.

Asked: q, format, language, pageno, time_range (day, month, year: the shortest that reaches `since`). It has no
filter of domains; the query says site:, which most of the engines behind it understand. Answered: results of url,
title, content, publishedDate, and unresponsive_engines as [name, reason]. An instance that does not list json among its
search.formats says 403.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from aiwriter.errors import BadInput, Unavailable
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.search.asking import Asker, Question, Said
from aiwriter.sources.search.filters import day, kept, listed, plain, printable

STATUSES: dict[int, Said] = {
    403: (BadInput, "it does not give JSON", "add json to search.formats in its settings.yml"),
}
_RANGES = {1: "day", 31: "month", 366: "year"}


class SearXNG:
    """The engine "searxng" at an address."""

    name = "searxng"

    def __init__(self, url: str, asker: Asker) -> None:
        self._url = f"{url.rstrip('/').removesuffix('/search')}/search"
        self._asker = asker

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """The first page of hits. Raises Unavailable when there is none and engines behind it did not answer: that is
        not known to be nothing."""
        answer = await self._asker.json(Question(self._url, _params(query, datetime.now(UTC).date())))
        found = list(listed(answer, "results", self.name))
        if not found and (silent := _unresponsive(answer)):
            raise Unavailable(
                f"{self.name} found nothing, but some of the engines behind it did not answer ({printable(silent)})",
                hint="wait until they let it in again, or choose others in its settings.yml",
            )
        return kept(map(_hit, found), query)


def _params(query: SearchQuery, today: date) -> dict[str, str]:
    sites = " OR ".join(f"site:{domain}" for domain in query.domains)
    params = {"q": f"{query.text} {sites}".strip(), "format": "json", "pageno": "1"}
    if query.language:
        params["language"] = query.language
    if query.since:
        days = (today - query.since).days
        reaching = next((name for most, name in _RANGES.items() if days <= most), None)
        params |= {"time_range": reaching} if reaching else {}
    return params


def _unresponsive(answer: Any) -> str:
    told = answer.get("unresponsive_engines")
    if not isinstance(told, list):
        return ""
    return ", ".join(": ".join(map(str, one)) if isinstance(one, list) else str(one) for one in told[:5])[:300]


def _hit(found: dict[str, Any]) -> SearchHit:
    published = day(found.get("publishedDate"))
    return SearchHit(str(found.get("url")), plain(found.get("title")), plain(found.get("content")), published)
