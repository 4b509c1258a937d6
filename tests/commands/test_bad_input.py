"""What a user gets wrong is refused in one clear line with the next step, before work begins, without a traceback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiwriter.cli import app
from aiwriter.testing.terminal import ROOT

NOTES = str(ROOT / "examples" / "sources" / "faq.md")
BATCH = str(ROOT / "examples" / "briefs" / "two.csv")
WRITE = ["write", "Night ferries", "--source", NOTES]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def assert_refused(result: Result, code: int = 2) -> None:
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert [line.split(":")[0] for line in lines[-2:]] == ["error", "next"], result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["write"],
        ["write", "Night ferries"],
        ["write", "Night ferries", "--source", "no/such/file.md"],
        ["write", "Night ferries", "--source", ""],
        ["research", "Night ferries", "--source", " "],
        ["write", "--brief", "no/such/brief.toml"],
        [*WRITE, "--words", "0"],
        [*WRITE, "--words", "-5"],
        [*WRITE, "--format", "haiku"],
        [*WRITE, "--language", "English"],
        [*WRITE, "--model", "opanai:gpt"],
        [*WRITE, "--model", "offline:everything"],
        [*WRITE, "--model", "openai:gpt-4.1-mini"],
        [*WRITE, "--budget", "lots"],
        [*WRITE, "--out", "/proc/nowhere"],
        ["resume", "00000000"],
        ["show", "no-such-article"],
        ["show", "no-such-article", "--as", "docx"],
        ["edit", "no-such-article"],
        ["search", "  "],
        ["check", "no/such/text.md", "--source", NOTES],
        ["check", NOTES],
        ["runs", "--watch"],
    ],
    ids=" ".join,
)
def test_it_is_refused_in_words(words: list[str]) -> None:
    assert_refused(run(*words))


@pytest.mark.parametrize("words", [WRITE, [*WRITE, "--estimate"], ["batch", BATCH]], ids=" ".join)
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AIWRITER_MODEL", "foo:bar"),
        ("AIWRITER_CHECKING_MODEL", "foo:bar"),
        ("AIWRITER_CHECKING_MODEL", "offline:extractive"),
        ("AIWRITER_CHECKING_MODEL", "huggingface-nli:no/such/folder"),
        ("AIWRITER_CHEAPER_MODEL", "openai:a, foo:bar"),
        ("AIWRITER_CHEAPER_MODEL", "offline:extractive"),
        ("AIWRITER_EMBEDDER", "foo:bar"),
    ],
)
def test_a_setting_that_names_no_model_is_named_before_work_begins(
    words: list[str], variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv(variable, value)
    result = run(*words)
    assert_refused(result)
    assert variable in result.stderr
    assert json.loads(run("runs", "--json").stdout) == []


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert_refused(run("write", "Night ferries", "--source", str(tmp_path)))


def test_nothing_is_stored_of_what_was_refused() -> None:
    run(*WRITE, "--format", "haiku")
    assert json.loads(run("runs", "--json").stdout) == []


@pytest.mark.parametrize("words", [WRITE, ["batch", BATCH]], ids=["write", "batch"])
def test_where_nothing_can_carry_a_run_none_is_stored(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a bare wheel: it would wait for ever, or be written by the first worker that comes to this home."""
    monkeypatch.setenv("AIWRITER_LAUNCHER", "nowhere:Launcher")
    result = run(*words)
    assert_refused(result)
    assert "cannot be loaded" in result.stderr
    assert json.loads(run("runs", "--json").stdout) == []


def test_a_near_miss_is_answered_with_the_right_name() -> None:
    assert "blog_post" in run(*WRITE, "--format", "blogpost").stderr


def test_a_missing_key_names_the_variable_and_the_way_on_without_one() -> None:
    said = run(*WRITE, "--model", "openai:gpt-4.1-mini").stderr
    assert "OPENAI_API_KEY" in said
    assert "offline:extractive" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("AIWRITER_BUDGET_USD", "-1"), ("AIWRITER_EMBEDDER", "magic"), ("AIWRITER_DATABASE_URL", "oracle://x/y")],
)
def test_a_setting_that_cannot_be_used_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert_refused(run(*WRITE))


def test_a_database_to_copy_from_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.db"
    assert_refused(run("migrate", "--from", f"sqlite:///{nowhere}"))
    assert not nowhere.exists()


def test_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    run("migrate")
    file = tmp_path / "home" / "aiwriter.db"
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_of_the_future'")
    database.close()
    assert_refused(run("articles"))


def test_json_tells_the_same_in_one_object() -> None:
    result = run(*WRITE, "--format", "haiku", "--json")
    told = json.loads(result.stdout)
    assert (told["status"], told["error"]) == ("error", "BadInput")
    assert told["hint"]
