"""`write --estimate` says what a run would take, and starts nothing."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner, Result

from aiwriter.cli import app
from aiwriter.testing.terminal import ROOT

BATCH = str(ROOT / "examples" / "briefs" / "two.csv")
NOTES = str(ROOT / "examples" / "sources" / "faq.md")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_paid_model_is_estimated_within_the_cap_and_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("AIWRITER_OPENAI__INPUT_USD", "1000")
    monkeypatch.setenv("AIWRITER_OPENAI__OUTPUT_USD", "1000")
    asked = ["write", "Night ferries", "-s", NOTES, "--model", "openai:any", "--budget", "30", "--estimate"]
    told = json.loads(run(*asked, "--json").stdout)
    assert told["model"] == "openai:any"
    assert 3 < told["fewest_calls"] < told["model_calls"] < told["most_calls"]
    assert 0 < Decimal(told["likely_usd"]) <= Decimal(told["most_usd"]) == 30
    shown = run(*asked).stdout
    assert "$30.0000 at most" in shown
    assert f"{told['fewest_calls']} to {told['most_calls']} depending on rewriting" in shown
    assert json.loads(run("runs", "--json").stdout) == []
    short = run(*asked[:-3], "--budget", "0.5", "--estimate").stdout
    assert ("of which the budgets allow $0.5000" in short, "at most" in short) == (True, False)


def test_what_cannot_be_written_cannot_be_estimated() -> None:
    refused = run("write", "Night ferries", "-s", "no/such/file.md", "--estimate")
    assert refused.exit_code == 2
    assert "no/such/file.md" in refused.stderr


def test_a_model_whose_context_is_too_small_is_refused_before_a_run_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("AIWRITER_OPENAI__CONTEXT_TOKENS", "1024")
    wish = ("write", "Night ferries", "-s", NOTES, "--model")
    told = [run(*wish, "openai:any"), run("batch", BATCH, "--model", "openai:any")]
    monkeypatch.setenv("AIWRITER_CHEAPER_MODEL", "openai:any")
    monkeypatch.setenv("AIWRITER_GEMINI__BASE_URL", "http://127.0.0.1:9")
    told.append(run(*wish, "gemini:any"))
    for refused in told:
        assert (refused.exit_code, "openai:any holds 1,024 tokens" in refused.stderr) == (2, True), refused.output
    assert json.loads(run("runs", "--json").stdout) == []
