"""The end of a run for people."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter.commands.console import beginnings, fitted, run_report, run_result, table
from aiwriter.documents import ArticleKind, Run, RunStatus, SearchRecord
from aiwriter.testing import sample_article, sample_brief, sample_facts


def report(cost: str, estimated: str | None, unknown: int = 0, each: str = "0.005", calls: int = 6) -> str:
    run = Run(brief=sample_brief(), model="openai:x", embedder="minilm", status=RunStatus.FAILED)
    facts = sample_facts(
        run,
        cost_usd=Decimal(cost),
        estimated_usd=Decimal(estimated) if estimated else None,
        model_calls=calls,
        unknown_calls=unknown,
        unknown_usd=Decimal(each) * unknown,
    )
    return run_report(run_result(run, None, facts, {}, ()))


def test_what_was_estimated_stands_beside_what_it_cost() -> None:
    assert "$0.0120 in 6 model calls; $0.0150 was estimated" in report("0.012", "0.015")


def test_who_wrote_it_is_told_where_that_is_not_what_was_asked_for() -> None:
    article = sample_article()
    asked, wrote = f"openai:away, {article.provenance.model}", article.provenance.model
    for model, told in ((asked, f"written by {wrote}; asked for was {asked}"), (wrote, "")):
        run = Run(brief=sample_brief(), model=model, embedder="minilm", status=RunStatus.DONE)
        shown = run_report(run_result(run, article, None, {}, ()))
        assert (told in shown, "written by" in shown) == (True, bool(told))


def test_a_run_that_asked_no_model_counts_no_calls() -> None:
    assert "cost       $0.0006\n" in report("0.0006", None, calls=0)


def test_the_part_of_the_cost_that_nobody_knows_is_told_as_unknown() -> None:
    assert "$0.0100 of it is an upper bound for 2 calls" in report("0.012", "0.015", unknown=2)
    assert "unknown" not in report("0.012", "0.015")


def test_of_a_call_without_a_price_no_bound_is_told() -> None:
    told = report("0", None, unknown=1, each="0")
    assert "unknown    1 call cut off before an answer came, at no price" in told
    assert "upper bound" not in told


@pytest.mark.parametrize("estimated", ["0", None])
def test_nothing_is_said_of_an_estimate_of_nothing(estimated: str | None) -> None:
    assert "was estimated" not in report("0", estimated)


def test_what_was_searched_stands_in_the_report_with_what_came_of_it() -> None:
    run = Run(brief=sample_brief(), model="openai:x", embedder="minilm", status=RunStatus.REFUSED)
    searches = (
        SearchRecord(engine="wikipedia", query="night ferries", hits=3, used=2),
        SearchRecord(engine="tavily", query="night ferries", error="tavily: it refuses the key"),
    )
    result = run_result(run, None, None, {}, (), searches)
    assert [search["used"] for search in result["searches"]] == [2, 0]
    told = run_report(result)
    assert "  searched   wikipedia, 'night ferries': 3 found, 2 kept" in told
    assert "  searched   tavily, 'night ferries': tavily: it refuses the key" in told


def test_a_line_that_is_too_long_for_the_terminal_runs_on_under_its_column() -> None:
    line = "  note       one two three four five six"
    assert fitted(line, 30) == "  note       one two three\n             four five six"
    assert fitted("not a column at all, only a text", 20) == "not a column at all,\n  only a text"
    path = "  page       /a/very/long/path/that/is/to/be/copied.html"
    assert fitted(path, 30).split() == path.split()
    command = "  aiwriter approve 01a21d74-dfa0-70e7-862b-e97722651909 --to outline.json"
    assert fitted(command, 30) == command


def test_ids_are_listed_as_far_as_it_takes_to_tell_them_apart() -> None:
    one, two = UUID("01a21d74-dfa0-70e7-862b-e97722651909"), UUID("01a21d74-dfa0-70e8-862b-e97722651909")
    assert beginnings([one, one]) == ["01a21d74-dfa0"] * 2
    assert beginnings([one, two]) == ["01a21d74-dfa0-70e7", "01a21d74-dfa0-70e8"]


def test_a_digest_says_how_it_is_approved() -> None:
    article = sample_article(ArticleKind.DIGEST)
    run = Run(brief=sample_brief(), model="offline:extractive", embedder="minilm", status=RunStatus.DONE)
    told = run_report(run_result(run, article, None, {}, ()))
    assert told.endswith(f"  aiwriter approve {article.id}")
    assert "needs approval" in told


def test_a_row_of_a_table_is_a_line_whatever_a_topic_holds() -> None:
    """The API takes topics with line ends."""
    shown = table([["1a2b", "Night\nferries\tof  Ostrel"]], ["run", "topic"])
    assert shown.splitlines() == ["run   topic", "1a2b  Night ferries of Ostrel"]
