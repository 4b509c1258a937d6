"""What is submitted is carried out by a worker: once, soon, and by another when the first one dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Brief, Run, RunStatus
from aiwriter.errors import Unavailable
from aiwriter.ids import new_id
from aiwriter.services import dispatch, runs
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, TEXTS, Terminal
from flows import naming
from flows.deploy import main as deploy

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets

FERRY = Brief(topic="How the ferry Lanternfish supplied Ostrel's clinic with power", sources=TEXTS, words=100)
BUSY_SECONDS = 150  # for what takes a few seconds on an idle machine


async def asked(tools: Tools, model: str = "offline:extractive") -> Run:
    return await runs.ask(
        tools.database, tools.principal, FERRY, model=model, embedder=tools.settings.embedder, budget_usd=None
    )


async def sweep(tools: Tools) -> dispatch.Swept:
    return await dispatch.sweep(tools.database, tools.principal, tools.launcher(), tools.clock)


async def until(tools: Tools, run_id: UUID, kind: str, stage: str = "") -> None:
    """The run's history holds such an event, or the time is over."""
    deadline = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < deadline:
        for event in await runs.events_after(tools.database, tools.principal, run_id, 0):
            if event.kind == kind and stage in ("", event.data.get("stage")):
                return
        await asyncio.sleep(0.1)
    told = [event.kind for event in await runs.events_after(tools.database, tools.principal, run_id, 0)]
    raise AssertionError(f"{kind} {stage} never came: {told}")


async def test_a_submitted_run_is_carried_out_once_and_prefects_pages_say_what_it_is_about(
    tools: Tools, worker: Any, pages: Any
) -> None:
    worker.register()
    run = await asked(tools)
    assert (await sweep(tools)).submitted == 1
    again = await tools.launcher().submit(run.id, run.attempts)  # while nobody works it cannot be over
    worker.start()
    await until(tools, run.id, "run.finished")
    history = await runs.events_after(tools.database, tools.principal, run.id, 0)
    assert [event.data["id"] for event in history if event.kind == "run.submitted"] == [again.id]
    assert (await runs.get(tools.database, tools.principal, run.id)).status is RunStatus.DONE
    name = naming.article(FERRY.topic, run.id)
    assert await pages.states(name) == ["COMPLETED"]
    flow_run = pages.flow_run(name)
    assert flow_run["id"] == again.id
    assert set(flow_run["tags"]) == {"article", "on-demand"}
    state = await tools.launcher().state()
    assert (state.answers, state.workers, state.limit) == (True, 1, 2)


async def test_a_run_whose_process_is_killed_goes_on_in_another(tools: Tools, worker: Any, pages: Any) -> None:
    async with FakeProvider(faults={2: "stall"}) as provider:
        worker.start(AIWRITER_OPENAI__BASE_URL=provider.base_url, AIWRITER_OPENAI__ALLOW_UNKNOWN_PRICE="true")
        run = await asked(tools, "openai:fake")
        await sweep(tools)
        await until(tools, run.id, "stage.started", "sections")
        while len(provider.calls) < 2:  # noqa: ASYNC110 - the provider knows nothing of us
            await asyncio.sleep(0.1)
        async with tools.unit_of_work() as work:
            holder = await work.runs.holder(run.id)
        os.kill(int(str(holder).split("|")[1]), signal.SIGKILL)
        await asyncio.sleep(1)
        swept = await sweep(tools)
        assert (swept.reclaimed, swept.submitted) == (1, 1)
        await until(tools, run.id, "run.finished")
    ended = await runs.get(tools.database, tools.principal, run.id)
    assert (ended.status in (RunStatus.DONE, RunStatus.REFUSED), ended.attempts) == (True, 2), ended.reason
    kinds = [event.kind for event in await runs.events_after(tools.database, tools.principal, run.id, 0)]
    assert "stage.reused" in kinds
    assert await pages.states(naming.article(FERRY.topic, run.id)) == ["COMPLETED", "CRASHED"]


async def test_a_worker_that_is_told_to_stop_leaves_no_process_and_its_run_to_another(
    tools: Tools, worker: Any
) -> None:
    async with FakeProvider(faults={2: "stall"}) as provider:
        worker.start_anew(AIWRITER_OPENAI__BASE_URL=provider.base_url, AIWRITER_OPENAI__ALLOW_UNKNOWN_PRICE="true")
        run = await asked(tools, "openai:fake")
        await sweep(tools)
        await until(tools, run.id, "stage.started", "sections")
        await asyncio.to_thread(worker.stop)
        async with asyncio.timeout(BUSY_SECONDS):  # its flow runs are told as it ends, and let go of their runs
            while worker.processes():  # noqa: ASYNC110 - told by the processes of the machine alone
                await asyncio.sleep(0.1)
        assert (await sweep(tools)).reclaimed == 1


async def test_what_cannot_be_begun_ends_no_worker_and_keeps_no_place(tools: Tools) -> None:
    """It was deleted meanwhile, or the server stumbled: a worker that ended for it took its other runs along."""
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.responses import WorkerFlowRunResponse
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.processes import worker_of

    deleted = FlowRun(flow_id=new_id(), deployment_id=new_id())
    refused = FlowRun.model_construct(id=new_id(), flow_id=new_id(), deployment_id="nothing that the server takes")
    queue = {"work_pool_id": new_id(), "work_queue_id": new_id()}
    given = [WorkerFlowRunResponse.model_construct(**queue, flow_run=one) for one in (deleted, refused)]
    with temporary_settings({PREFECT_API_URL: os.environ["PREFECT_API_URL"]}):
        async with worker_of(tools.settings) as worker:  # its end raises what went wrong in it
            await worker._submit_scheduled_flow_runs(given)
            async with asyncio.timeout(BUSY_SECONDS):
                while worker.limiter.borrowed_tokens:  # noqa: ASYNC110 - told by Prefect's limiter alone
                    await asyncio.sleep(0.05)


def test_a_worker_whose_server_does_not_answer_says_so_in_two_lines(terminal: Terminal) -> None:
    nobody = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "AIWRITER_PREFECT__START_SECONDS": "1"}
    environment = Terminal(terminal.home, nobody).environment()
    ended = subprocess.run(
        [sys.executable, "-m", "flows.worker"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert [line.split(":")[0] for line in ended.stderr.splitlines()] == ["error", "next"], ended.stderr


async def test_without_a_server_or_a_deployment_nothing_is_submitted_and_the_way_out_told(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await asked(tools)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(Unavailable, match="does not answer"):
        await tools.launcher().submit(run.id, 0)
    assert not (await tools.launcher().state()).answers
    monkeypatch.delenv("PREFECT_API_URL")
    with pytest.raises(Unavailable, match="no Prefect server is known"):
        await tools.launcher().submit(run.id, 0)


async def test_registering_again_leaves_a_paused_schedule_paused(
    tools: Tools, pages: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(deploy) == 0
    nightly = pages.deployment("roll-up-analytics", "nightly")
    (slot,) = nightly["schedules"]
    assert (slot["schedule"]["cron"], slot["active"]) == ("15 2 * * *", True)
    pages.ask(f"deployments/{nightly['id']}/schedules/{slot['id']}", method="PATCH", active=False)
    assert await asyncio.to_thread(deploy) == 0
    again = pages.deployment("roll-up-analytics", "nightly")
    assert (again["id"], [slot["active"] for slot in again["schedules"]]) == (nightly["id"], [False])
    assert "registered" in capsys.readouterr().out
