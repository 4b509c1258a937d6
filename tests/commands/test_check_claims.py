"""`check --claims`: lines of claims in, lines of verdicts out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiwriter.cli import app

SOURCE = "The Lanternfish was built in Torvick and delivered on 3 June 2020. She is licensed for 132 passengers."
TRUE = "She is licensed for 132 passengers [2]."
FALSE = "She is licensed for 148 passengers."


def check(*claims: dict[str, object], words: tuple[str, ...] = ()) -> Result:
    lines = "\n".join(json.dumps(claim) for claim in claims)
    return CliRunner().invoke(app, ["check", "--claims", "-", *words], input=lines)


def line(identity: object, claim: str, *sources: str) -> dict[str, object]:
    return {"id": identity, "claim": claim, "sources": sources, "label": "of the exam"}


def test_each_line_is_answered_by_one_in_the_same_order() -> None:
    done = check(line("a", TRUE, SOURCE), line(2, FALSE, SOURCE), line("c", TRUE))
    given = [json.loads(answer) for answer in done.stdout.splitlines()]
    assert [(answer["id"], answer["outcome"]) for answer in given] == [
        ("a", "supported"),
        (2, "unsupported"),
        ("c", "unsupported"),
    ]
    assert given[1]["findings"][0]["rule"] == "support.number"
    start, end = given[1]["findings"][0]["span"]
    assert FALSE[start:end] == "148"
    assert done.exit_code == 1
    assert "1 supported, 2 unsupported" in done.stderr


def test_what_is_supported_ends_with_zero_and_goes_into_a_file(tmp_path: Path) -> None:
    done = check(line(1, TRUE, SOURCE), words=("--out", str(tmp_path / "verdicts.jsonl")))
    written = json.loads((tmp_path / "verdicts.jsonl").read_text())
    assert (done.exit_code, done.stdout) == (0, "")
    assert set(written) == {"id", "outcome", "probability", "findings"}


@pytest.mark.parametrize(
    "bad", ['{"id": 1,', '{"id": 1, "claim": "So."}', '{"id": 1, "claim": " ", "sources": []}', "[]"]
)
def test_a_bad_line_is_named_before_anything_is_checked(tmp_path: Path, bad: str) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text(json.dumps(line(1, TRUE, SOURCE)) + "\n\n" + bad)
    done = CliRunner().invoke(app, ["check", "--claims", str(file)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: line 3 cannot be used" in done.stderr


@pytest.mark.parametrize("words", [("text.md",), ("--source", "notes.md"), ("--out", "/proc/nowhere/file")])
def test_what_does_not_go_together_is_refused(words: tuple[str, ...]) -> None:
    done = check(line(1, TRUE, SOURCE), words=words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "next:" in done.stderr


GERMAN_MEMBERS = "Die Genossenschaft hat heute 1250 Mitglieder, und sie ist nicht die einzige."
GERMAN = "Die Genossenschaft hatte in dem Jahr einen Umsatz von 1.200.000 Euro, und sie ist nicht die einzige."


def test_a_claim_is_read_in_its_own_language_or_that_of_its_sources() -> None:
    claim = line(1, "Die Genossenschaft hatte einen Umsatz von 1,2 Millionen Euro.", GERMAN)
    short = line(2, "Umsatz: 1,2 Millionen Euro", GERMAN)
    told = [json.loads(answer) for answer in check(claim, short).stdout.splitlines()]
    assert [[one["rule"] for one in answer["findings"] if one["rule"] == "support.number"] for answer in told] == [
        [],
        [],
    ]
    claim, short = (line(n, "Die Genossenschaft hat 1.250 Mitglieder.", GERMAN_MEMBERS) for n in (1, 2))
    forced = [
        json.loads(answer)
        for answer in check({**claim, "language": "en"}, short, words=("--language", "en")).stdout.splitlines()
    ]
    assert [answer["findings"][0]["rule"] for answer in forced] == ["support.number", "support.number"]


@pytest.mark.parametrize("words", [("--language", "German"), ()])
def test_what_is_no_language_is_refused(words: tuple[str, ...]) -> None:
    done = check({**line(1, TRUE, SOURCE), **({} if words else {"language": "German"})}, words=words)
    assert done.exit_code == 2
    assert "German" in done.stderr
    assert "such as en or de" in done.stderr


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"id": 1, "claim": "So.", "sources": "a text"}', '“sources” is "a text": give a list of texts'),
        ('{"id": 1, "claim": "So.", "sources": ["a", 2]}', "“sources” has 2 at place 2: give a list of texts"),
        ('{"id": null, "claim": "So.", "sources": []}', "“id” is null: give a text or a whole number"),
        ('{"id": 1, "sources": []}', "it has no “claim”: give a text"),
        ("[1]", "it is [1], not an object"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_plain_words(bad: str, said: str) -> None:
    done = CliRunner().invoke(app, ["check", "--claims", "-"], input=bad)
    assert done.exit_code == 2
    assert f"error: line 1 cannot be used: {said}" in done.stderr


@pytest.mark.parametrize("nothing", ["", "\n\n", "\ufeff"])
def test_no_claims_at_all_are_refused_since_something_before_must_have_failed(nothing: str) -> None:
    done = CliRunner().invoke(app, ["check", "--claims", "-"], input=nothing)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "standard input is empty" in done.stderr


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text(json.dumps(line(1, TRUE, SOURCE)), encoding="utf-8-sig")
    assert CliRunner().invoke(app, ["check", "--claims", str(file)]).exit_code == 0


def test_with_json_one_object_closes_the_verdicts_and_nothing_else_is_said_in_words() -> None:
    done = check(line("a", TRUE, SOURCE), line("b", FALSE, SOURCE), words=("--json",))
    *verdicts, closing = map(json.loads, done.stdout.splitlines())
    assert [verdict["id"] for verdict in verdicts] == ["a", "b"]
    assert closing == {"claims": 2, "counts": {"supported": 1, "unsupported": 1}, "verdicts": "-"}
    assert all(json.loads(said)["kind"] for said in done.stderr.splitlines())
