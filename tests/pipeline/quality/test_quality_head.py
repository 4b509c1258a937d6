"""What stands above a text cites nothing and says only what the text says."""

from __future__ import annotations

import pytest

from aiwriter.documents import ArticleKind, Severity
from aiwriter.pipeline import formats
from aiwriter.pipeline.quality import head
from aiwriter.testing import sample_brief, sample_draft, sample_evidence

BRIEF, FORMAT = sample_brief(), formats.load("blog_post")


def found(kind=ArticleKind.ARTICLE, heading="", brief=BRIEF, **changes):
    draft = sample_draft(kind).model_copy(update=changes)
    if heading:
        first, *others = draft.sections
        draft = draft.model_copy(update={"sections": (first.model_copy(update={"heading": heading}), *others)})
    return head.check(draft, sample_evidence(), brief, FORMAT)


def test_the_lines_of_a_sound_article_pass():
    assert found().findings == ()


@pytest.mark.parametrize(
    "description",
    [
        "On the car deck the noise fell from 71 to 68 decibels.",
        "Three of the nine ships of Kestrel Sound Ferries now sail on batteries alone.",
        "Two of the nine ships of Harbour Line now sail on batteries alone.",
        "Quiet ships please the town. Complaints dropped from 43 to 60 within a year.",
    ],
)
def test_a_description_that_says_otherwise_than_the_text_is_named_and_needs_a_person(description):
    result = found(description=description)
    assert [finding.rule for finding in result.findings] == ["head.untrue"]
    assert "description" in result.findings[0].message
    assert len(result.revisions) == 1


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Two of nine ships sail on batteries.",
        "Complaints about noise fell from 43 to 6.",
        "What batteries brought.",
    ],
)
def test_a_description_in_other_words_passes(description):
    assert found(description=description).findings == ()


@pytest.mark.parametrize("line", ["heading", "title"])
def test_a_title_or_heading_with_a_figure_that_stands_nowhere_is_an_error_and_needs_a_person(line):
    assert found(**{line: "Noise: 71 to 58 decibels"}).findings == ()
    false = found(**{line: "Noise: 71 to 85 decibels"})
    assert [(one.rule, one.severity) for one in false.findings] == [("head.untrue", Severity.ERROR)]
    assert false.revisions == (f"The {line} says what the text does not.",)


def test_a_word_that_neither_text_nor_sources_nor_brief_have_is_named():
    strange = found(heading="Kestrel Sound and its thieving captains")
    assert [(one.rule, one.severity) for one in strange.findings] == [("head.strange", Severity.WARN)]
    assert "“thieving”" in strange.findings[0].message
    assert strange.revisions == ()


def test_what_a_heading_counts_itself_is_no_fault():
    assert found(heading="Three lessons of the fleet").findings == ()
    assert found(heading="Why it matters").findings == ()


def test_a_title_may_repeat_what_was_asked_for():
    asked = BRIEF.model_copy(update={"topic": "Seven lessons from Kestrel Sound for 2031"})
    assert found(title="Seven lessons from Kestrel Sound for 2031", brief=asked).findings == ()
    assert len(found(title="Seven lessons from Kestrel Sound for 2031").findings) == 1


def test_the_lines_of_a_digest_may_say_what_stands_above_its_passages_and_how_many_sources_it_has():
    assert found(ArticleKind.DIGEST).findings == ()
    evidence = sample_evidence()
    headings = {"headings": ("Match and second half, 1999",)}
    items = tuple(
        item.model_copy(update={"passage": item.passage.model_copy(update=headings)}) for item in evidence.items
    )
    draft = sample_draft(ArticleKind.DIGEST)
    count = len({item.passage.source_hash for item in items})
    draft = draft.model_copy(update={"title": headings["headings"][0], "description": f"What {count} sources say"})
    assert head.check(draft, evidence.model_copy(update={"items": items}), BRIEF, FORMAT).findings == ()
    assert found(ArticleKind.DIGEST, heading="Kestrel Sound and its thieving captains").findings == ()


@pytest.mark.parametrize("line", ["heading", "title", "description"])
def test_a_line_of_a_digest_with_a_figure_that_stands_nowhere_is_an_error_since_a_person_may_have_written_it(line):
    false = found(ArticleKind.DIGEST, **{line: "The ferries of Kestrel Sound sank in 1850"})
    assert [(one.rule, one.severity) for one in false.findings] == [("head.untrue", Severity.ERROR)]
