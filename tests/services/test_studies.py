"""A topic is looked into and kept, with how it ended; what a dead worker left is handed on again."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.bootstrap import Tools, open_tools
from aiwriter.documents import Brief, KeptStudy, RunStatus, Stage
from aiwriter.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Paging, Principal, StudyFilter
from aiwriter.services import studies, study_sweeping
from aiwriter.services.dispatch import MOST_ATTEMPTS, Swept
from aiwriter.settings import load
from aiwriter.testing.launcher import submissions, switch_off, switch_on
from aiwriter.testing.terminal import ROOT

READER = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
LAUNCHER = "aiwriter.testing.launcher:RecordingLauncher"


@pytest.fixture
async def tools(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Tools]:
    home = tmp_path / "home"
    async with open_tools(load(home=home, database_url=sqlite_url, embedder="hashing:64", launcher=LAUNCHER)) as opened:
        yield opened


@pytest.fixture
def brief(tmp_path: Path) -> Brief:
    files = [tmp_path / "2024.md", tmp_path / "2025.md"]
    for file, cars in zip(files, (120, 140), strict=True):
        file.write_text(f"# The ferry in {file.stem}\n\nThe ferry of Ostrel carries {cars} cars.\n", encoding="utf-8")
    return Brief(topic="What the ferry of Ostrel carries", sources=tuple(map(str, files)))


async def carried(tools: Tools, asked: KeptStudy) -> tuple[KeptStudy, list[Stage]]:
    stages: list[Stage] = []

    async def told(stage: Stage, _done: int, _total: int, _what: str) -> None:
        stages.append(stage)

    return await studies.carry(tools.database, tools.principal, asked.id, tools.desk(), told), stages


async def swept(tools: Tools) -> Swept:
    return await study_sweeping.sweep(tools.database, tools.principal, tools.launcher(), tools.clock)


def submitted(tools: Tools) -> list[tuple[UUID, int]]:
    return [(key, attempt) for _kind, key, attempt in submissions(tools.settings.home_folder)]


async def test_a_study_is_handed_on_once_carried_out_and_kept(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    assert await swept(tools) == Swept(submitted=1)
    assert await swept(tools) == Swept()
    assert submitted(tools) == [(asked.id, 0)]
    done, stages = await carried(tools, asked)
    assert stages == [Stage.RESEARCH, Stage.RESEARCH, Stage.EVIDENCE]
    assert (done.status, done.requested_by, done.attempts) == (RunStatus.DONE, "local", 1)
    assert done.study is not None
    assert done.answered >= 1
    page = await studies.page(tools.database, READER, StudyFilter(words="ferry"), Paging())
    assert [one.id for one in page.items] == [asked.id]
    with pytest.raises(Conflict):
        await carried(tools, asked)


async def test_what_cannot_be_handed_on_stays_queued_until_it_can(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    switch_off(tools.settings.home_folder)
    with pytest.raises(Unavailable):
        await swept(tools)
    switch_on(tools.settings.home_folder)
    assert await swept(tools) == Swept(submitted=1)
    assert submitted(tools) == [(asked.id, 0)]


async def test_who_carries_a_study_itself_has_it_handed_to_nobody(tools: Tools, brief: Brief) -> None:
    await studies.ask(tools.database, tools.principal, brief, in_hand=True)
    assert await swept(tools) == Swept()


DIES = """
import asyncio, os, signal, sys
from uuid import UUID
from aiwriter.bootstrap import open_tools
from aiwriter.services import studies, study_sweeping
from aiwriter.services.dispatch import MOST_ATTEMPTS, Swept
from aiwriter.settings import load

async def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(home, url, study_id):
    async with open_tools(load(home=home, database_url=url, embedder="hashing:64")) as tools:
        await studies.carry(tools.database, tools.principal, UUID(study_id), tools.desk(), die)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_study_whose_worker_was_killed_is_queued_again_and_carried_out_by_the_next(
    tools: Tools, brief: Brief
) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    await swept(tools)
    where = (str(tools.settings.home_folder), tools.settings.database_url, str(asked.id))
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", DIES, *where, cwd=ROOT)
    assert await worker.wait() == -signal.SIGKILL
    left = await studies.get(tools.database, READER, asked.id)
    assert (left.status, left.stage, left.attempts) == (RunStatus.RUNNING, Stage.RESEARCH, 1)
    assert await swept(tools) == Swept(submitted=1, reclaimed=1)
    assert submitted(tools) == [(asked.id, 0), (asked.id, 1)]
    done, _ = await carried(tools, asked)
    assert (done.status, done.attempts) == (RunStatus.DONE, 2)


async def test_a_study_that_kills_every_worker_is_given_up_with_the_reason(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    for _ in range(MOST_ATTEMPTS):
        await claimed_by_the_dead(tools, asked)
        last = await swept(tools)
    assert last == Swept(buried=1)
    buried = await studies.get(tools.database, READER, asked.id)
    assert buried.status is RunStatus.FAILED
    assert "died 3 times" in (buried.reason or "")


async def claimed_by_the_dead(tools: Tools, asked: KeptStudy) -> None:
    """By another machine, whose lease has lapsed."""
    async with tools.unit_of_work() as work:
        assert await work.studies.claim(asked.id, "elsewhere|1|x", -1, tools.clock.now())
        await work.commit()


async def test_a_worker_that_comes_back_after_another_took_over_leaves_nothing(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    await claimed_by_the_dead(tools, asked)
    done, _ = await carried(tools, asked)
    with pytest.raises(Conflict, match="has ended: done"):
        await studies.carry_out(tools.database, tools.principal, asked.id, "elsewhere|1|x", tools.desk())
    assert await studies.get(tools.database, READER, asked.id) == done


async def test_a_study_in_other_hands_is_not_taken(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    async with studies.in_hand(tools.database, tools.principal, asked.id, tools.clock):
        with pytest.raises(Conflict, match="another process"):
            await carried(tools, asked)


async def test_an_interrupted_worker_leaves_its_study_to_the_next_and_a_person_ends_it(
    tools: Tools, brief: Brief
) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    for for_good, status, reason in ((False, "running", None), (True, "failed", "interrupted")):
        with pytest.raises(asyncio.CancelledError):
            async with studies.in_hand(tools.database, tools.principal, asked.id, tools.clock, for_good=for_good):
                raise asyncio.CancelledError
        left = await studies.get(tools.database, READER, asked.id)
        assert (left.status, left.reason) == (status, reason)


async def test_a_topic_that_no_source_mentions_is_kept_as_refused_with_the_reason(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# Soup\n\nThe soup of the day is leek.\n", encoding="utf-8")
    brief = Brief(topic="Growing apples in orchards", sources=(str(tmp_path / "one.md"),))
    asked = await studies.ask(tools.database, tools.principal, brief)
    with pytest.raises(Refused):
        await carried(tools, asked)
    ended = await studies.get(tools.database, READER, asked.id)
    assert ended.status is RunStatus.REFUSED
    assert "says nothing about" in (ended.reason or "")


@pytest.mark.parametrize("stop", [studies.cancel, studies.remove])
async def test_a_study_that_is_cancelled_or_removed_meanwhile_stops(tools: Tools, brief: Brief, stop: Any) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)

    async def stopped(_stage: Stage, done: int, *_: object) -> None:
        if done == 1:
            await stop(tools.database, tools.principal, asked.id)

    with pytest.raises((Conflict, NotFound)):
        await studies.carry(tools.database, tools.principal, asked.id, tools.desk(), stopped)


async def test_what_is_cancelled_is_told_within_a_second_even_while_nothing_is_read(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    with pytest.raises(Conflict, match="cancelled"):
        async with studies.in_hand(tools.database, tools.principal, asked.id, tools.clock):
            ended = await studies.cancel(tools.database, tools.principal, asked.id)
            assert (ended.status, ended.reason) == (RunStatus.CANCELLED, "cancelled by local")
            await asyncio.Event().wait()
    assert await swept(tools) == Swept()
    with pytest.raises(Conflict, match="ended already"):
        await studies.cancel(tools.database, tools.principal, asked.id)


async def test_a_failure_is_kept_with_its_next_step_and_can_be_taken_up_again(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    with pytest.raises(Unavailable):
        async with studies.in_hand(tools.database, tools.principal, asked.id, tools.clock):
            raise Unavailable("the engine is away", hint="Ask later.")
    failed = await studies.get(tools.database, READER, asked.id)
    assert (failed.status, failed.reason) == (RunStatus.FAILED, "the engine is away. Ask later.")
    done, _ = await carried(tools, asked)
    assert (done.status, done.reason) == (RunStatus.DONE, None)


async def test_who_may_only_read_starts_and_removes_nothing(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    for attempt in (
        studies.ask(tools.database, READER, brief),
        studies.remove(tools.database, READER, asked.id),
        studies.cancel(tools.database, READER, asked.id),
        studies.carry(tools.database, READER, asked.id, tools.desk()),
    ):
        with pytest.raises(Forbidden):
            await attempt
    await studies.remove(tools.database, tools.principal, asked.id)
    with pytest.raises(NotFound):
        await studies.get(tools.database, READER, asked.id)
