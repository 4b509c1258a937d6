"""Research is started, found, read, reported and removed through the API."""

from __future__ import annotations

import pytest

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import Brief, RunStatus
from aiwriter.errors import Conflict, Forbidden, NotFound, Unavailable
from aiwriter.ids import new_id
from aiwriter.ports import Paging, StudyFilter
from aiwriter.services import keys, studies
from aiwriter.testing import launcher
from tests.api.harness import OWNER, Api


async def test_from_a_topic_to_its_report(sqlite_api: Api, brief: Brief) -> None:
    tools = sqlite_api.tools
    async with sqlite_api.client() as client:
        accepted = await client.start_research(brief)
        assert accepted.href == f"/api/v1/research/{accepted.study_id}"
        assert launcher.submissions(sqlite_api.settings.home_folder) == [("study", accepted.study_id, 0)]
        with pytest.raises(Conflict, match="queued"):
            await client.study_report(accepted.study_id)

        await studies.carry_out(tools.database, OWNER, accepted.study_id, tools.desk())
        done = await client.study(accepted.study_id)
        assert (done.status, done.brief.topic) == (RunStatus.DONE, brief.topic)
        assert done.study is not None
        assert done.study.evidence.items
        report = await client.study_report(accepted.study_id)
        assert report.name == f"study-{accepted.study_id}.html"
        assert brief.topic in report.data.decode()

        found = await client.studies(StudyFilter(words="FERRY", status=["done"]), Paging(limit=5))
        assert [one.id for one in found.items] == [accepted.study_id]
        assert (await client.studies(StudyFilter(words="lighthouse"))).total == 0
        await client.remove_study(accepted.study_id)
        with pytest.raises(NotFound):
            await client.study(accepted.study_id)


async def test_sources_that_cannot_be_used_are_named_and_nothing_is_kept(sqlite_api: Api) -> None:
    async with sqlite_api.client() as client:
        with pytest.raises(InvalidRequest) as refused:
            await client.start_research(Brief(topic="Ferries", sources=("web:", "/no/such/file.md")))
        assert [one.field for one in refused.value.fields] == ["brief.sources.1"]
        assert (await client.studies()).total == 0


async def test_while_the_orchestrator_is_away_nothing_is_kept(sqlite_api: Api, brief: Brief) -> None:
    launcher.switch_off(sqlite_api.settings.home_folder)
    async with sqlite_api.client() as client:
        with pytest.raises(Unavailable):
            await client.start_research(brief)
        assert (await client.studies()).total == 0


async def test_who_may_only_read_starts_and_removes_nothing(sqlite_api: Api, brief: Brief) -> None:
    tools = sqlite_api.tools
    made = await keys.add(tools.database, OWNER, "reader", ("read",), None, tools.clock.now())
    async with sqlite_api.client(made.secret) as client:
        for attempt in (client.start_research(brief), client.remove_study(new_id())):
            with pytest.raises(Forbidden):
                await attempt
        assert (await client.studies()).total == 0
