"""Killed at any moment, a run goes on: nothing stored is lost, nothing paid is paid twice. `make faults`."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, Terminal, kill_group, wait_for_line

pytestmark = pytest.mark.faults

BRIEF = str(ROOT / "examples" / "briefs" / "blackout.toml")
STAGES = ["research", "evidence", "outline", "sections", "quality", "finish", "store"]
PRICES = {"AIWRITER_OPENAI__INPUT_USD": "1.00", "AIWRITER_OPENAI__OUTPUT_USD": "2.00"}


@pytest.mark.parametrize("event", ["stage.started", "stage.finished"])
@pytest.mark.parametrize("stage", STAGES)
def test_killed_around_a_stage_the_run_goes_on_and_ends_done(stage: str, event: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    running = terminal.start("write", "--brief", BRIEF, "--json")
    wait_for_line(running, f'"kind": "{event}", "at"' if stage == "research" else f'"stage": "{stage}"')
    kill_group(running)
    run = json.loads(terminal.run("runs", "--json").out)[0]["id"]
    resumed = terminal.run("resume", run, "--json")
    assert (resumed.code, resumed.result["status"]) == (0, "done"), resumed.err
    assert len(json.loads(terminal.run("articles", "--json").out)) == 1


def calls_of_unknown_fate(home: Path) -> int:
    with closing(sqlite3.connect(home / "aiwriter.db")) as database:
        found: int = database.execute("SELECT count(*) FROM model_calls WHERE status = 'unknown'").fetchone()[0]
    return found


@pytest.mark.parametrize("seed", range(8))
async def test_killed_at_any_time_no_stored_answer_is_paid_again_and_the_ledger_is_the_bill(
    seed: int, tmp_path: Path
) -> None:
    async with FakeProvider(latency=0.3, pace=0.01) as provider:
        settings = PRICES | {"AIWRITER_OPENAI__BASE_URL": f"http://127.0.0.1:{urlsplit(provider.base_url).port}/v1"}
        terminal = Terminal(tmp_path / "home", settings)
        running = terminal.start("write", "--brief", BRIEF, "--model", "openai:fake", "--json")
        await asyncio.to_thread(wait_for_line, running, '"stage": "outline"')
        await asyncio.sleep(random.Random(seed).uniform(0.0, 2.5))
        if running.poll() is None:
            kill_group(running)
        run = json.loads((await asyncio.to_thread(terminal.run, "runs", "--json")).out)[0]["id"]
        resumed = await asyncio.to_thread(terminal.run, "resume", run, "--json")
    assert resumed.result["status"] in ("done", "refused"), resumed.err
    repeated = sum(count - 1 for count in Counter(call.body_sha256 for call in provider.calls).values())
    assert repeated <= calls_of_unknown_fate(terminal.home)  # what was in flight may be sent again, nothing else
    ledger = Decimal(resumed.result["cost_usd"])
    assert ledger >= provider.billed_usd - Decimal("0.0001")  # a call of unknown fate counts as its reservation
