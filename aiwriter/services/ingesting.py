"""Ingestion: a place is looked at, what is new or changed there becomes known, what is unchanged costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import NAMESPACE_URL, UUID, uuid5

from aiwriter.documents import SourceProblem
from aiwriter.errors import BadInput, NotFound, OwnText, SourceGone, UnreadableSource
from aiwriter.pipeline.together import together
from aiwriter.ports import (
    Changed,
    Database,
    Feed,
    KnownFilter,
    KnownSource,
    Principal,
    SourceFinder,
    Unchanged,
    Validators,
)
from aiwriter.ports.knowledge import MOST_DOCUMENTS
from aiwriter.services import knowledge
from aiwriter.services.knowledge import Shelf

NOTHING_TO_FIND = "no sentence or row of it can be quoted, so that nothing of it will be found"
MOST_REASONS = 3  # of what could not be read
AT_ONCE = 4  # documents that are read together; they are kept one after another
Progress = Callable[[int, int, str], Awaitable[None]]


@dataclass(slots=True)
class Ingested:
    """What a look at a place came to: locations by what became of them."""

    place: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)  # with another title, day, language or licence, the same text
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # known before, and not there any more: forgotten
    failed: list[SourceProblem] = field(default_factory=list)
    ours: list[SourceProblem] = field(default_factory=list)  # written by us, and left out
    notes: list[str] = field(default_factory=list)  # what was left out of those that are new or changed
    not_taken: int = 0  # documents beyond the limit of the feed, and not known from it

    @property
    def counts(self) -> dict[str, int]:
        """How many documents there are of each kind; none that are zero."""
        names = ("new", "changed", "updated", "unchanged", "gone", "failed")
        return {name: len(getattr(self, name)) for name in names if getattr(self, name)}

    @property
    def found_nothing(self) -> bool:
        """Whether something was to be read and nothing could be."""
        return bool(self.failed or self.ours) and len(self.failed) == sum(self.counts.values())

    @property
    def problems(self) -> list[SourceProblem]:
        """What is to be told as not read: what we wrote only where there is nothing else."""
        return [*self.failed, *(self.ours if self.found_nothing else ())]

    @property
    def in_words(self) -> str:
        """Such as "3 new, 1 changed, 40 unchanged, 1 failed; 20 more, not taken (limit)"."""
        said = ", ".join(f"{count} {name}" for name, count in self.counts.items()) or "nothing there"
        said += f"; {len(self.ours)} left out (written by AI-Writer)" if self.ours else ""
        return said + (f"; {self.not_taken:,} more, not taken (limit)" if self.not_taken else "")

    @property
    def told(self) -> str:
        """What it came to and why something could not be read, such as "3 new, 1 failed; …: no such page (…)"."""
        reasons = [f"{one.reason} ({one.hint})" if one.hint else one.reason for one in self.problems[:MOST_REASONS]]
        more = len(self.problems) - len(reasons)
        counts = [] if self.found_nothing else [self.in_words]
        return "; ".join(counts + reasons + ([f"{more} more could not be read"] if more else []))


async def look_at_feed(
    database: Database,
    principal: Principal,
    feed: Feed,
    finder: SourceFinder,
    shelf: Shelf,
    on_progress: Progress | None = None,
) -> Ingested:
    """Look at a feed and keep when that was and what went wrong; what it listed before and is gone is forgotten.

    Raises BudgetSpent and ProviderRejected of a paid embedder; whatever could not be read is named in the result.
    """
    try:
        done = await look_at(database, principal, feed.location, finder, shelf, on_progress, feed=feed)
    except BadInput as error:  # a folder that is not there any more, or holds nothing
        done = Ingested(feed.location, failed=[_problem(feed.location, error)])
    async with database.unit_of_work(principal.workspace_id) as work:
        why = done.problems[0].reason if done.found_nothing else None
        await work.feeds.checked(feed.id, shelf.clock.now(), why, done.told)
        await work.commit()
    return done


async def look_at(
    database: Database,
    principal: Principal,
    place: str,
    finder: SourceFinder,
    shelf: Shelf,
    on_progress: Progress | None = None,
    *,
    feed: Feed | None = None,
    limit: int | None = None,
) -> Ingested:
    """Make the documents behind a place known, and look again at those known from this feed that it names no more.

    Raises BadInput when there is no such place. Doing it again costs a conditional request for each document.
    """
    principal.require("write")
    done = Ingested(place)
    looking = _Looking(database, principal, finder, shelf, feed.id if feed else None, done)
    there, beyond = await looking.documents(place)
    named = there[: feed.limit if feed else limit]
    before = dict.fromkeys(one.location for one in await looking.of_feed())
    done.not_taken = len({*there, *beyond} - set(named) - before.keys())
    left = [location for location in before if location not in named] if not done.failed else []
    await looking.through([*named, *left], on_progress)
    return done


async def look_once(
    database: Database,
    principal: Principal,
    place: str,
    finder: SourceFinder,
    shelf: Shelf,
    on_progress: Progress | None = None,
) -> Ingested:
    """Look again at what is known of a place, else make what is there known: at most as much as of a feed.

    Raises BadInput when there is no such place."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        known = list((await work.knowledge.at([place])).values())
    if known:
        return await look_again(database, principal, known, finder, shelf, on_progress)
    return await look_at(database, principal, place, finder, shelf, on_progress, limit=MOST_DOCUMENTS)


def look_id(principal: Principal, place: str, now: datetime) -> UUID:
    """Of one look at a place: the same within a minute, so that asking twice is asking once."""
    return uuid5(NAMESPACE_URL, f"{principal.workspace_id} {now:%Y-%m-%dT%H:%M} {place}")


async def look_again(
    database: Database,
    principal: Principal,
    known: Sequence[KnownSource],
    finder: SourceFinder,
    shelf: Shelf,
    on_progress: Progress | None = None,
) -> Ingested:
    """Look whether known sources have changed, wherever they came from."""
    principal.require("write")
    done = Ingested("known sources")
    await _Looking(database, principal, finder, shelf, None, done).through([one.location for one in known], on_progress)
    return done


@dataclass(frozen=True, slots=True)
class _Looking:
    """One look: what it works with, and what it has come to so far."""

    database: Database
    principal: Principal
    finder: SourceFinder
    shelf: Shelf
    feed_id: UUID | None
    done: Ingested

    async def documents(self, place: str) -> tuple[list[str], set[str]]:
        """The documents behind a place, in its order, and those that the settings leave out."""
        found: dict[str, None] = {}
        beyond: set[str] = set()
        for location in await asyncio.to_thread(self.finder.expand, place):
            try:
                documents = await self.finder.discover(location)
                found |= dict.fromkeys(documents)
                beyond |= set(documents.beyond)
            except UnreadableSource as error:
                self.done.failed.append(_problem(location, error))
        return list(found), beyond

    async def of_feed(self) -> list[KnownSource]:
        if self.feed_id is None:
            return []
        return await knowledge.everything(self.database, self.principal, KnownFilter(feed_id=self.feed_id))

    async def through(self, locations: Iterable[str], on_progress: Progress | None) -> None:
        """Every location, a few at once; told after each."""
        wanted = list(dict.fromkeys(locations))
        async with self.database.unit_of_work(self.principal.workspace_id) as work:
            known = await work.knowledge.at(wanted)
        reading, keeping = asyncio.Semaphore(AT_ONCE), asyncio.Lock()
        ready = 0

        async def one(location: str) -> None:
            nonlocal ready
            async with reading:
                follow = await self._read(location, known.get(location))
            async with keeping:
                await follow()
            ready += 1
            if on_progress:
                await on_progress(ready, len(wanted), location)

        await together(map(one, wanted))

    async def _read(self, location: str, known: KnownSource | None) -> Callable[[], Awaitable[None]]:
        """Ask for a document; what is to be done about the answer."""
        try:
            answer = await self.finder.read_if_changed(location, known.validators if known else None)
        except SourceGone as error:
            return partial(self._gone, location, known, error)
        except UnreadableSource as error:
            unread = self.done.ours if isinstance(error, OwnText) else self.done.failed
            return partial(self._unread, unread, _problem(location, error))
        if isinstance(answer, Unchanged):
            return partial(self._unchanged, location, known, answer.validators)
        return partial(self._keep, location, answer)

    async def _keep(self, location: str, answer: Changed) -> None:
        (kept,) = await knowledge.keep(
            self.database,
            self.principal,
            [answer.source],
            self.shelf,
            feed_id=self.feed_id,
            validators={location: answer.validators},
        )
        if kept.state in ("updated", "unchanged"):  # the server could not tell; the text's hash did
            await self._checked(kept.source, answer.validators)
        getattr(self.done, kept.state).append(location)
        if kept.state in ("new", "changed"):
            await self._note(kept.source, answer.source.flags)

    async def _note(self, kept: KnownSource, flags: Sequence[str]) -> None:
        self.done.notes += [f"{kept.location}: {flag}" for flag in flags]
        if not (kept.passages or await knowledge.originals(self.database, self.principal, [kept])):
            self.done.notes.append(f"{kept.location}: {NOTHING_TO_FIND}")

    async def _unchanged(self, location: str, known: KnownSource | None, said: Validators) -> None:
        if known is not None:
            await self._checked(known, said)
            await knowledge.catch_up(self.database, self.principal, known, self.shelf)
        self.done.unchanged.append(location)

    async def _checked(self, known: KnownSource, said: Validators) -> None:
        clock = self.shelf.clock
        await knowledge.checked(self.database, self.principal, known.source_id, clock, said, self.feed_id)

    async def _gone(self, location: str, known: KnownSource | None, error: SourceGone) -> None:
        if known is None:
            return await self._unread(self.done.failed, _problem(location, error))
        try:
            await knowledge.remove(self.database, self.principal, known.source_id, self.shelf)
        except NotFound:  # somebody else has forgotten it meanwhile
            return None
        self.done.gone.append(location)
        return None

    async def _unread(self, of_its_kind: list[SourceProblem], problem: SourceProblem) -> None:
        of_its_kind.append(problem)


def _problem(location: str, error: BadInput) -> SourceProblem:
    return SourceProblem(location=location, reason=str(error), hint=error.hint)
