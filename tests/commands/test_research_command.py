"""`aiwriter research` tells what is in the sources, keeps it, and writes nothing about it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aiwriter.commands.researching import as_data, in_words
from aiwriter.documents import Disagreement
from aiwriter.testing import sample_study
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
    ended = terminal.run(*asked)
    said, told = ended.result, [json.loads(line) for line in ended.err.splitlines()]
    assert [one["done"] for one in told if one["kind"] == "stage.progress"] == list(range(1, len(TEXTS) + 1))
    assert told[-1] == {"kind": "stage.started", "stage": "evidence"}
    passages = {item["passage"]["id"] for item in said["evidence"]["items"]}
    rows = said["evidence"]["coverage"]
    assert rows[1]["question"] == "The ferry Lanternfish: battery"
    assert rows[1]["answer"] in ("answered", "partly")
    assert {key for row in rows for key in row["passages"]} <= passages
    assert "The ferry Lanternfish: battery" in report.read_text(encoding="utf-8")
    (kept,) = terminal.run("research", "LANTERN", "--list", "--json").result
    assert (kept["id"], kept["status"]) == (said["id"], "done")


def test_a_place_that_is_no_search_is_refused_with_the_searches_there_are_and_nothing_is_kept(
    terminal: Terminal,
) -> None:
    said = terminal.run("research", "Night ferries", "-s", "foo:ferries")
    assert said.code == 2
    assert "searches are web:," in said.err
    assert terminal.run("research", "--list", "--json").result == []


def test_a_disagreement_is_told_once() -> None:
    found = sample_study().study
    assert found is not None
    (one,) = found.evidence.disagreements
    notes = (f"{Disagreement.NOTED}'A' says “9” ({one.one_sentence}) where 'B' says “11”", "hidden text removed")
    noted = found.model_copy(update={"evidence": found.evidence.model_copy(update={"notes": notes})})
    told = in_words(noted)
    assert "note: hidden text removed" in told
    assert sum(one.one_sentence in line for line in told) == 1


def test_one_of_anything_is_told_as_one() -> None:
    found = sample_study().study
    assert found is not None
    evidence = found.evidence.model_copy(
        update={"items": found.evidence.items[:1], "disagreements": (), "coverage": ()}
    )
    alone = found.model_copy(update={"evidence": evidence})
    assert in_words(alone)[0] == f"{found.topic}: 1 passage of {len(evidence.sources)} sources"


def test_an_engine_that_failed_is_told_to_people_and_programs() -> None:
    found = sample_study().study
    assert found is not None
    failed = "wikipedia, 'What did the ferries save?': wikipedia: no connection"
    assert f"searched: {failed}" in in_words(found)
    assert as_data(found)["searches"][1]["error"] == "wikipedia: no connection"
    again = found.model_copy(update={"searches": (found.searches[1],) * 3})
    (line,) = [one for one in in_words(again) if one.startswith("searched:")]
    assert line == "searched: wikipedia, 'What did the ferries save?' and 2 more: wikipedia: no connection"


def test_without_a_connection_the_study_failed_and_the_command_that_goes_on_is_told(terminal: Terminal) -> None:
    terminal.settings["AIWRITER_SEARCH__WIKIPEDIA_URL"] = "http://127.0.0.1:1"
    said = terminal.run("research", "Night ferries", "-s", "wikipedia:night ferries")
    assert said.code == 3
    (kept,) = terminal.run("research", "--list", "--json").result
    assert kept["status"] == "failed"
    assert f"aiwriter research --resume {kept['id']}" in said.err


def test_a_topic_that_no_source_mentions_is_refused_and_told_in_short(terminal: Terminal, sources: str) -> None:
    said = terminal.run("research", "Growing apples in the orchards of Brittany", "-s", sources)
    assert said.code == 1
    assert "say nothing about" in said.err
    (kept,) = terminal.run("research", "--list", "--json").result
    (row,) = terminal.run("research", "--list").out.splitlines()
    assert len(kept["reason"]) > 160
    assert row.endswith("…")
    shown = terminal.run("research", "--show", kept["id"])
    assert shown.code == 2
    assert f"was refused: {kept['reason']}" in shown.err.splitlines()[0]
    assert "next:  Try another topic" in shown.err
