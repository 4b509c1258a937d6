"""The flow under a real Prefect server: a run goes through every layer, ends clearly, and goes on where it stopped."""

from __future__ import annotations

import asyncio
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, Terminal, interrupt_group, kill_group, processes_of, wait_for_line
from tasks import artifacts
from tests.conftest import Prefect

pytestmark = pytest.mark.flow

FERRY = str(ROOT / "examples" / "briefs" / "blackout.toml")
ABSENT = str(ROOT / "examples" / "briefs" / "nothing-to-say.toml")


def stages_said(err: str, kind: str) -> list[str]:
    events = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    return [event["stage"] for event in events if event.get("kind") == kind]


def topic_of(brief: str) -> str:
    return str(tomllib.loads(Path(brief).read_text())["topic"])


def test_a_brief_becomes_a_stored_article_that_is_found_again(terminal: Terminal, pages: Any) -> None:
    ended = terminal.run("write", "--brief", FERRY, "--json")
    result = ended.result
    assert (ended.code, result["status"], result["kind"]) == (0, "done", "digest"), ended.err
    assert set(stages_said(ended.err, "stage.finished")) == {
        *("research", "evidence", "outline", "sections", "mending", "quality", "finish", "store")
    }
    assert all(Path(path).stat().st_size > 0 for path in result["paths"].values())
    assert result["counts"]["citations"] > 0
    found = terminal.run("search", "clinic power after the landslip", "--json")
    assert json.loads(found.out)[0]["article_id"] == result["article_id"]
    shown = terminal.run("show", result["article_id"], "--as", "json")
    assert json.loads(shown.out)["article"]["title"] == result["title"]
    run_id, article_id = UUID(result["run_id"]), UUID(result["article_id"])
    (bar,) = pages.artifacts(artifacts.key("progress", topic_of(FERRY), run_id))
    assert bar["data"] == 100
    (report,) = pages.artifacts(artifacts.key("report", result["title"], article_id))
    assert "of 100" in report["data"]
    (link,) = pages.artifacts(artifacts.key("article", result["title"], article_id))
    assert Path(result["paths"]["html"]).as_uri() in link["data"]


def test_a_question_that_no_source_is_clearly_about_is_written_and_said_to_be_in_doubt_before_the_writing(
    terminal: Terminal,
) -> None:
    asked = "What happened in the blackout of February 2023?"
    reading = replace(terminal, settings=terminal.settings | {"AIWRITER_EMBEDDER": "minilm"})
    ended = reading.run("write", asked, "--source", str(ROOT / "examples" / "sources" / "history.md"), "--words", "150")
    doubt = ended.err.index(f"! little on the topic: no source is clearly about '{asked}'")
    assert (ended.code, doubt < ended.err.index("planning the sections")) == (0, True), ended.err


def test_a_run_started_again_with_its_id_does_nothing_twice(terminal: Terminal) -> None:
    first = terminal.run("write", "--brief", FERRY, "--json").result
    again = terminal.run("resume", first["run_id"][:13], "--json")
    assert (again.code, again.result["article_id"]) == (0, first["article_id"])
    assert stages_said(again.err, "stage.started") == []


def test_a_topic_the_sources_do_not_cover_is_refused_with_the_reason(terminal: Terminal) -> None:
    ended = terminal.run("write", "--brief", ABSENT, "--json")
    assert (ended.code, ended.result["status"], ended.result["article_id"]) == (1, "refused", None)
    assert "apple" in ended.result["reason"]


def test_one_unreadable_source_is_named_and_the_rest_goes_on(terminal: Terminal, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 this is not one")
    sources = ["-s", str(ROOT / "examples" / "sources"), "-s", str(broken)]
    ended = terminal.run("write", "--brief", FERRY, *sources, "--json")
    assert ended.code == 0, ended.err
    assert [problem["location"] for problem in ended.result["problems"]] == [str(broken)]


def test_without_an_orchestrator_the_run_is_kept_and_the_way_to_resume_it_told(terminal: Terminal) -> None:
    alone = Terminal(terminal.home, terminal.settings | {"PREFECT_API_URL": "http://127.0.0.1:9/api"})
    ended = alone.run("write", "--brief", FERRY)
    assert ended.code == 3
    assert "127.0.0.1:9" in ended.err
    command = ended.err.split("go on with: aiwriter ")[1].split()
    resumed = terminal.run(*command, "--json")
    assert (resumed.code, resumed.result["status"]) == (0, "done"), resumed.err


def test_a_killed_run_goes_on_after_its_last_finished_stage(terminal: Terminal) -> None:
    running = terminal.start("write", "--brief", FERRY, "--json")
    wait_for_line(running, '"kind": "stage.finished", ')
    kill_group(running)
    run = json.loads(terminal.run("runs", "--json").out)[0]["id"]
    resumed = terminal.run("resume", run, "--json")
    assert (resumed.code, resumed.result["status"]) == (0, "done"), resumed.err
    assert "research" in stages_said(resumed.err, "stage.reused")


def test_ctrl_c_ends_it_leaves_no_child_and_tells_how_to_resume(terminal: Terminal, prefect: Prefect) -> None:
    prefect.prepare(terminal.home / "prefect")
    alone = Terminal(terminal.home)  # with a Prefect server of its own, which must go too
    running = alone.start("write", "--brief", FERRY)
    wait_for_line(running, "reading the sources")
    _out, err = interrupt_group(running)
    assert running.returncode == 130
    assert "aiwriter resume" in err
    assert processes_of(alone.home) == []


async def test_a_run_whose_budget_is_spent_goes_on_with_a_larger_one_and_pays_nothing_twice(
    terminal: Terminal,
) -> None:
    async with FakeProvider() as provider:
        prices = {"AIWRITER_OPENAI__INPUT_USD": "1.00", "AIWRITER_OPENAI__OUTPUT_USD": "2.00"}
        paid = replace(terminal, settings=terminal.settings | prices | {"AIWRITER_OPENAI__BASE_URL": provider.base_url})
        wish = ("write", "--brief", FERRY, "--model", "openai:fake", "--budget", "0.0150", "--json")
        refused = await asyncio.to_thread(paid.run, *wish)
        assert (refused.code, refused.result["status"]) == (1, "refused"), refused.err
        assert "--budget" in refused.result["reason"]
        before = len(provider.calls)
        run = refused.result["run_id"]
        resumed = await asyncio.to_thread(paid.run, "resume", run, "--budget", "1.00", "--json")
        assert (resumed.code, resumed.result["status"]) == (0, "done"), resumed.err
        again = await asyncio.to_thread(paid.run, "resume", run, "--budget", "2.00")
        assert (again.code, "cannot be changed: it is done" in again.err) == (2, True), again.err
        bodies = [call.body_sha256 for call in provider.calls]
        assert before > 0
        assert len(set(bodies)) == len(bodies)


async def test_near_its_budget_a_run_writes_from_fewer_passages_and_says_so(terminal: Terminal) -> None:
    async with FakeProvider() as provider:
        prices = {"AIWRITER_OPENAI__INPUT_USD": "1.00", "AIWRITER_OPENAI__OUTPUT_USD": "2.00"}
        paid = replace(terminal, settings=terminal.settings | prices | {"AIWRITER_OPENAI__BASE_URL": provider.base_url})
        wish = ("write", "--brief", FERRY, "--model", "openai:fake", "--budget", "0.0200", "--json")
        written = await asyncio.to_thread(paid.run, *wish)
        assert (written.code, written.result["status"]) == (0, "done"), written.err
        assert any("at most 3 passages, one after another" in note for note in written.result["notes"]), written.result[
            "notes"
        ]
        assert '"kind": "run.thrifty"' in written.err


async def test_two_workers_that_start_one_run_at_once_do_it_once(terminal: Terminal) -> None:
    running = terminal.start("write", "--brief", FERRY, "--json")
    wait_for_line(running, '"kind": "stage.started"')
    run = json.loads(terminal.run("runs", "--json").out)[0]["id"]
    second = await asyncio.to_thread(terminal.run, "resume", run, "--json")
    out, _err = await asyncio.to_thread(running.communicate)
    assert json.loads(out)["status"] == "done"
    assert (second.code, second.result["article_id"]) == (0, json.loads(out)["article_id"])
    assert json.loads(terminal.run("runs", "--json").out)[0]["attempts"] == 1
