"""A run waits for its outline with no process held; a run that somebody cancels stops within seconds."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Brief, Run, RunStatus
from aiwriter.errors import Conflict
from aiwriter.services import articles, runs
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import TEXTS, Terminal
from flows import naming

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets

SOURCES = [word for text in TEXTS for word in ("-s", text)]
FERRY = Brief(topic="How the ferry Lanternfish supplied Ostrel's clinic with power", sources=TEXTS, words=200)


async def asked(tools: Tools, brief: Brief, model: str = "offline:extractive") -> Run:
    return await runs.ask(
        tools.database,
        tools.principal,
        brief,
        model=model,
        embedder=tools.settings.embedder,
        budget_usd=None,
        in_hand=True,
    )


async def history(tools: Tools, run_id: UUID) -> list[str]:
    events = await runs.events_after(tools.database, tools.principal, run_id, 0)
    return [f"{event.kind} {event.data.get('stage', '')}".strip() for event in events]


async def test_a_run_waits_for_its_outline_and_writes_the_one_a_person_changed(tools: Tools, pages: Any) -> None:
    run = await asked(tools, FERRY.model_copy(update={"approve_outline": True}))
    waiting = await tools.launcher().run(run.id)
    assert waiting.status is RunStatus.WAITING
    assert (await history(tools, run.id))[-1] == "run.waiting"
    assert pages.flow_run(naming.article(FERRY.topic, run.id))["state_name"] == "Waiting"
    async with tools.unit_of_work() as work:
        assert await work.runs.holder(run.id) is None

    with pytest.raises(Conflict, match="waits for a person"):
        await tools.launcher().run(run.id)
    planned = (await runs.outline_of(tools.database, tools.principal, run.id)).outline
    first, *rest = [section for section in planned.sections if section.heading]
    edited = planned.model_copy(
        update={"sections": (first.model_copy(update={"heading": "As I would call it"}), *rest)}
    )
    await runs.approve_outline(tools.database, tools.principal, run.id, edited, in_hand=True)
    done = await tools.launcher().run(run.id)
    assert done.status is RunStatus.DONE, done.reason
    article = await articles.find(tools.database, tools.principal, str(done.article_id))
    assert article.sections[0].heading == "As I would call it"
    assert "stage.reused outline" in await history(tools, run.id)


async def test_a_cancelled_run_stops_in_the_middle_of_a_call_and_starts_no_further_stage(
    tools: Tools, pages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeProvider(faults={2: "stall"}) as provider:
        monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", provider.base_url)
        monkeypatch.setenv("AIWRITER_OPENAI__ALLOW_UNKNOWN_PRICE", "true")
        run = await asked(tools, FERRY, "openai:fake")
        working = asyncio.ensure_future(tools.launcher().run(run.id))
        while len(provider.calls) < 2 and not working.done():  # noqa: ASYNC110 - the provider knows nothing of us
            await asyncio.sleep(0.05)
        await runs.cancel(tools.database, tools.principal, run.id)
        before = await history(tools, run.id)
        ended = await asyncio.wait_for(working, 60)  # the call that stalls never ends by itself
    assert ended.status is RunStatus.CANCELLED
    after = await history(tools, run.id)
    assert [line for line in after[len(before) :] if line.startswith("stage.started")] == []
    assert pages.flow_run(naming.article(FERRY.topic, run.id))["state_type"] == "CANCELLED"
    calls = await runs.calls(tools.database, tools.principal, run.id)
    assert "intent" not in {call.status for call in calls}


async def test_a_run_that_was_cancelled_before_it_began_never_begins(tools: Tools, pages: Any) -> None:
    run = await asked(tools, FERRY)
    await runs.cancel(tools.database, tools.principal, run.id)
    assert (await tools.launcher().run(run.id)).status is RunStatus.CANCELLED
    assert await history(tools, run.id) == ["run.queued", "run.finished"]
    assert pages.flow_run(naming.article(FERRY.topic, run.id))["state_type"] == "CANCELLED"


# ── the verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_at_a_terminal_the_outline_is_written_to_a_file_edited_and_approved(terminal: Terminal, tmp_path: Path) -> None:
    brief = ("write", FERRY.topic, *SOURCES, "--words", "200", "--approve-outline", "--json")
    waiting = terminal.run(*brief)
    assert (waiting.code, waiting.result["status"]) == (0, "waiting"), waiting.err
    run, file = waiting.result["run_id"], tmp_path / "outline.json"
    assert waiting.result["approve"] == f"aiwriter approve {run}"
    assert terminal.run("approve", run, "--to", str(file)).code == 0
    shown = json.loads(file.read_text())
    section = next(one for one in shown["outline"]["sections"] if one["heading"])
    assert set(section["passages"]) <= set(shown["passages"])

    section["passages"].append("0" * 16)
    file.write_text(json.dumps(shown))
    refused = terminal.run("approve", run[:13], "--from", str(file))
    assert (refused.code, "0000000000000000 is not among the run's evidence" in refused.err) == (2, True)
    section["passages"].pop()
    section["heading"] = "Said by me"
    file.write_text(json.dumps(shown))
    done = terminal.run("approve", run[:13], "--from", str(file), "--json")
    assert (done.code, done.result["status"]) == (0, "done"), done.err
    assert "## Said by me" in terminal.run("show", done.result["article_id"]).out


def test_at_a_terminal_a_run_is_cancelled_and_not_resumed(terminal: Terminal) -> None:
    brief = ("write", FERRY.topic, *SOURCES, "--approve-outline", "--json")
    run = terminal.run(*brief).result["run_id"]
    assert terminal.run("cancel", run[:13], "--json").result == {"cancelled": [run]}
    resumed = terminal.run("resume", run, "--json")
    assert (resumed.code, resumed.result["status"]) == (1, "cancelled")
    again = terminal.run("cancel", run)
    assert (again.code, "Cancelled already" in again.out) == (0, True)


async def test_at_a_terminal_the_signal_to_stop_goes_to_whoever_started_the_flow(tools: Tools) -> None:
    """Prefect's own handler raises wherever the process is at that moment, in the middle of a database's answer too."""
    run = await asked(tools, FERRY)
    heard: list[int] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, heard.append, signal.SIGTERM)
    try:
        carrying = asyncio.create_task(tools.launcher().run(run.id))
        while "stage.finished research" not in await history(tools, run.id):  # noqa: ASYNC110 - told by no event of ours
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await carrying).status is RunStatus.DONE
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
    assert heard == [signal.SIGTERM]
