"""`feeds add|list|refresh|remove`: places that are looked at again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, sources
from aiwriter.ports import Feed
from aiwriter.services import feeds, ingesting
from aiwriter.text.counted import counted


async def add(
    tools: Tools, place: str, *, name: str | None, every: int | None, limit: int | None, as_json: bool
) -> int:
    """Keep the feed and look at it; one that is there gets the settings that are given. Exit code 1 when nothing of it
    could be read: it stays, and is looked at again."""
    added = await feeds.add(
        tools.database,
        tools.principal,
        tools.finder,
        await sources.readable(tools, place),
        name=name,
        limit=limit,
        every_hours=every,
    )
    feed, state = added.feed, added.state
    if not as_json and state != "new":
        now = f"{_every(feed)}, at most {counted(feed.limit, 'document')}"
        console.say(f"This feed was there already; {'changed' if state == 'changed' else 'it stays'}: {now}")
    return await _look(tools, [feed], as_json=as_json, feed={**feed_data(feed), "state": state})


async def refresh(tools: Tools, name: str | None, *, as_json: bool) -> int:
    """One feed, or all that are due."""
    if name is not None:
        return await _look(tools, [await feeds.find(tools.database, tools.principal, name)], as_json=as_json)
    due = await feeds.due(tools.database, tools.principal, tools.clock)
    if not due and not as_json:
        console.say("No feed is due.")
        return 0
    return await _look(tools, due, as_json=as_json)


async def _look(tools: Tools, wanted: Sequence[Feed], *, as_json: bool, **more: Any) -> int:
    shelf = sources.telling(tools.shelf(), as_json=as_json)
    looked = [
        await ingesting.look_at_feed(
            tools.database, tools.principal, feed, tools.finder, shelf, sources.progress(as_json=as_json)
        )
        for feed in wanted
    ]
    return await sources.told(tools, looked, as_json=as_json, **more)


async def show(tools: Tools, *, as_json: bool) -> int:
    found = await feeds.all_of(tools.database, tools.principal)
    if as_json:
        console.give([feed_data(one) for one in found])
    elif not found:
        console.say("No feeds. Add one: aiwriter feeds add feed:https://example.org/feed.xml --every 6")
    else:
        rows = [
            (
                str(one.id)[:13],
                one.name,
                one.kind,
                _every(one).removeprefix("every "),
                _looked(one),
                one.told or one.error or "",
            )
            for one in found
        ]
        console.say(console.table(rows, ("feed", "name", "kind", "every", "looked at", "what it came to")))
    return 0


async def remove(tools: Tools, name: str, *, as_json: bool) -> int:
    feed = await feeds.find(tools.database, tools.principal, name)
    await feeds.remove(tools.database, tools.principal, feed.id)
    if as_json:
        console.give({"removed": str(feed.id), "place": feed.location})
    else:
        console.say(f"Removed: {feed.name}. What is known from it stays.")
    return 0


def feed_data(feed: Feed) -> dict[str, Any]:
    return {
        "id": str(feed.id),
        "place": feed.location,
        "kind": feed.kind,
        "name": feed.name,
        "limit": feed.limit,
        "every_hours": feed.every_hours,
        "checked_at": feed.checked_at.isoformat() if feed.checked_at else None,
        "error": feed.error,
        "told": feed.told,
    }


def _every(feed: Feed) -> str:
    return f"every {feed.every_hours} h" if feed.every_hours else "when asked"


def _looked(feed: Feed) -> str:
    return f"{feed.checked_at:%Y-%m-%d %H:%M} UTC" if feed.checked_at else "never"
