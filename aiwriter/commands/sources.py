"""`sources add|list|find|refresh|remove`: what is known, and how it is found again."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge
from aiwriter.errors import BadInput, NotFound
from aiwriter.pipeline import places
from aiwriter.ports import FoundPassage, KnownFilter, KnownSource, Look, Paging, PassageFilter
from aiwriter.services import ingesting, knowledge, looks
from aiwriter.services.ingesting import Ingested
from aiwriter.services.knowledge import Shelf
from aiwriter.text.counted import counted

MOST_COPIES = 5  # that are named
LONGEST_SHOWN = 240  # characters of a passage
MORE = "what is taken is bounded by AIWRITER_SOURCES__FEED_ENTRIES and …CRAWL_PAGES, of a feed also by its --limit"


async def add(tools: Tools, given: Sequence[str], *, as_json: bool) -> int:
    """Exit code 1 when nothing of a place could be read. Raises BadInput before anything is read."""
    lasting = [await readable(tools, place) for place in given]
    shelf = telling(tools.shelf(), as_json=as_json)
    edge.at_interrupt[:] = [f"what was read stays; go on with: aiwriter sources add {shlex.join(lasting)}"]
    looked = [
        await ingesting.look_at(tools.database, tools.principal, place, tools.finder, shelf, progress(as_json=as_json))
        for place in lasting
    ]
    for one in looked:
        if not one.failed:  # so that an earlier look of a worker that failed is history
            await looks.forget_failed(tools.database, tools.principal, one.place)
    return await told(tools, looked, as_json=as_json)


async def refresh(tools: Tools, words: str | None, *, as_json: bool) -> int:
    """Exit code 1 when none could be read."""
    known = await knowledge.everything(tools.database, tools.principal, KnownFilter(words=words))
    if not known:
        raise NotFound("no known source matches these words", hint="`aiwriter sources list` lists them.")
    shelf = telling(tools.shelf(), as_json=as_json)
    looked = await ingesting.look_again(
        tools.database, tools.principal, known, tools.finder, shelf, progress(as_json=as_json)
    )
    return await told(tools, [looked], as_json=as_json)


async def show(tools: Tools, words: str | None, limit: int, *, as_json: bool) -> int:
    page = await knowledge.known(tools.database, tools.principal, KnownFilter(words=words), Paging(limit=limit))
    copies = await knowledge.originals(tools.database, tools.principal, page.items)
    if as_json:
        console.give([source_data(one, copies.get(one.source_id)) for one in page.items])
    elif not page.items:
        console.say("No sources are known yet. Add some: aiwriter sources add FOLDER-OR-ADDRESS")
    else:
        rows = [
            (str(one.source_id)[:13], _day(one), _passages(one, copies), one.title, _place(one, copies))
            for one in page.items
        ]
        console.say(console.table(rows, ("source", "published", "passages", "title", "place")))
        if page.total is not None and page.total > len(page.items):
            console.say(f"{page.total - len(page.items)} more: --limit, or words of title or place")
    await _tell_unread(tools)
    return 0


async def _tell_unread(tools: Tools) -> None:
    if unread := len(await looks.unread(tools.database, tools.principal)):
        console.tell(f"{counted(unread, 'place')} not read (yet): aiwriter sources looks")


async def show_looks(tools: Tools, *, as_json: bool) -> int:
    """Places that a worker was asked to read and that wait, are being read, or failed."""
    found = await looks.unread(tools.database, tools.principal)
    if as_json:
        console.give([look_of(one) for one in found])
    elif not found:
        console.say("No place is waiting or has failed.")
    else:
        rows = [
            (str(one.id)[:13], one.state, f"{one.told_at:%Y-%m-%d %H:%M} UTC", one.location, one.told or "")
            for one in found
        ]
        console.say(console.table(rows, ("look", "state", "since", "place", "why")))
        console.say("Again: aiwriter sources add PLACE; no more: aiwriter sources remove PLACE")
    return 0


def look_of(look: Look) -> dict[str, Any]:
    return {
        "id": str(look.id),
        "place": look.location,
        "state": look.state,
        "told": look.told,
        "asked_at": look.asked_at.isoformat(),
        "told_at": look.told_at.isoformat(),
    }


async def find(tools: Tools, query: str, wanted: PassageFilter, limit: int, *, as_json: bool) -> int:
    """Exit code 1 when nothing is found."""
    found = await knowledge.retrieve(tools.principal, tools.retriever(tools.settings.embedder), query, wanted, limit)
    if as_json:
        console.give({"passages": [passage_data(one) for one in found.passages], "notes": found.notes})
    else:
        for one in found.passages:
            place = " › ".join(dict.fromkeys([one.source.title, *one.passage.headings]))
            console.say(f"{place}  ({one.source.location})")
            console.say(f"    {_short(one.passage.text)}")
        for note in found.notes:
            console.tell(f"note: {note}")
        if not found.passages:
            console.say("No known source says anything like it.")
            await _tell_copies(tools, wanted)
    return 0 if found.passages else 1


async def _tell_copies(tools: Tools, wanted: PassageFilter) -> None:
    """A copy is found at its original's domain alone."""
    if not wanted.domains:
        return
    there = await knowledge.everything(tools.database, tools.principal, KnownFilter(domains=wanted.domains))
    copies = await knowledge.originals(tools.database, tools.principal, there)
    for one in [one for one in there if one.source_id in copies][:MOST_COPIES]:
        console.tell(f"note: {one.location} is a copy of {copies[one.source_id].location}, and is found as that")


def wanted(
    domains: Sequence[str], language: str | None, since: datetime | None, until: datetime | None
) -> PassageFilter:
    """What the options of `find` ask for."""
    return PassageFilter(
        domains=tuple(domains),
        languages=(language,) if language else (),
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
    )


async def remove(tools: Tools, place: str, *, as_json: bool) -> int:
    try:
        known = await _one(tools, place)
    except NotFound:
        if gone := await looks.forget_failed(tools.database, tools.principal, places.lasting(place)):
            return _forgot_looks(place, gone, as_json=as_json)
        raise
    had_index = await knowledge.remove(tools.database, tools.principal, known.source_id, tools.shelf())
    if as_json:
        console.give({"removed": str(known.source_id), "place": known.location, "index": had_index})
    else:
        console.say(f"Forgotten: {known.title} ({known.location})")
        if not had_index:
            console.tell("its vectors remain for now: `aiwriter reconcile` removes them")
    return 0


def _forgot_looks(place: str, gone: int, *, as_json: bool) -> int:
    if as_json:
        console.give({"removed": None, "place": place, "looks": gone})
    else:
        console.say(f"{place} was not known; its failed look is removed")
    return 0


async def _one(tools: Tools, place: str) -> KnownSource:
    """The known source at a place, or whose id begins so. Raises NotFound, and BadInput when several are meant."""
    everything = await knowledge.everything(tools.database, tools.principal)
    found = [one for one in everything if one.location in (place, places.lasting(place))] or [
        one for one in everything if place and str(one.source_id).startswith(place)
    ]
    if not found:
        raise NotFound(f"{place!r} is not a known source", hint="`aiwriter sources list` lists the known sources.")
    if len(found) > 1:
        raise BadInput(f"{place!r} matches {len(found)} sources", hint="Give more of the id.")
    return found[0]


# ── what places and looks are to people ──────────────────────────────────────────────────────────────────────────────


async def readable(tools: Tools, place: str) -> str:
    """The place as it can be found from anywhere. Raises BadInput for one that cannot be read and stay known."""
    lasting = places.lasting(place)
    places.refuse_search(lasting, tools.engines)
    await asyncio.to_thread(places.check, lasting, tools.finder, tools.engines)
    return lasting


def progress(*, as_json: bool) -> ingesting.Progress:
    """Each document as it is done: a line, or a JSON line."""

    async def tell(done: int, total: int, location: str) -> None:
        if as_json:
            console.tell(json.dumps({"kind": "source", "done": done, "total": total, "what": location}))
        else:
            console.tell(f"{done} of {total}: {location}")

    return tell


def telling(shelf: Shelf, *, as_json: bool) -> Shelf:
    """The shelf that tells how far it is with a long source: a line, or a JSON line, every few hundred passages."""

    async def tell(done: int, total: int, location: str) -> None:
        if as_json:
            console.tell(json.dumps({"kind": "passages", "done": done, "total": total, "what": location}))
        else:
            console.tell(f"  {done} of {total} passages indexed: {location}")

    return replace(shelf, on_indexed=tell)


async def told(tools: Tools, looked: Sequence[Ingested], *, as_json: bool, **more: Any) -> int:
    """Say what came of looks, in JSON with `more`; 1 when of one of them nothing could be read."""
    async with tools.unit_of_work() as work:
        pending = len(await work.knowledge.pending())
    if as_json:
        console.give({"places": [look_data(one) for one in looked], "pending": pending, **more})
    else:
        for one in looked:
            console.say(f"{one.place}: {one.in_words}")
            if one.not_taken:
                console.say(f"  next: {MORE}")
            for problem in one.problems:
                console.say(f"  not read: {problem.reason}")
                if problem.hint:
                    console.say(f"    next: {problem.hint}")
            for note in one.notes:
                console.say(f"  note: {note}")
        if pending:
            console.tell(
                f"{counted(pending, 'source')} not in the index of vectors yet: `aiwriter reindex` when it can be had"
            )
    return 1 if any(one.found_nothing for one in looked) else 0


def look_data(looked: Ingested) -> dict[str, Any]:
    return {
        "place": looked.place,
        "counts": looked.counts,
        "new": looked.new,
        "changed": looked.changed,
        "gone": looked.gone,
        "failed": [problem.model_dump() for problem in looked.failed],
        "left_out": [problem.model_dump() for problem in looked.ours],
        "not_taken": looked.not_taken,
        "notes": looked.notes,
    }


def source_data(known: KnownSource, original: KnownSource | None = None) -> dict[str, Any]:
    return {
        "id": str(known.source_id),
        "place": known.location,
        "title": known.title,
        "domain": known.domain,
        "language": known.language,
        "published_at": known.published_at.isoformat() if known.published_at else None,
        "licence": known.licence,
        "passages": (original or known).passages,
        "copy_of": original.location if original else None,
        "index": known.index,
        "checked_at": known.checked_at.isoformat(),
        "kept_at": known.kept_at.isoformat(),
    }


def passage_data(found: FoundPassage) -> dict[str, Any]:
    return {
        "id": found.passage.id,
        "text": found.passage.text,
        "headings": list(found.passage.headings),
        "score": round(found.score, 4),
        "source": source_data(found.source),
    }


def _place(known: KnownSource, copies: Mapping[UUID, KnownSource]) -> str:
    original = copies.get(known.source_id)
    return f"{known.location} (copy of {original.location})" if original else known.location


def _passages(known: KnownSource, copies: Mapping[UUID, KnownSource]) -> str:
    """How many, of a copy those of its original; found by words alone as long as their vectors are pending."""
    known = copies.get(known.source_id, known)
    return str(known.passages) + (", index pending" if known.passages and known.index == "pending" else "")


def _day(known: KnownSource) -> str:
    return f"{known.published_at:%Y-%m-%d}" if known.published_at else "–"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"
