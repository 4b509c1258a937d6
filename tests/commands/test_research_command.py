"""`aiwriter research` tells what is in the sources, keeps it, and writes nothing about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aiwriter.testing.terminal import TEXTS, Terminal


@pytest.fixture
def sources(tmp_path: Path) -> str:
    """A folder of documents that are read as they are."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for text in TEXTS:
        shutil.copy(text, folder)
    return str(folder)


def test_a_topic_is_looked_into_without_a_run(terminal: Terminal, sources: str) -> None:
    said = terminal.run("research", "How the ferry Lanternfish is run on Ostrel", "-s", sources)
    assert said.code == 0, said.err
    assert "Sallow Bay (" in said.out
    assert "answered" in said.out
    assert "fact-sheet-2025.md" in said.out
    assert f"read {len(TEXTS)} of {len(TEXTS)}" in said.err
    assert terminal.run("runs", "--json").result == []


def test_json_has_the_passages_behind_every_answer_and_the_study_is_kept(
    terminal: Terminal, sources: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    asked = ("research", "The ferry Lanternfish", "-s", sources, "--keyword", "battery", "--out", str(report), "--json")
    said = terminal.run(*asked).result
    passages = {item["passage"]["id"] for item in said["evidence"]["items"]}
    rows = said["evidence"]["coverage"]
    assert rows[1]["question"] == "The ferry Lanternfish: battery"
    assert rows[1]["answer"] in ("answered", "partly")
    assert {key for row in rows for key in row["passages"]} <= passages
    assert "The ferry Lanternfish: battery" in report.read_text(encoding="utf-8")
    (kept,) = terminal.run("research", "LANTERN", "--list", "--json").result
    assert (kept["id"], kept["status"]) == (said["id"], "done")


def test_a_topic_that_no_source_mentions_is_refused(terminal: Terminal, sources: str) -> None:
    said = terminal.run("research", "Growing apples in the orchards of Brittany", "-s", sources)
    assert said.code == 1
    assert "say nothing about" in said.err
