"""A figure on which sources disagree is told with the other one, or it is a finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from aiwriter.documents import Brief, Draft, Evidence, Verdict
from aiwriter.pipeline import quality
from aiwriter.pipeline.disagreements import disagreements
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import contradictions
from aiwriter.pipeline.quality.result import CheckResult

SLOW = "The ferry Heron sails at 9 knots at night to save its batteries."
FAST = "At night the ferry Heron sails at 11 knots and saves its batteries."
MONEY = "The harbour of Vell was rebuilt for 3.4 million crowns."
Given = tuple[str, Sequence[int]]


MINUTES = "The harbour cooperative of Vell: minutes of the ordinary members' meeting"


@pytest.fixture
def sources(evidence) -> Evidence:
    """Two sources that disagree on knots, and one of money."""
    made = evidence(SLOW, FAST, MONEY, titles=("The timetable", MINUTES, "The budget"))
    return made.model_copy(update={"disagreements": tuple(disagreements(made.items))})


def judged(
    draft, sources: Evidence, brief: Brief, fmt: Format, *sections: Sequence[Given]
) -> tuple[Draft, CheckResult]:
    ids = [item.passage.id for item in sources.items]
    made = draft(*[[(text, [ids[n] for n in cited]) for text, cited in section] for section in sections])
    return made, contradictions.check(made, sources, brief, fmt)


def dated(sources: Evidence, *years: int) -> Evidence:
    refs = [
        ref.model_copy(update={"published_at": datetime(year, 5, 1, tzinfo=UTC)})
        for ref, year in zip(sources.sources, years, strict=False)
    ]
    return sources.model_copy(update={"sources": tuple(refs) + sources.sources[len(refs) :]})


def test_a_contested_figure_told_as_undisputed_is_named_with_both_values_both_sources_and_a_fix(
    draft, sources, brief, fmt
):
    text = "By night the Heron goes at 9 knots, which saves its batteries."
    made, result = judged(draft, sources, brief, fmt, [(text, [0])])
    (found,) = result.findings
    assert (found.rule, found.sentence_id) == ("contradictions.untold", made.sentences[0].id)
    assert text[slice(*found.span)] == "9 knots"
    assert "“9 knots” in “The timetable”" in found.message
    assert f"“11 knots” in “{MINUTES[:56]}…”" in found.message  # cut at a word
    assert "“9 knots” and “11 knots”" in found.fix
    assert result.score == 0.0
    assert [reason.partition("; ")[2] for reason in result.revisions] == ["the format allows none."]


@pytest.mark.parametrize(
    "section",
    [
        [("By night the Heron sails at 9 or, says the log book, 11 knots.", [0, 1])],
        [("The Heron sails at 9 knots at night.", [0]), ("The log book has the ferry at 11 knots at night.", [1])],
        [("At night the Heron sails at 9 knots, though sources differ.", [0, 1])],
    ],
)
def test_it_is_told_by_the_other_figure_beside_it_or_by_a_wording_of_disagreement_with_both_sources(
    draft, sources, brief, fmt, section
):
    result = judged(draft, sources, brief, fmt, section)[1]
    assert (result.findings, result.score, result.revisions) == ((), 100.0, ())


@pytest.mark.parametrize(
    "sections",
    [
        [[("At night the Heron sails at 9 knots, though sources differ.", [0])]],  # cites one of them alone
        [[("The Heron sails at 9 knots at night.", [0])], [("At night the Heron sails at 11 knots.", [1])]],
        [[("The Heron sails at 9 knots at night.", [0]), ("A gull flies at 11 knots.", [])]],
    ],
)
def test_a_wording_without_both_sources_or_the_other_figure_elsewhere_does_not_tell_it(
    draft, sources, brief, fmt, sections
):
    assert judged(draft, sources, brief, fmt, *sections)[1].findings


def test_what_is_not_contested_is_not_measured(draft, sources, brief, fmt):
    section = [(MONEY, [2]), ("The crew of the Heron counts 9 people.", [2])]
    result = judged(draft, sources, brief, fmt, section)[1]
    assert (result.score, result.findings) == (None, ())


def test_what_a_newer_version_replaces_disagrees_with_nobody(draft, sources, brief, fmt):
    old = sources.model_copy(update={"superseded": (sources.items[1].passage.source_hash,)})
    assert judged(draft, old, brief, fmt, [(SLOW, [0])])[1].score is None


def test_a_figure_told_with_the_year_for_which_its_source_holds_is_told(draft, sources, brief, fmt):
    told = "In 2021 the Heron sailed at 9 knots at night."
    assert not judged(draft, dated(sources, 2021, 2024), brief, fmt, [(told, [0])])[1].findings
    assert judged(draft, dated(sources, 2021, 2021), brief, fmt, [(told, [0])])[1].findings


def test_the_verdict_asks_for_a_revision_above_the_number_that_the_format_allows(draft, sources, brief, fmt):
    made = judged(draft, sources, brief, fmt, [(SLOW, [0])])[0]
    lenient = fmt.model_copy(update={"thresholds": fmt.thresholds.model_copy(update={"contested_max": 1})})
    for allowed, reasons in ((fmt, 1), (lenient, 0)):
        report = quality.judge(made, sources, brief, allowed, [contradictions.check])
        assert sum("disagree" in reason for reason in report.reasons) == reasons
    assert quality.judge(made, sources, brief, fmt).verdict is not Verdict.PASS
