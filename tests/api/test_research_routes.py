"""Research is started, found, read, reported and removed through the API."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import Brief, RunStatus
from aiwriter.errors import BadInput, Conflict, Forbidden, NotFound
from aiwriter.ids import new_id
from aiwriter.ports import Paging, StudyFilter
from aiwriter.services import keys, studies
from aiwriter.testing import launcher
from tests.api.harness import OWNER, Api, until


async def submitted(api: Api, *wanted: tuple[str, UUID, int]) -> None:
    async def all_there() -> bool:
        return launcher.submissions(api.settings.home_folder) == [*wanted]

    await until(all_there)


async def test_from_a_topic_to_its_report(sqlite_api: Api, brief: Brief) -> None:
    tools = sqlite_api.tools
    async with sqlite_api.client() as client:
        accepted = await client.start_research(brief)
        assert accepted.href == f"/api/v1/research/{accepted.study_id}"
        await submitted(sqlite_api, ("study", accepted.study_id, 0))
        with pytest.raises(Conflict, match="queued"):
            await client.study_report(accepted.study_id)

        await studies.carry(tools.database, OWNER, accepted.study_id, tools.desk())
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


async def test_what_is_asked_while_the_orchestrator_is_away_is_kept_and_can_be_cancelled(
    sqlite_api: Api, brief: Brief
) -> None:
    home = sqlite_api.settings.home_folder
    launcher.switch_off(home)
    async with sqlite_api.client() as client:
        accepted, other = await client.start_research(brief), await client.start_research(brief)
        cancelled = await client.cancel_study(other.study_id)
        assert (cancelled.status, cancelled.reason) == (RunStatus.CANCELLED, "cancelled by first key")
        with pytest.raises(Conflict):
            await client.cancel_study(other.study_id)
        launcher.switch_on(home)
        await submitted(sqlite_api, ("study", accepted.study_id, 0))


async def test_the_same_request_with_a_key_is_one_study(sqlite_api: Api, brief: Brief) -> None:
    async with sqlite_api.client() as client:
        asked = [client.start_research(brief, idempotency_key="once") for _ in range(5)]
        answers = await asyncio.gather(*asked)
        assert len({one.study_id for one in answers}) == 1
        assert await client.start_research(brief, idempotency_key="once") == answers[0]
        assert (await client.studies()).total == 1
        with pytest.raises(BadInput, match="another request"):
            await client.start_research(brief.model_copy(update={"topic": "Bridges"}), idempotency_key="once")
        with pytest.raises(BadInput, match="another request"):  # a key is one for all that is asked
            await client.generate(brief, idempotency_key="once")


async def test_who_may_only_read_starts_and_removes_nothing(sqlite_api: Api, brief: Brief) -> None:
    tools = sqlite_api.tools
    made = await keys.add(tools.database, OWNER, "reader", ("read",), None, tools.clock.now())
    async with sqlite_api.client(made.secret) as client:
        for attempt in (client.start_research(brief), client.remove_study(new_id()), client.cancel_study(new_id())):
            with pytest.raises(Forbidden):
                await attempt
        assert (await client.studies()).total == 0
