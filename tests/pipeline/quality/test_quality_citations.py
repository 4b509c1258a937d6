"""Citations resolve, and factual sentences have one."""

from __future__ import annotations

from aiwriter.pipeline.quality import citations


def rules(result):
    return [finding.rule for finding in result.findings]


def test_a_citation_of_a_given_passage_is_fine(draft, evidence, brief, fmt):
    given = evidence("The ship carries 132 passengers.")
    key = given.items[0].passage.id
    result = citations.check(draft([("It carries 132 passengers.", [key])]), given, brief, fmt)
    assert (result.score, result.findings, result.refusals) == (100, (), ())


def test_one_unknown_citation_refuses_the_draft(draft, evidence, brief, fmt):
    written = draft([("It carries 132 passengers.", ["0123456789abcdef"])])
    result = citations.check(written, evidence("Some text."), brief, fmt)
    assert rules(result) == ["citations.unknown"]
    assert "none is allowed" in result.refusals[0]


def test_a_factual_sentence_without_citation_lowers_the_score_and_is_named(draft, evidence, brief, fmt):
    given = evidence("The ship carries 132 passengers.")
    key = given.items[0].passage.id
    written = draft([("It carries 132 passengers.", [key]), "It cost 21 million crowns.", "It is lovely."])
    result = citations.check(written, given, brief, fmt)
    assert (result.score, rules(result)) == (50, ["citations.missing"])
    assert result.refusals
    assert result.revisions


def test_questions_and_opinions_need_no_citation(draft, evidence, brief, fmt):
    result = citations.check(draft(["A ferry without noise takes getting used to."]), evidence("Text."), brief, fmt)
    assert (result.score, result.findings) == (100, ())


def test_a_superseded_source_is_named(draft, evidence, brief, fmt):
    given = evidence("The ship carries 148 passengers.", superseded=True)
    written = draft([("It carries 148 passengers.", [given.items[0].passage.id])])
    assert rules(citations.check(written, given, brief, fmt)) == ["citations.superseded"]
