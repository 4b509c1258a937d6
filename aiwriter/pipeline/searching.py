"""Searching: every query to every engine, side by side; one that fails is noted, the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from aiwriter.documents import Brief, SearchRecord
from aiwriter.errors import BadInput, ProviderRejected, Unavailable
from aiwriter.pipeline import queries
from aiwriter.pipeline.places import Search
from aiwriter.pipeline.together import together
from aiwriter.ports import SearchEngine, SearchHit, SearchQuery

Planner = Callable[[int], Awaitable[list[str]]]
"""Gives at most so many queries for the brief."""
Told = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one engine said to one query: pages, best first, or why it gave none."""

    engine: str
    query: str
    hits: tuple[SearchHit, ...] = ()
    error: str | None = None
    unavailable: bool = False  # asked later, it may answer
    hint: str | None = None  # what a person can do about it

    def record(self, used: int) -> SearchRecord:
        return SearchRecord(engine=self.engine, query=self.query, hits=len(self.hits), used=used, error=self.error)


async def queries_for(
    brief: Brief, searches: Sequence[Search], most: int, planner: Planner | None
) -> list[tuple[SearchEngine, str]]:
    """Which engine is asked for what, each pair once, in the order of the places. The planner is asked only when a
    place gives no query; without one the queries are planned by rule."""
    plan: list[str] = []
    if any(not search.text for search in searches):
        plan = await planner(most) if planner else queries.planned(brief, most)
    pairs = chain.from_iterable(
        ((engine, text) for text in ([search.text] if search.text else plan) for engine in search.engines)
        for search in searches
    )
    return list({(engine.name, text): (engine, text) for engine, text in pairs}.values())


async def answers(brief: Brief, pairs: Sequence[tuple[SearchEngine, str]], limit: int, told: Told) -> list[Answer]:
    """One answer for each pair, in their order, within the brief's language, days and domains. Engines are asked
    side by side, each one thing after another: they are guests there, and Wikimedia and arXiv ask for it."""
    turns = {engine.name: asyncio.Lock() for engine, _ in pairs}

    async def ask(engine: SearchEngine, text: str) -> Answer:
        async with turns[engine.name]:
            found = await _answer(engine, _query(brief, text, limit))
        await told(f"{engine.name}: {text}")
        return found

    return await together(ask(engine, text) for engine, text in pairs)


def in_words(searches: Sequence[SearchRecord]) -> str:
    """What was searched and what came of it, for people; why an engine gave no answer once."""
    asked: dict[tuple[str, str, str], list[str]] = {}
    for one in searches:
        asked.setdefault((one.engine, one.outcome, "" if one.error else one.query), []).append(one.query)
    return "; ".join(
        f"{engine}, asked {queries[0]!r}{f' and {len(queries) - 1} more' if queries[1:] else ''}: {outcome}"
        for (engine, outcome, _), queries in asked.items()
    )


def none_answered(given: Sequence[Answer]) -> bool:
    """Whether no search could be made: nothing is known of what there is."""
    return bool(given) and all(one.error for one in given)


async def _answer(engine: SearchEngine, query: SearchQuery) -> Answer:
    try:
        return Answer(engine.name, query.text, tuple(await engine.search(query)))
    except (Unavailable, BadInput, ProviderRejected) as error:
        return Answer(
            engine.name, query.text, error=error.with_hint, unavailable=isinstance(error, Unavailable), hint=error.hint
        )


def _query(brief: Brief, text: str, limit: int) -> SearchQuery:
    return SearchQuery(
        text,
        limit=limit,
        language=brief.language,
        since=brief.since,
        domains=brief.domains,
        without_domains=brief.without_domains,
    )
