"""Research: read what the brief names and what searches find. What cannot be used is named, the rest goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aiwriter.documents import Brief, SearchRecord, Source, SourceProblem, Sources
from aiwriter.errors import BadInput, ProviderRejected, Refused, Unavailable, UnreadableSource
from aiwriter.pipeline import merging, searching, stories
from aiwriter.pipeline.places import Search, search_of
from aiwriter.pipeline.searching import Answer, Planner
from aiwriter.pipeline.together import together
from aiwriter.ports import SearchEngines, SourceFinder
from aiwriter.threads import computed

Progress = Callable[[int, int, str], Awaitable[None]]

AT_ONCE = 8
MOST_REASONS = 3  # of a refusal


@dataclass(frozen=True, slots=True)
class _Read:
    """Documents that were read, those that cannot be used, and of searches what was asked and named."""

    sources: tuple[Source, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    answers: tuple[Answer, ...] = ()
    pages: tuple[merging.Found, ...] = ()

    def records(self, used: Collection[str]) -> Iterator[SearchRecord]:
        """What came of each search, when these locations are used."""
        for number, answer in enumerate(self.answers):
            yield answer.record(sum(number in page.lists and page.hit.url in used for page in self.pages))


async def gather(
    brief: Brief,
    finder: SourceFinder,
    on_progress: Progress | None = None,
    engines: SearchEngines | None = None,
    planner: Planner | None = None,
) -> Sources:
    """All documents the brief's sources stand for, in that order, each content once; then the pages that its searches
    found and that tell something else, best first. Searches go on while what is given is read.

    `on_progress(done, total, what)` is awaited after each search and each document; `total` grows when pages are found.
    `planner` gives the queries of searches without one. Raises BadInput when the brief names no source or one that does
    not exist, Refused when nothing can be used, and, when that is since no search could be made, Unavailable or, if
    engines refuse their key or setting alone, ProviderRejected; all name every search and what came of it.
    """
    if not brief.sources:
        raise BadInput("the brief names no sources", hint="give at least one file, folder or address with --source")
    searches, places = await asyncio.to_thread(_parted, brief, finder, engines)
    reader = _Reader(finder, on_progress)
    looking = _search(brief, searches, places, reader, engines, planner)
    given, found = await together([_read_given(places, finder, reader), looking])
    items, copies = stories.distinct(given.sources)
    kept, repeats = await computed(stories.told_once, items, found.sources)
    problems = (*given.problems, *found.problems, *map(_repeated, (*copies, *repeats)))
    records = tuple(found.records({source.location for source in kept}))
    if not items and not kept:
        if searching.none_answered(found.answers):
            raise _not_searched(found.answers, problems, records)
        raise _nothing_usable(brief, problems, records)
    return Sources(items=(*items, *kept), problems=problems, searches=records)


def _parted(brief: Brief, finder: SourceFinder, engines: SearchEngines | None) -> tuple[list[Search], list[str]]:
    """The searches among the places of a brief, and what the others stand for, each once."""
    searches: list[Search] = []
    locations: list[str] = []
    for place in brief.sources:
        search = search_of(place, engines)
        if search is None:
            locations += finder.expand(place)
        else:
            searches.append(search)
    return searches, list(dict.fromkeys(locations))


# ── what is given ────────────────────────────────────────────────────────────────────────────────────────────────────


async def _read_given(places: Sequence[str], finder: SourceFinder, reader: _Reader) -> _Read:
    behind = await together(_documents(place, finder) for place in places)
    lost = [problem for problem in behind if isinstance(problem, SourceProblem)]
    locations = dict.fromkeys(one for found in behind if not isinstance(found, SourceProblem) for one in found)
    read = await reader.read(list(locations))
    return replace(read, problems=(*lost, *read.problems))


async def _documents(place: str, finder: SourceFinder) -> list[str] | SourceProblem:
    try:
        return await finder.discover(place)
    except UnreadableSource as error:
        return SourceProblem(location=place, reason=str(error), hint=error.hint)


class _Reader:
    """Reads documents, a few at once, and tells how far it is; what is searched counts as well."""

    def __init__(self, finder: SourceFinder, on_progress: Progress | None) -> None:
        self._finder = finder
        self._on_progress = on_progress
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._telling = asyncio.Lock()  # what is told later counts more, however long the telling takes
        self._done = self._total = 0

    def expect(self, more: int) -> None:
        self._total += more

    async def tell(self, what: str) -> None:
        async with self._telling:
            self._done += 1
            if self._on_progress:
                await self._on_progress(self._done, self._total, what)

    async def read(self, locations: Sequence[str]) -> _Read:
        """The documents at these locations, in their order."""
        self.expect(len(locations))
        read = await together(map(self._one, locations))
        sources = tuple(one for one in read if isinstance(one, Source))
        return _Read(sources, tuple(one for one in read if isinstance(one, SourceProblem)))

    async def _one(self, location: str) -> Source | SourceProblem:
        async with self._slots:
            result = await self._document(location)
        await self.tell(location)
        return result

    async def _document(self, location: str) -> Source | SourceProblem:
        try:
            source = await self._finder.read(location)
        except UnreadableSource as error:
            return SourceProblem(location=location, reason=str(error), hint=error.hint)
        if source.text.strip():
            return source
        return SourceProblem(
            location=location, reason=f"{location!r} holds no text", hint="give a document with text in it"
        )


# ── what is found ────────────────────────────────────────────────────────────────────────────────────────────────────


async def _search(
    brief: Brief,
    searches: Sequence[Search],
    places: Sequence[str],
    reader: _Reader,
    engines: SearchEngines | None,
    planner: Planner | None,
) -> _Read:
    """The pages that searches name, read, those left out that were given already."""
    if not searches or engines is None:
        return _Read()
    pairs = await searching.queries_for(brief, searches, engines.queries, planner)
    reader.expect(len(pairs))
    answers = await searching.answers(brief, pairs, engines.results, reader.tell)
    given = {merging.canonical(place) for place in places}
    pages = [page for page in merging.fused([one.hits for one in answers]) if page.key not in given]
    pages = pages[: engines.pages]
    read = await reader.read([page.hit.url for page in pages])
    dated = _dated(read.sources, pages)
    outside = {source.id: said for source in dated if (said := _outside(source, brief))}
    left_out = (outside[source.id] for source in dated if source.id in outside)
    inside = tuple(source for source in dated if source.id not in outside)
    return _Read(inside, (*read.problems, *left_out), tuple(answers), tuple(pages))


def _dated(sources: Iterable[Source], pages: Iterable[merging.Found]) -> list[Source]:
    """The sources with the day their engine knows, where the page itself does not say."""
    told = {page.hit.url: page.hit.published_at for page in pages}
    return [
        source if source.published_at else source.model_copy(update={"published_at": told.get(source.location)})
        for source in sources
    ]


def _outside(source: Source, brief: Brief) -> SourceProblem | None:
    """Why a page that was found is not what the brief asks for, now that it is read; an engine may not have known."""
    if brief.since and source.published_at and source.published_at.date() < brief.since:
        reason = f"it was published on {source.published_at:%Y-%m-%d}, before {brief.since}"
        return SourceProblem(location=source.location, reason=reason)
    if source.language and source.language != brief.language:
        reason = f"it is written in {source.language!r}, and {brief.language!r} is asked for"
        hint = f"ask for {source.language!r} (--language {source.language})"
        return SourceProblem(location=source.location, reason=reason, hint=hint)
    return None


def _repeated(repeat: stories.Repeat) -> SourceProblem:
    return SourceProblem(location=repeat.source.location, reason=repeat.reason)


def _not_searched(
    answers: Sequence[Answer], problems: tuple[SourceProblem, ...], searches: tuple[SearchRecord, ...]
) -> Unavailable | ProviderRejected:
    """No engine gave an answer: a failure after which one may go on, once the connection, key or setting is mended."""
    read = f"; no source could be used: {_reasons(problems)}" if problems else ""
    said = f"no search could be made: {searching.in_words(searches)}{read}"
    if any(one.unavailable for one in answers):
        return Unavailable(
            said, hint="check this machine's connection and the addresses of the engines, or name other engines"
        )
    hints = dict.fromkeys(one.hint for one in answers if one.hint)
    return ProviderRejected(said, hint=f"{', '.join(hints)}, and go on; or name other engines" if hints else None)


def _nothing_usable(brief: Brief, problems: tuple[SourceProblem, ...], searches: tuple[SearchRecord, ...]) -> Refused:
    reasons, asked = _reasons(problems), searching.in_words(searches)
    if searches:
        limits = _limits(brief)
        read = f"; no source could be used: {reasons}" if problems else ""
        said = f"nothing was found that can be used{limits}: {asked}{read}"
        hints = {problem.hint for problem in problems}
        first = (hints.pop() if len(hints) == 1 else None) or ("widen these limits" if limits else None)
        others = "say the topic in other words, name other engines, or give sources of your own"
        return Refused(said, hint=f"{first}, {others}" if first else others)
    if problems:
        return Refused(
            f"no source could be used: {reasons}",
            hint=problems[0].hint or "give sources that hold readable text",
        )
    return Refused(
        f"{', '.join(map(repr, brief.sources[:3]))} holds no document that can be read",
        hint="give Markdown, HTML, PDF, Word, CSV or text files, a folder of them, or http(s) addresses",
    )


def _reasons(problems: Iterable[SourceProblem]) -> str:
    """Why sources cannot be used, each reason once, with the first source that it holds for."""
    places: dict[str, list[str]] = {}
    for problem in problems:
        places.setdefault(problem.reason, []).append(problem.location)
    told = [_reason(reason, where) for reason, where in places.items()]
    return "; ".join(told[:MOST_REASONS]) + (f" (and {len(told) - MOST_REASONS} more)" if told[MOST_REASONS:] else "")


def _reason(reason: str, places: Sequence[str]) -> str:
    if len(places) == 1 and places[0] in reason:
        return reason
    return f"{places[0]}{f' and {len(places) - 1} more' if places[1:] else ''}: {reason}"


def _limits(brief: Brief) -> str:
    """What searches were limited to: engines do not tell what a limit took away."""
    limits = [f"on {', '.join(brief.domains)}"] if brief.domains else []
    limits += [f"not on {', '.join(brief.without_domains)}"] if brief.without_domains else []
    limits += [f"from {brief.since} on"] if brief.since else []
    return f" {', '.join(limits)}" if limits else ""
