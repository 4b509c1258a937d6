"""Research: read what the brief names. What cannot be read is named, the rest goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiwriter.documents import Brief, Source, SourceProblem, Sources
from aiwriter.errors import BadInput, Refused, UnreadableSource
from aiwriter.ports import SourceFinder

Progress = Callable[[int, int, str], Awaitable[None]]

AT_ONCE = 8


async def gather(brief: Brief, finder: SourceFinder, on_progress: Progress | None = None) -> Sources:
    """All documents the brief's sources stand for, in that order, each content once.

    `on_progress(done, total, location)` is awaited after each. Raises BadInput when the brief names no source or one
    that does not exist, Refused when none could be read.
    """
    if not brief.sources:
        raise BadInput("the brief names no sources", hint="give at least one file, folder or address with --source")
    places = await asyncio.to_thread(_expanded, finder, brief.sources)
    behind = await asyncio.gather(*map(finder.discover, places))
    locations = list(dict.fromkeys(location for found in behind for location in found))
    found = await _read_all(locations, finder, on_progress)
    items = _distinct(source for source in found if isinstance(source, Source))
    problems = tuple(problem for problem in found if isinstance(problem, SourceProblem))
    if not items:
        raise _nothing_usable(brief, problems)
    return Sources(items=items, problems=problems)


def _expanded(finder: SourceFinder, given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(location for place in given for location in finder.expand(place)))


async def _read_all(
    locations: list[str], finder: SourceFinder, on_progress: Progress | None
) -> list[Source | SourceProblem]:
    slots = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def read(location: str) -> Source | SourceProblem:
        nonlocal done
        async with slots:
            result = await _read(location, finder)
        done += 1
        if on_progress:
            await on_progress(done, len(locations), location)
        return result

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read(location)) for location in locations]
    except ExceptionGroup as failed:  # one failure is enough to tell; the others were cancelled
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


async def _read(location: str, finder: SourceFinder) -> Source | SourceProblem:
    try:
        source = await finder.read(location)
    except UnreadableSource as error:
        return SourceProblem(location=location, reason=str(error), hint=error.hint)
    if source.text.strip():
        return source
    return SourceProblem(
        location=location, reason=f"{location!r} holds no text", hint="give a document with text in it"
    )


def _distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    by_content: dict[str, Source] = {}
    for source in sources:
        by_content.setdefault(source.content_hash, source)
    return tuple(by_content.values())


def _nothing_usable(brief: Brief, problems: tuple[SourceProblem, ...]) -> Refused:
    reasons = "; ".join(problem.reason for problem in problems[:3])
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    if problems:
        return Refused(
            f"no source could be used: {reasons}{more}",
            hint=problems[0].hint or "give sources that hold readable text",
        )
    return Refused(
        f"{', '.join(map(repr, brief.sources[:3]))} holds no document that can be read",
        hint="give Markdown, HTML, PDF, Word, CSV or text files, a folder of them, or http(s) addresses",
    )
