"""`resume` of a run that another process has: it is followed to its end, and taken over when that process has died."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.commands import edge, reading, writing
from aiwriter.documents import Run, RunStatus, Shortage, utc_now
from aiwriter.errors import BudgetSpent, Unavailable
from aiwriter.ports import EVERY_DAY, Database, Principal
from aiwriter.resilience.clock import SystemClock
from aiwriter.services import holding, runs
from aiwriter.settings import Settings
from aiwriter.testing import ManualClock, sample_brief

OTHER = "another-machine|1|worker"


class Orchestrator:
    """Takes a run as Prefect's does, not one that another process holds or that has ended, and refuses it."""

    def __init__(self, _settings: Settings, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal

    asked: asyncio.Event

    async def run(self, run_id: UUID) -> Run:
        self.asked.set()
        async with holding.held(self._database, self._principal, run_id, SystemClock()) as owner:
            await holding.end(self._database, self._principal, run_id, owner, RunStatus.REFUSED, reason="taken over")
        return await runs.get(self._database, self._principal, run_id)


class Slow(Orchestrator):
    """It is long in starting."""

    async def run(self, run_id: UUID) -> Run:
        self.asked.set()
        await asyncio.Event().wait()
        return await super().run(run_id)


@pytest.fixture(autouse=True)
def _orchestrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_LAUNCHER", f"{__name__}:Orchestrator")
    Orchestrator.asked = asyncio.Event()


async def asked(tools: Tools) -> Run:
    return await runs.ask(
        tools.database, tools.principal, sample_brief(), model="offline:extractive", embedder="x", budget_usd=None
    )


async def held_elsewhere(tools: Tools) -> Run:
    run = await asked(tools)
    async with tools.unit_of_work() as work:
        assert await work.runs.claim(run.id, OTHER, 30, utc_now())
        await work.commit()
    return run


async def test_its_report_and_exit_code_are_those_of_the_run_as_the_other_ended_it(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await held_elsewhere(tools)
    following = asyncio.ensure_future(writing.resume(tools, str(run.id), as_json=True))
    await Orchestrator.asked.wait()
    await holding.end(tools.database, tools.principal, run.id, OTHER, RunStatus.REFUSED, reason="no sources fit")
    assert await following == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["reason"]) == ("refused", "no sources fit")


async def test_who_stops_following_is_told_that_the_other_goes_on_and_how_to_end_it(tools: Tools) -> None:
    run = await held_elsewhere(tools)
    following = asyncio.ensure_future(writing.resume(tools, str(run.id), as_json=True))
    await Orchestrator.asked.wait()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert [line for line in edge.at_interrupt if f"aiwriter cancel {run.id}" in line]
    assert not [line for line in edge.at_interrupt if "aiwriter resume" in line]


async def test_who_watches_a_run_whose_process_has_ended_is_told_so_and_what_to_do(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await runs.get(tools.database, tools.principal, (await held_elsewhere(tools)).id)
    assert await runs.abandoned(tools.database, tools.principal, [run]) == set()
    async with tools.unit_of_work() as work:
        await work.runs.release(run.id, OTHER)
        await work.commit()
    with pytest.raises(Unavailable, match="its process has ended") as told:
        await reading.watch(tools, as_json=True)
    assert f"aiwriter resume {run.id}; or end it: aiwriter cancel {run.id}" in str(told.value.hint)
    await reading.runs(tools, 5, as_json=False)
    assert "running, its process has ended" in capsys.readouterr().out


async def test_who_watches_a_run_that_nobody_begins_is_told_so_once_and_what_to_do(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await asked(tools)
    later = replace(tools, clock=ManualClock(utc_now() + timedelta(minutes=2)))
    following, told = asyncio.ensure_future(reading.watch(later, as_json=False)), ""
    while "no worker" not in told:
        await asyncio.wait({following}, timeout=0.05)
        told += capsys.readouterr().err
    await asyncio.wait({following}, timeout=2 * reading.LOOK_SECONDS)
    following.cancel()
    await asyncio.wait({following})
    assert told.count(f"aiwriter resume {run.id}") == 1
    assert "no worker" not in capsys.readouterr().err


async def test_it_is_taken_over_when_nobody_works_on_it_any_more(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await held_elsewhere(tools)
    following = asyncio.ensure_future(writing.resume(tools, str(run.id), as_json=True))
    await Orchestrator.asked.wait()
    async with tools.unit_of_work() as work:
        assert await work.runs.renew(run.id, OTHER, 30, utc_now() - timedelta(seconds=60))
        await work.commit()
    assert await following == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "taken over"


async def test_who_stops_before_it_began_leaves_nothing_for_a_worker_to_go_on_with(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWRITER_LAUNCHER", f"{__name__}:Slow")
    async with bootstrap.open_tools(settings.load()) as slow:
        run = await asked(slow)
        starting = asyncio.ensure_future(writing.resume(slow, str(run.id), as_json=True))
        await Orchestrator.asked.wait()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert (await runs.get(slow.database, slow.principal, run.id)).status is RunStatus.FAILED
    assert edge.at_interrupt == [f"go on with: aiwriter resume {run.id}"]


async def test_a_run_that_the_cap_of_the_day_refused_is_carried_on_when_that_has_room(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await held_elsewhere(tools)
    short = Shortage(budget="day", needs_usd=Decimal("0.02"))
    await holding.end(tools.database, tools.principal, run.id, OTHER, RunStatus.REFUSED, reason="stale", short=short)
    caps = tools.database.budgets(tools.principal.workspace_id)
    await caps.set_cap("day", EVERY_DAY, Decimal("0.01"))
    with pytest.raises(BudgetSpent, match="this day's"):
        await writing.resume(tools, str(run.id), as_json=True)
    await caps.set_cap("day", EVERY_DAY, Decimal("0.05"))
    assert await writing.resume(tools, str(run.id), as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "taken over"
