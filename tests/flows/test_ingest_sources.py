"""Feeds are looked at by a flow: those that are due, or those that are named, with a table of what changed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.ids import new_id
from aiwriter.ports import Feed
from aiwriter.services import feeds, knowledge
from tasks import artifacts
from tests.flows.conftest import Worker
from tests.flows.test_batches import at_the_server

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets


async def folder_feed(tools: Tools, folder: Path, every_hours: int = 24) -> Feed:
    folder.mkdir()
    (folder / "one.md").write_text("# The harbour\n\nThe harbour of Ostrel is closed in winter.\n")
    added = await feeds.add(tools.database, tools.principal, tools.finder, str(folder), every_hours=every_hours)
    return added.feed


async def looked(**given: Any) -> Any:
    from flows.ingest_sources import ingest_sources

    with at_the_server():
        return await ingest_sources(**given, return_state=True)


async def test_what_is_due_is_looked_at_and_its_changes_are_a_table(tools: Tools, tmp_path: Path, pages: Any) -> None:
    due = await folder_feed(tools, tmp_path / "due")
    by_hand = await folder_feed(tools, tmp_path / "by hand", every_hours=0)
    state = await looked()
    assert (state.name, state.message) == ("Completed", f"{due.name}: 1 new")
    (table,) = pages.artifacts(artifacts.key("feed", due.name, due.id))
    assert [row["what"] for row in json.loads(table["data"])] == ["new"]
    assert (await looked()).message == "nothing was due"
    assert (await looked(feed_id=by_hand.id)).message == f"{by_hand.name}: 1 new"
    (known, *_) = await knowledge.everything(tools.database, tools.principal)
    assert known.title == "The harbour"


async def test_a_feed_that_cannot_be_read_fails_the_flow_and_stops_no_other(tools: Tools, tmp_path: Path) -> None:
    gone = await folder_feed(tools, tmp_path / "gone")
    other = await folder_feed(tools, tmp_path / "other")
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    state = await looked()
    assert state.name == "Failed"
    assert f"{other.name}: 1 new" in state.message
    kept = await feeds.get(tools.database, tools.principal, gone.id)
    assert kept.error is not None


async def test_one_place_is_looked_at_and_then_looked_at_again(tools: Tools, tmp_path: Path) -> None:
    note = tmp_path / "one.md"
    note.write_text("# The harbour\n\nThe harbour of Ostrel is closed in winter.\n")
    assert (await looked(place=str(note))).message == f"{note}: 1 new"
    note.write_text("# The harbour\n\nThe harbour of Ostrel is open in winter.\n")
    assert (await looked(place=str(note))).message == f"{note}: 1 changed"
    note.unlink()
    assert (await looked(place=str(note))).message == f"{note}: 1 gone"
    assert await knowledge.everything(tools.database, tools.principal) == []
    assert (await looked(place=str(note))).name == "Failed"


async def test_a_look_that_is_asked_for_is_done_by_a_worker_once(tools: Tools, tmp_path: Path, worker: Worker) -> None:
    feed = await folder_feed(tools, tmp_path / "notes", every_hours=0)
    worker.register()
    first, second = [await tools.launcher().submit_look(feed) for _ in range(2)]  # while nobody works none is over
    assert first.id == second.id
    worker.start()
    for _ in range(300):
        looked = await feeds.get(tools.database, tools.principal, feed.id)
        if looked.checked_at is not None:
            break
        await asyncio.sleep(0.2)
    assert looked.checked_at is not None
    assert looked.error is None
    (known,) = await knowledge.everything(tools.database, tools.principal)
    assert known.feed_id == feed.id
    again = await tools.launcher().submit_look(looked)
    assert again.id != first.id
    note = tmp_path / "two.md"
    note.write_text("# The pier\n\nThe pier of Ostrel is open in winter.\n")
    await tools.launcher().submit_place(str(note), new_id())
    for _ in range(300):
        places = [one.location for one in await knowledge.everything(tools.database, tools.principal)]
        if str(note) in places:
            break
        await asyncio.sleep(0.2)
    assert str(note) in places
