"""A topic is looked into and kept, with how it ended; what cannot be handed on is not kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiwriter.bootstrap import Tools, open_tools
from aiwriter.documents import Brief, KeptStudy, RunStatus, Stage
from aiwriter.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Paging, Principal, StudyFilter
from aiwriter.services import studies
from aiwriter.settings import load
from aiwriter.testing.launcher import submissions, switch_off

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

    return await studies.carry_out(tools.database, tools.principal, asked.id, tools.desk(), told), stages


async def test_a_study_is_handed_on_once_carried_out_and_kept(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief, tools.launcher())
    assert submissions(tools.settings.home_folder) == [("study", asked.id, 0)]
    done, stages = await carried(tools, asked)
    assert stages == [Stage.RESEARCH, Stage.RESEARCH, Stage.EVIDENCE]
    assert (done.status, done.requested_by) == (RunStatus.DONE, "local")
    assert done.study is not None
    assert done.answered >= 1
    page = await studies.page(tools.database, READER, StudyFilter(words="ferry"), Paging())
    assert [one.id for one in page.items] == [asked.id]
    with pytest.raises(Conflict):
        await carried(tools, asked)


async def test_what_cannot_be_handed_on_is_not_kept(tools: Tools, brief: Brief) -> None:
    switch_off(tools.settings.home_folder)
    with pytest.raises(Unavailable):
        await studies.ask(tools.database, tools.principal, brief, tools.launcher())
    assert (await studies.page(tools.database, READER, StudyFilter(), Paging())).total == 0


async def test_a_topic_that_no_source_mentions_is_kept_as_refused_with_the_reason(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# Soup\n\nThe soup of the day is leek.\n", encoding="utf-8")
    brief = Brief(topic="Growing apples in orchards", sources=(str(tmp_path / "one.md"),))
    asked = await studies.ask(tools.database, tools.principal, brief)
    with pytest.raises(Refused) as refused:
        await carried(tools, asked)
    await studies.end_with(tools.database, tools.principal, asked.id, refused.value)
    ended = await studies.get(tools.database, READER, asked.id)
    assert ended.status is RunStatus.REFUSED
    assert "say nothing about" in (ended.reason or "")


async def test_a_study_that_is_removed_meanwhile_stops(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)

    async def removed(_stage: Stage, done: int, *_: object) -> None:
        if done == 1:
            await studies.remove(tools.database, tools.principal, asked.id)

    with pytest.raises(Conflict):
        await studies.carry_out(tools.database, tools.principal, asked.id, tools.desk(), removed)


async def test_a_failure_is_kept_with_its_next_step_and_can_be_taken_up_again(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    error = Unavailable("the engine is away", hint="Ask later.")
    await studies.end_with(tools.database, tools.principal, asked.id, error)
    failed = await studies.get(tools.database, READER, asked.id)
    assert (failed.status, failed.reason) == (RunStatus.FAILED, "the engine is away. Ask later.")
    await studies.end_with(tools.database, tools.principal, asked.id, KeyboardInterrupt())
    assert (await studies.get(tools.database, READER, asked.id)).reason == "interrupted"
    done, _ = await carried(tools, asked)
    assert (done.status, done.reason) == (RunStatus.DONE, None)


async def test_who_may_only_read_starts_and_removes_nothing(tools: Tools, brief: Brief) -> None:
    asked = await studies.ask(tools.database, tools.principal, brief)
    for attempt in (
        studies.ask(tools.database, READER, brief),
        studies.remove(tools.database, READER, asked.id),
        studies.carry_out(tools.database, READER, asked.id, tools.desk()),
    ):
        with pytest.raises(Forbidden):
            await attempt
    await studies.remove(tools.database, tools.principal, asked.id)
    with pytest.raises(NotFound):
        await studies.get(tools.database, READER, asked.id)
