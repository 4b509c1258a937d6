"""The verdict: the score is the weighted mean of what was measured, and thresholds refuse."""

from __future__ import annotations

import pytest

from aiwriter.documents import ArticleKind, Support, Verdict
from aiwriter.pipeline import formats, quality
from aiwriter.pipeline.quality.result import CheckResult
from aiwriter.testing import sample_brief, sample_draft, sample_evidence


def judge(kind: ArticleKind, **changes):
    draft = sample_draft(kind).model_copy(update=changes)
    return quality.judge(draft, sample_evidence(), sample_brief(), formats.load("blog_post"))


def test_the_score_is_the_weighted_mean_of_its_parts():
    report = judge(ArticleKind.ARTICLE)
    assert sum(part.weight for part in report.parts) == pytest.approx(1, abs=0.001)
    assert report.score == pytest.approx(sum(part.score * part.weight for part in report.parts), abs=0.1)


def test_a_digest_of_quotations_is_supported_throughout():
    brief = sample_brief().model_copy(update={"words": 200})
    draft = sample_draft(ArticleKind.DIGEST)
    report = quality.judge(draft, sample_evidence(), brief, formats.load("blog_post"))
    assert {verdict.support for verdict in report.sentences} == {Support.SUPPORTED}
    assert report.verdict is Verdict.PASS


def test_a_sentence_that_claims_more_than_its_passage_is_not_supported():
    draft = sample_draft()
    claim = next(sentence for sentence in draft.sentences if "any northern harbour" in sentence.text)
    verdicts = {verdict.sentence_id: verdict.support for verdict in judge(ArticleKind.ARTICLE).sentences}
    assert verdicts[claim.id] is not Support.SUPPORTED


def test_judging_twice_gives_the_same_report():
    assert judge(ArticleKind.ARTICLE) == judge(ArticleKind.ARTICLE)


def test_part_without_measure_weighs_nothing_and_a_refusal_outweighs_every_score(draft, evidence, brief, fmt):
    checks = (
        lambda *_: CheckResult("support", 100),
        lambda *_: CheckResult("quotations", None),
        lambda *_: CheckResult("length", 100, refusals=("Too short.",), revisions=("Longer.",)),
    )
    report = quality.judge(draft(["Text."]), evidence("Text."), brief, fmt, checks)
    assert (report.verdict, report.score, report.reasons) == (Verdict.REFUSE, 100, ("Too short.",))
    assert [part.name for part in report.parts] == ["support", "length"]


def test_a_low_score_asks_for_revision(draft, evidence, brief, fmt):
    report = quality.judge(draft(["Text."]), evidence("Text."), brief, fmt, (lambda *_: CheckResult("support", 40),))
    assert report.verdict is Verdict.REVISE


def test_a_false_quotation_makes_its_sentence_unsupported(draft, evidence, brief, fmt):
    given = evidence("The harbour master reported that complaints about noise had fallen from 43 to 6 in a year.")
    text = "The harbour master reported that “complaints about noise had risen” and had fallen from 43 to 6 in a year."
    written = draft([(text.replace("risen”", "risen by far”"), [given.items[0].passage.id])])
    assert quality.judge(written, given, brief, fmt).sentences[0].support is Support.UNSUPPORTED


def test_an_empty_draft_is_refused_and_breaks_nothing(draft, evidence, brief, fmt):
    assert quality.judge(draft(), evidence("Text."), brief, fmt).verdict is Verdict.REFUSE
