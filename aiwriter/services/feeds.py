"""Feeds: the places that are looked at again and again, and which of them are due."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiwriter.errors import BadInput, NotFound
from aiwriter.ports import Clock, Database, Feed, FeedKind, Principal, SourceFinder
from aiwriter.ports.knowledge import MOST_DOCUMENTS, MOST_HOURS, FeedState

MOST_FEEDS = 500
_FORMS: dict[str, FeedKind] = {"feed": "feed", "sitemap": "sitemap", "site": "site"}


@dataclass(frozen=True, slots=True)
class Added:
    """A feed as it is kept, and what became of it: new, changed (it has other settings now) or unchanged."""

    feed: Feed
    state: FeedState


async def add(
    database: Database,
    principal: Principal,
    finder: SourceFinder,
    location: str,
    *,
    name: str | None = None,
    limit: int | None = None,
    every_hours: int | None = None,
) -> Added:
    """Look at a place from now on; one that is a feed already gets the settings that are given. None: as they are, of a
    new feed its place, 100 documents and 24 hours.

    Raises BadInput for a place that cannot be read, and for limits out of bounds.
    """
    principal.require("write")
    if limit is not None and not 1 <= limit <= MOST_DOCUMENTS:
        raise BadInput(f"a limit of {limit} documents", hint=f"Give 1 to {MOST_DOCUMENTS}.")
    if every_hours is not None and not 0 <= every_hours <= MOST_HOURS:
        raise BadInput(f"every {every_hours} hours", hint=f"Give 1 to {MOST_HOURS} hours, or 0 for only when asked to.")
    await asyncio.to_thread(finder.expand, location)
    given = {"name": (name or "").strip() or None, "limit": limit, "every_hours": every_hours}
    settings: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    feed = replace(Feed(location.strip(), kind_of(location), location.strip()), **settings)
    async with database.unit_of_work(principal.workspace_id) as work:
        there = await work.feeds.all()
        if len(there) >= MOST_FEEDS and feed.location not in {one.location for one in there}:
            raise BadInput(f"there are {MOST_FEEDS} feeds already", hint="Remove one: aiwriter feeds list.")
        kept = await work.feeds.add(feed)
        asked = replace(kept, **settings)
        if asked != kept:
            await work.feeds.change(kept.id, name=asked.name, limit=asked.limit, every_hours=asked.every_hours)
        await work.commit()
    if kept.id == feed.id:
        return Added(kept, "new")
    return Added(asked, "unchanged" if asked == kept else "changed")


def kind_of(location: str) -> FeedKind:
    """What a location looks like: a feed, sitemap or site by its form, else a page or a folder."""
    form = location.strip().partition(":")[0].lower()
    return _FORMS.get(form) or ("page" if "://" in location else "folder")


async def all_of(database: Database, principal: Principal) -> list[Feed]:
    """Oldest first."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.feeds.all()


async def find(database: Database, principal: Principal, name: str) -> Feed:
    """The feed of that name, place or beginning of an id. Raises NotFound, and BadInput when several are meant."""
    feeds = await all_of(database, principal)
    wanted = name.strip()
    found = [one for one in feeds if wanted in (one.name, one.location)] or [
        one for one in feeds if wanted and str(one.id).startswith(wanted)
    ]
    if not found:
        raise NotFound(f"there is no feed {name!r}", hint="`aiwriter feeds list` lists them.")
    if len(found) > 1:
        raise BadInput(f"{name!r} stands for {len(found)} feeds", hint="Give the place or the id of one.")
    return found[0]


async def get(database: Database, principal: Principal, feed_id: UUID) -> Feed:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.feeds.get(feed_id)


async def remove(database: Database, principal: Principal, feed_id: UUID) -> None:
    """Look at it no more; what is known from it stays. Raises NotFound."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.feeds.remove(feed_id)
        await work.commit()


async def due(database: Database, principal: Principal, clock: Clock) -> list[Feed]:
    """Feeds whose time has come, those looked at longest ago first."""
    now = clock.now()
    return _longest_ago(
        [
            one
            for one in await all_of(database, principal)
            if one.every_hours and (one.checked_at is None or one.checked_at + timedelta(hours=one.every_hours) <= now)
        ]
    )


def _longest_ago(feeds: Sequence[Feed]) -> list[Feed]:
    return sorted(feeds, key=lambda one: (one.checked_at is not None, one.checked_at or one.created_at))
