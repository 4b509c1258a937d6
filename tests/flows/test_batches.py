"""A batch is one flow run: one bad article stops none of the others, and what was done is not done again."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Brief, RunStatus, Stage
from aiwriter.services import batches, runs
from aiwriter.services.batches import BatchState
from aiwriter.testing import sample_article
from aiwriter.testing.terminal import TEXTS, Terminal, interrupt_group, kill_group, wait_for_line
from tasks import artifacts

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets

SOURCES = ";".join(TEXTS)
FERRY = Brief(topic="How the ferry Lanternfish supplied Ostrel's clinic with power", sources=TEXTS, words=150)
NOBODY = 4_194_305  # above any process id of Linux
ABSENT = Brief(topic="Growing apples in the orchards of Brittany", sources=TEXTS, words=150)


async def asked(tools: Tools, *briefs: Brief) -> BatchState:
    batch = await batches.ask(
        tools.database, tools.principal, briefs, name="ferries", model="offline:extractive",
        embedder=tools.settings.embedder, budget_usd=None,
    )  # fmt: skip
    return await batches.state(tools.database, tools.principal, batch.id)


async def started(tools: Tools, state: BatchState) -> list[tuple[object, ...]]:
    """Every stage that was begun, by run."""
    return [
        (run.id, event.data["stage"], event.data["item"])
        for run in state.runs
        for event in await runs.events_after(tools.database, tools.principal, run.id, 0)
        if event.kind == "stage.started"
    ]


async def test_one_bad_article_stops_none_of_the_others_and_nothing_is_done_twice(
    tools: Tools, tmp_path: Path, pages: Any
) -> None:
    gone = tmp_path / "gone.md"
    gone.write_text("# Ferries\n\nThe ferry sails.\n")
    state = await asked(tools, FERRY, ABSENT, FERRY.model_copy(update={"sources": (str(gone),)}), FERRY)
    gone.unlink()
    ended = await tools.launcher().run_batch(state.batch.id, at_once=3)
    assert [run.status for run in ended] == ["done", "refused", "failed", "done"], [run.reason for run in ended]
    assert "gone.md" in str(ended[2].reason)
    state = await batches.state(tools.database, tools.principal, state.batch.id)
    assert state.in_words == "2 done, 1 refused, 1 failed of 4"

    flow_run = pages.flow_run(f"ferries · batch {str(state.batch.id)[:13]}")
    assert (flow_run["state_type"], flow_run["state"]["message"]) == ("FAILED", state.in_words)
    (table,) = pages.artifacts(artifacts.key("batch", "ferries", state.batch.id))
    assert [row["status"] for row in json.loads(table["data"])] == [run.status for run in ended]

    before = set(await started(tools, state))
    await batches.resume(tools.database, tools.principal, state.batch.id)
    gone.write_text("# Ferries\n\nThe ferry sails.\n")
    again = await tools.launcher().run_batch(state.batch.id)
    assert [run.article_id for run in again[::3]] == [run.article_id for run in ended[::3]]
    assert [run.attempts for run in again] == [1, 1, 2, 1]
    assert {run_id for run_id, *_stage in set(await started(tools, state)) - before} <= {ended[2].id}


async def died_with(tools: Tools, run_id: UUID, times: int) -> None:
    """As if so many workers had died while they held the run."""
    for _ in range(times):
        async with tools.unit_of_work() as work:
            assert await work.runs.claim(run_id, f"{socket.gethostname()}|{NOBODY}|x", 0, tools.clock.now())
            await work.commit()


async def lives(tools: Tools, run_id: UUID) -> tuple[datetime, datetime]:
    """When a run was last begun, and when it ended."""
    told = await runs.events_after(tools.database, tools.principal, run_id, 0)
    begun, ended = ([event.at for event in told if event.kind == f"run.{kind}"] for kind in ("started", "finished"))
    return begun[-1], ended[-1]


async def test_what_died_twice_with_its_worker_is_carried_alone_after_the_others(tools: Tools) -> None:
    state = await asked(tools, *[FERRY.model_copy(update={"words": words}) for words in (100, 110, 120, 130)])
    for run in state.runs[:2]:
        await died_with(tools, run.id, 2)
    ended = await tools.launcher().run_batch(state.batch.id, at_once=4)
    assert [run.status for run in ended] == ["done"] * 4
    one, two, *others = [await lives(tools, run.id) for run in state.runs]
    assert max(end for _begun, end in others) < min(one[0], two[0])
    assert one[1] < two[0] or two[1] < one[0]


@contextmanager
def at_the_server() -> Iterator[None]:
    """Flows called within run under the test run's server, though Prefect was imported before that was known."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: os.environ["PREFECT_API_URL"]}):
        yield


async def test_a_batch_of_a_file_takes_the_id_of_its_flow_run_and_keeps_what_had_answered_its_topics(
    tools: Tools, tmp_path: Path
) -> None:
    from flows.write_batch import write_batch

    async with tools.unit_of_work() as work:
        await work.articles.add_version(sample_article(brief=FERRY, title=FERRY.topic))
        await work.commit()
    file = tmp_path / "briefs.csv"
    file.write_text(f"topic,sources,words\n{FERRY.topic},{SOURCES},100\n")
    with at_the_server():
        state = await write_batch(file=str(file), title="weekly", return_state=True)  # type: ignore[call-overload]
    assert (state.name, state.message) == ("Completed", "1 done of 1")
    kept = await batches.state(tools.database, tools.principal, state.state_details.flow_run_id)
    assert kept.batch.name == "weekly"
    ((before,),) = (await batches.answered_by(tools.database, tools.principal, kept)).values()
    assert before.title == FERRY.topic


async def test_a_batch_of_a_file_that_cannot_be_used_fails_with_its_lines(tools: Tools, tmp_path: Path) -> None:
    from flows.write_batch import write_batch

    file = tmp_path / "briefs.csv"
    file.write_text("topic,sources,words\nFerries,absent,100\n")
    with at_the_server():
        state = await write_batch(file=str(file), return_state=True)  # type: ignore[call-overload]
    assert state.name == "Failed"
    assert "line 2, sources" in state.message
    assert await runs.latest(tools.database, tools.principal) == []


def test_a_batch_that_was_killed_goes_on_where_it_was(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "briefs.csv"
    lines = [f"{FERRY.topic},{SOURCES},{words}" for words in (100, 120, 140)]
    file.write_text("topic,sources,words\n" + "\n".join(lines) + "\n")
    running = terminal.start("batch", str(file), "--at-once", "1", "--json")
    seen = wait_for_line(running, '"status": "done"')
    kill_group(running)
    batch = json.loads(terminal.run("runs", "--json").out)[0]["batch_id"]
    resumed = terminal.run("resume", batch[:13], "--json")
    assert (resumed.code, resumed.result["counts"]) == (0, {"done": 3}), resumed.err
    done_before = json.loads(seen[-1])["run_id"]
    assert done_before not in resumed.err  # not touched again
    attempts = {run["id"]: run["attempts"] for run in json.loads(terminal.run("runs", "--json").out)}
    assert attempts[done_before] == 1
    assert sorted(attempts.values()) == [1, 1, 2] or sorted(attempts.values()) == [1, 1, 1]


def test_what_waits_in_a_batch_that_somebody_interrupts_is_left_to_them(terminal: Terminal, tmp_path: Path) -> None:
    """A dispatch that runs beside must not go on with what a person has stopped."""
    file = tmp_path / "briefs.csv"
    file.write_text("topic,sources,words\n" + f"{FERRY.topic},{SOURCES},100\n" * 4)
    running = terminal.start("batch", str(file), "--at-once", "1", "--json")
    wait_for_line(running, '"status": "running"')
    _out, err = interrupt_group(running)
    assert running.returncode == 130
    listed = json.loads(terminal.run("runs", "--json").out)
    assert f"aiwriter resume {listed[0]['batch_id']}" in err
    assert {run["status"] for run in listed} <= {"failed", "done"}
    assert [run["reason"] for run in listed if run["attempts"] == 0] == ["interrupted"] * 3


async def test_stages_of_a_batch_know_their_article(tools: Tools) -> None:
    state = await asked(tools, FERRY)
    await tools.launcher().run_batch(state.batch.id)
    stages = {stage for _run, stage, _item in await started(tools, state)}
    assert stages == {stage.value for stage in Stage if stage is not Stage.ANALYTICS}
    assert (await runs.get(tools.database, tools.principal, state.runs[0].id)).status is RunStatus.DONE
