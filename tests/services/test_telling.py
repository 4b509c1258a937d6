"""A section that grows is told at most twice a second, its last state always, and at no price."""

from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwriter.documents import Run, Stage
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import NO_RUN, CallKey, Database, Principal
from aiwriter.services import runs, telling
from aiwriter.services.telling import Throttle
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief
from aiwriter.testing.memory import MemoryUnitOfWork

OWNER = Principal("owner", LOCAL_WORKSPACE)


class Told:
    """Who is told, and when."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.told: list[tuple[float, str]] = []
        self.throttle = Throttle(self._hear, self.clock)

    async def _hear(self, text: str) -> None:
        self.told.append((self.clock.monotonic(), text))

    async def hear(self, *pauses: float) -> None:
        """A text after each pause, then the end."""
        for number, seconds in enumerate(pauses):
            self.clock.advance(seconds)
            await self.throttle.hear(str(number))
        await self.throttle.finish()


async def test_first_and_last_text_are_told_at_once_when_there_are_but_two() -> None:
    told = Told()
    await told.hear(0, 0.01)
    assert (told.told, told.clock.slept) == ([(0.0, "0"), (0.01, "1")], [])


async def test_text_between_is_passed_over() -> None:
    told = Told()
    await told.hear(0, 0.25, 0.25, 0.25, 0.25, 0.25)
    assert [text for _time, text in told.told] == ["0", "2", "4", "5"]
    assert told.clock.slept == [0.25]


async def test_text_that_was_told_is_not_told_again_at_the_end() -> None:
    told = Told()
    await told.hear(0, 1, 1)
    assert [text for _time, text in told.told] == ["0", "1", "2"]


async def test_nothing_heard_is_nothing_told() -> None:
    told = Told()
    await told.hear()
    assert told.told == []


@given(st.lists(st.sampled_from([0.0, 0.03125, 0.125, 0.25, 0.5, 0.75, 2.0]), min_size=1, max_size=40))
async def test_never_more_than_two_in_a_second_and_the_last_is_never_lost(pauses: list[float]) -> None:
    told = Told()
    await told.hear(*pauses)
    times = [time for time, _text in told.told]
    assert all(third - first >= 1 for first, third in zip(times, times[2:], strict=False))
    assert told.told[-1][1] == str(len(pauses) - 1)
    assert sum(told.clock.slept) <= 0.5


async def a_run(database: Database) -> Run:
    return await runs.ask(database, OWNER, sample_brief(), model="scripted:model", embedder="none", budget_usd=None)


async def test_section_is_told_with_its_place_its_heading_and_all_its_text_so_far() -> None:
    database = MemoryDatabase()
    run = await a_run(database)
    async with telling.section(database, OWNER, ManualClock(), run.id, "2", "Noise") as hear:
        await hear("Ferries")
        await hear("Ferries are loud.")
    events = await runs.events_after(database, OWNER, run.id, 0)
    assert [event.data for event in events if event.kind == "section.text"] == [
        {"item": "2", "heading": "Noise", "text": "Ferries"},
        {"item": "2", "heading": "Noise", "text": "Ferries are loud."},
    ]


class Busy(MemoryDatabase):
    """A database that cannot be had for a while."""

    is_busy = False

    def unit_of_work(self, workspace_id: UUID) -> MemoryUnitOfWork:
        if self.is_busy:
            raise Unavailable("database is locked")
        return super().unit_of_work(workspace_id)


async def test_database_that_cannot_be_had_costs_a_glance_and_not_the_section() -> None:
    database, clock = Busy(), ManualClock()
    run = await a_run(database)
    async with telling.section(database, OWNER, clock, run.id, "0", "Noise") as hear:
        for text, database.is_busy in [("One", False), ("Two", True), ("Three", False)]:
            await hear(text)
            clock.advance(1)
    events = await runs.events_after(database, OWNER, run.id, 0)
    assert [event.data["text"] for event in events if event.kind == "section.text"] == ["One", "Three"]


async def test_where_many_sections_are_written_at_once_each_is_told_less_often() -> None:
    database, clock = MemoryDatabase(), ManualClock()
    run = await a_run(database)
    async with AsyncExitStack() as written:
        sections = [telling.section(database, OWNER, clock, run.id, str(item), "Noise") for item in range(40)]
        hear, *_ = [await written.enter_async_context(section) for section in sections]
        for number in range(10):
            await hear(str(number))
            clock.advance(0.5)
    events = await runs.events_after(database, OWNER, run.id, 0)
    assert [event.data["text"] for event in events if event.kind == "section.text"] == ["0", "8", "9"]


async def test_a_section_that_failed_slows_no_other() -> None:
    database, clock = MemoryDatabase(), ManualClock()
    run = await a_run(database)
    for item in range(40):
        with pytest.raises(Unavailable):
            async with telling.section(database, OWNER, clock, run.id, str(item), "Noise") as hear:
                raise Unavailable("503")
    async with telling.section(database, OWNER, clock, run.id, "0", "Noise") as hear:
        for text in ("One", "Two"):
            await hear(text)
            clock.advance(0.5)
    events = await runs.events_after(database, OWNER, run.id, 0)
    assert [event.data["text"] for event in events if event.kind == "section.text"] == ["One", "Two"]


async def test_what_a_call_waits_for_is_told_to_its_run_and_of_no_run_to_nobody() -> None:
    database = MemoryDatabase()
    run = await a_run(database)
    for run_id in (run.id, NO_RUN):
        await telling.held_up(database, OWNER, CallKey(run_id, Stage.SECTIONS, "2"), "openai:x", 40.24, "its rates")
    (event,) = await runs.events_after(database, OWNER, run.id, 1)
    assert (event.kind, event.data) == (
        "call.held_up",
        {"stage": "sections", "item": "2", "model": "openai:x", "seconds": 40.2, "why": "its rates"},
    )
