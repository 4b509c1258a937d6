"""A schedule starts its batch with nobody present; overlapping slots are skipped, missed ones made up for once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Run, RunStatus
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.services import runs
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import TEXTS, Terminal
from flows.schedules import PrefectScheduler

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets

TOPIC = "How the ferry Lanternfish supplied Ostrel's clinic with power"
BUSY_SECONDS = 150


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "briefs.csv"
    file.write_text(f"topic,sources,words\n{TOPIC},{';'.join(TEXTS)},100\n")
    return file


@pytest.fixture(autouse=True)
def _no_schedules_are_left(pages: Any) -> Iterator[None]:
    yield
    for one in pages.ask("deployments/filter", deployments={"tags": {"all_": ["schedule"]}}):
        pages.ask(f"deployments/{one['id']}", "DELETE")


async def add(tools: Tools, name: str, file: Path, cron: str = "0 6 * * 1", model: str = "offline:extractive") -> None:
    scheduler = PrefectScheduler(tools.settings)
    await scheduler.add(name, cron, "UTC", briefs=(), file=str(file), model=model, budget_usd=None)


async def until_runs(tools: Tools, wanted: int, *statuses: RunStatus) -> list[Run]:
    """As soon as so many runs stand so."""
    deadline = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < deadline:
        found = [run for run in await runs.latest(tools.database, tools.principal) if run.status in statuses]
        if len(found) >= wanted:
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"{await runs.latest(tools.database, tools.principal)}")


def slot(pages: Any, name: str, at: datetime) -> str:
    """What Prefect's scheduler does for a slot at that time; the flow run's id."""
    deployment = pages.deployment("write-batch", name)
    details = {"scheduled_time": at.isoformat()}
    state = {"type": "SCHEDULED", "name": "Scheduled", "state_details": details}
    return str(pages.ask(f"deployments/{deployment['id']}/create_flow_run", state=state)["id"])


async def ended(pages: Any, *ids: str) -> list[tuple[str, str]]:
    """Type and name of the states in which these flow runs ended."""
    for _ in range(BUSY_SECONDS * 5):
        states = [(await asyncio.to_thread(pages.ask, f"flow_runs/{one}", "GET"))["state"] for one in ids]
        if not {"SCHEDULED", "PENDING", "RUNNING"} & {state["type"] for state in states}:
            break
        await asyncio.sleep(0.2)
    return [(state["type"], state["name"]) for state in states]


@pytest.mark.parametrize("seconds", ["*/10", pytest.param("", marks=pytest.mark.faults)])
async def test_a_schedule_fires_with_nobody_present(
    seconds: str, tools: Tools, worker: Any, file: Path, pages: Any
) -> None:
    await add(tools, "each-minute", file, cron="* * * * *")
    if seconds:  # Prefect's cron lines may have a sixth field, ours not: nobody here waits for the next minute
        planned = pages.deployment("write-batch", "each-minute")
        (one,) = planned["schedules"]
        often = {"cron": f"* * * * * {seconds}", "timezone": "UTC"}
        pages.ask(f"deployments/{planned['id']}/schedules/{one['id']}", "PATCH", schedule=often)
    worker.start()
    run, *_ = await until_runs(tools, 1, RunStatus.DONE)
    assert (run.brief.topic, run.requested_by) == (TOPIC, "local")


async def test_a_slot_that_comes_while_the_batch_before_still_runs_is_skipped(
    tools: Tools, worker: Any, file: Path, pages: Any
) -> None:
    await add(tools, "slow", file, model="openai:fake")
    async with FakeProvider(faults={1: "stall"}) as provider:
        worker.start(AIWRITER_OPENAI__BASE_URL=provider.base_url, AIWRITER_OPENAI__ALLOW_UNKNOWN_PRICE="true")
        first = slot(pages, "slow", datetime.now(UTC))
        (run,) = await until_runs(tools, 1, RunStatus.RUNNING)
        second = slot(pages, "slow", datetime.now(UTC))
        assert [state for state, _name in await ended(pages, second)] == ["CANCELLED"]
        await runs.cancel(tools.database, tools.principal, run.id)
        assert [state for state, _name in await ended(pages, first)] == ["COMPLETED"]
    assert len(await runs.latest(tools.database, tools.principal)) == 1


@pytest.mark.parametrize("at_once", ["1", "3"])
async def test_of_slots_that_nobody_could_carry_one_is_made_up_for(
    at_once: str, tools: Tools, worker: Any, file: Path, pages: Any
) -> None:
    await add(tools, "missed", file)
    now = datetime.now(UTC)
    slots = [slot(pages, "missed", now - timedelta(minutes=minutes)) for minutes in (6, 4, 2)]
    worker.start(AIWRITER_SERVE__RUNS=at_once)
    states = await ended(pages, *slots)
    assert states.count(("COMPLETED", "Completed")) == 1, states
    assert set(states) <= {("COMPLETED", "Completed"), ("COMPLETED", "Skipped"), ("CANCELLED", "Cancelled")}
    (run,) = await runs.latest(tools.database, tools.principal)
    assert run.status is RunStatus.DONE


# ── the verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_schedules_are_added_listed_paused_resumed_and_removed(terminal: Terminal, file: Path) -> None:
    weekly = ("schedule", "add", "weekly-news", "--cron", "0 6 * * 1", "--timezone", "Europe/Berlin")
    added = terminal.run(*weekly, "--batch", str(file), "--json")
    assert added.code == 0, added.err
    assert added.result["file"] == str(file)
    start = datetime.fromisoformat(added.result["next_start"])
    assert (start.weekday(), start.minute, start.hour in (4, 5)) == (0, 0, True)
    (listed,) = json.loads(terminal.run("schedule", "list", "--json").out)
    assert listed == added.result
    assert "weekly-news  0 6 * * 1  Europe/Berlin" in terminal.run("schedule", "list").out
    assert terminal.run("schedule", "pause", "weekly-news", "--json").result["paused"]
    assert "paused" in terminal.run("schedule", "list").out
    assert not terminal.run("schedule", "resume", "weekly-news", "--json").result["paused"]
    assert terminal.run("schedule", "remove", "weekly-news").code == 0
    assert "No schedules" in terminal.run("schedule", "list").out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--cron", "0 6 * *"), "cron line '0 6 * *'"),
        (("--cron", "at six"), "cron line 'at six'"),
        (("--cron", "0 6 * * 1", "--timezone", "Mars/Olympus"), "timezone 'Mars/Olympus'"),
    ],
)
async def test_a_schedule_that_could_never_start_is_refused(
    options: tuple[str, ...], told: str, tools: Tools, file: Path
) -> None:
    given = dict(zip(options[::2], options[1::2], strict=True))
    scheduler = PrefectScheduler(tools.settings)
    with pytest.raises(BadInput, match=told.replace("*", r"\*")):
        await scheduler.add(
            "never",
            given["--cron"],
            given.get("--timezone", "UTC"),
            briefs=(),
            file=str(file),
            model="m",
            budget_usd=None,
        )


async def test_names_are_taken_once_and_others_not_known(tools: Tools, file: Path) -> None:
    scheduler = PrefectScheduler(tools.settings)
    await add(tools, "twice", file)
    with pytest.raises(Conflict, match="'twice'"):
        await add(tools, "twice", file)
    await scheduler.remove("twice")
    for asking in (scheduler.remove("twice"), scheduler.pause("on-demand", paused=True)):
        with pytest.raises(NotFound):
            await asking
    for name in ("on-demand", "Two words", "../x", ""):
        with pytest.raises(BadInput):
            await add(tools, name, file)


def test_a_batch_file_with_mistakes_is_refused_before_anything_is_scheduled(terminal: Terminal, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("topic,sources\nFerries,absent\n")
    refused = terminal.run("schedule", "add", "bad", "--cron", "0 6 * * 1", "--batch", str(bad))
    assert refused.code == 2
    assert "line 2, sources" in refused.err
    neither = terminal.run("schedule", "add", "bad", "--cron", "0 6 * * 1")
    assert (neither.code, "either --batch or --brief" in neither.err) == (2, True)
