"""What is asked to be read is remembered with what came of it: once for a place, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aiwriter.errors import Forbidden, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.knowledge.chunking import chunk
from aiwriter.ports import Look, Principal
from aiwriter.services import knowledge, looks
from aiwriter.sources import create_finder
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.vectors import MemoryPassageIndex
from tests.services.test_knowledge import Counting

OWNER = Principal("local", LOCAL_WORKSPACE)
READER = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))


class House:
    """A database and a clock."""

    def __init__(self) -> None:
        self.database, self.clock = MemoryDatabase(), ManualClock()
        self.shelf = knowledge.Shelf(chunk, MemoryPassageIndex(), Counting(), self.clock)

    async def ask(self, place: str) -> Look:
        return await looks.ask(self.database, OWNER, place, self.clock)

    async def carry(self, look: Look) -> None:
        await looks.carry(self.database, OWNER, look.id, look.location, create_finder(), self.shelf)

    async def unread(self) -> list[tuple[str, str]]:
        return [(one.location, one.state) for one in await looks.unread(self.database, OWNER)]


async def test_a_place_waits_once_however_often_it_is_asked_for() -> None:
    house = House()
    look = await house.ask("/notes")
    house.clock.advance(3600)
    assert (await house.ask("/notes")).id == look.id
    assert await house.unread() == [("/notes", "waiting")]


async def test_a_look_that_failed_gives_way_to_the_next_and_so_does_one_whose_worker_is_gone() -> None:
    house = House()
    look = await house.ask("/notes")
    await looks.failed(house.database, OWNER, look, Unavailable("nobody is there", hint="wait"), house.clock)
    assert (await looks.get(house.database, OWNER, look.id)).told == "nobody is there (wait)"
    house.clock.advance(61)
    again = await house.ask("/notes")
    assert (again.id != look.id, await house.unread()) == (True, [("/notes", "waiting")])
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.looks.tell(again.id, "reading", None, house.clock.now())
        await work.commit()
    assert (await house.ask("/notes")).id == again.id
    house.clock.advance(61)
    await house.ask("/notes")
    assert await house.unread() == [("/notes", "waiting")]


async def test_what_is_done_is_listed_no_more_and_forgotten_after_a_while(tmp_path: Path) -> None:
    house = House()
    note = tmp_path / "note.md"
    note.write_text("# The harbour\n\nThe harbour of Ostrel is closed in winter.\n")
    look = await house.ask(str(note))
    await house.carry(look)
    assert (await looks.get(house.database, OWNER, look.id)).told == "1 new"
    assert await house.unread() == []
    house.clock.advance((looks.KEPT + timedelta(minutes=2)).total_seconds())
    await house.ask("/other")
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert [one.location for one in await work.looks.all()] == ["/other"]


async def test_what_goes_wrong_on_the_way_is_the_reason(tmp_path: Path) -> None:
    house = House()
    look = await house.ask(str(tmp_path / "gone.md"))
    with pytest.raises(Exception, match="no file or folder"):
        await house.carry(look)
    (failed,) = await looks.unread(house.database, OWNER)
    assert (failed.state, "no file or folder" in (failed.told or "")) == ("failed", True)
    assert await looks.forget_failed(house.database, OWNER, look.location) == 1
    assert await house.unread() == []


async def test_of_a_defect_no_words_are_kept_for_they_may_hold_what_nobody_may_read() -> None:
    class Broken:
        def expand(self, *_: object, **__: object) -> object:
            raise RuntimeError("the key sk-1 was refused")

    house = House()
    look = await house.ask("folder")
    with pytest.raises(RuntimeError):
        await looks.carry(house.database, OWNER, look.id, look.location, Broken(), house.shelf)  # type: ignore[arg-type]
    (kept,) = await looks.unread(house.database, OWNER)
    assert (kept.state, kept.told) == ("failed", looks.DEFECT)


async def test_who_may_only_read_asks_for_nothing() -> None:
    house = House()
    with pytest.raises(Forbidden):
        await looks.ask(house.database, READER, "/notes", house.clock)
    with pytest.raises(Forbidden):
        await looks.forget(house.database, READER, (await house.ask("/notes")).id)
