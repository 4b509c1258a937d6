"""Coherence sees what no other part does: sentences out of their place, and a section off the subject."""

from __future__ import annotations

import random

import pytest

from aiwriter.documents import ArticleKind, Draft, Paragraph, Section, Sentence
from aiwriter.pipeline import formats, quality
from aiwriter.pipeline.quality import coherence
from aiwriter.testing import sample_brief, sample_draft, sample_evidence

STRANGER = (
    "Sourdough rises because wild yeast ferments sugars in flour.",
    "A baker folds the dough every half hour until the gluten stretches.",
    "The oven must be preheated with a cast iron pot inside.",
)


def measured(draft: Draft) -> float:
    score = coherence.check(draft, sample_evidence(), sample_brief(), formats.load("blog_post")).score
    assert score is not None
    return score


def off_topic(draft: Draft, citing: tuple[str, ...] = ()) -> Draft:
    paragraph = Paragraph(sentences=tuple(Sentence(text=text, citations=citing) for text in STRANGER))
    section = Section(heading="Bread", paragraphs=(paragraph,))
    return draft.model_copy(update={"sections": (*draft.sections, section)})


def shuffled(draft: Draft, seed: int) -> Draft:
    sentences = list(draft.sentences)
    random.Random(seed).shuffle(sentences)
    rest = iter(sentences)
    sections = tuple(
        Section(heading=s.heading, paragraphs=(Paragraph(sentences=tuple(next(rest) for _ in s.sentences)),))
        for s in draft.sections
    )
    return draft.model_copy(update={"sections": sections})


def test_a_section_off_the_subject_is_found_and_lowers_the_score():
    draft = sample_draft()
    worse = off_topic(draft)
    assert measured(worse) < measured(draft)
    report = quality.judge(worse, sample_evidence(), sample_brief(), formats.load("blog_post"))
    assert [f.sentence_id for f in report.findings if f.rule == "coherence.off_topic"] == [
        worse.sections[-1].sentences[0].id
    ]


def test_a_section_that_shares_no_source_either_costs_more():
    draft = sample_draft()
    shared = next(sentence.citations for sentence in draft.sentences if sentence.citations)
    assert measured(off_topic(draft)) < measured(off_topic(draft, shared))


def test_an_article_on_its_subject_has_no_such_finding():
    found = coherence.check(sample_draft(), sample_evidence(), sample_brief(), formats.load("blog_post")).findings
    assert found == ()


def test_sentences_out_of_their_place_lower_the_score_in_the_mean():
    draft = sample_draft()
    falls = [measured(draft) - measured(shuffled(draft, seed)) for seed in range(20)]
    assert sum(falls) / len(falls) > 1


@pytest.mark.parametrize("kind", list(ArticleKind))
def test_one_section_alone_is_not_measured(kind):
    draft = sample_draft(kind)
    alone = draft.model_copy(update={"sections": draft.sections[:1]})
    assert coherence.check(alone, sample_evidence(), sample_brief(), formats.load("blog_post")).score is None
