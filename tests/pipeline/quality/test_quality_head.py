"""What stands above a text cites nothing and says only what the text says."""

from __future__ import annotations

import pytest

from aiwriter.documents import ArticleKind
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


def test_a_heading_with_a_figure_that_stands_nowhere_is_named():
    assert len(found(heading="Noise: 71 to 58 decibels").findings) == 0
    false = found(heading="Noise: 71 to 85 decibels")
    assert len(false.findings) == 1
    assert false.revisions == ()


def test_a_title_may_repeat_what_was_asked_for():
    asked = BRIEF.model_copy(update={"topic": "Seven lessons from Kestrel Sound for 2031"})
    assert found(title="Seven lessons from Kestrel Sound for 2031", brief=asked).findings == ()
    assert len(found(title="Seven lessons from Kestrel Sound for 2031").findings) == 1


def test_of_a_digest_no_line_is_judged_for_no_model_wrote_it():
    assert found(ArticleKind.DIGEST, description="What 99 sources say").findings == ()


def test_a_description_that_the_text_does_not_bear_gives_way_to_a_sentence_of_it():
    sound = sample_draft(ArticleKind.ARTICLE)
    false = sound.model_copy(update={"description": "The noise fell from 71 to 68 decibels on the car deck."})
    *_, last = (one for one in sound.sentences if len(one.text) <= 160)
    assert head.vouched_for(sound, BRIEF, 160, {last.id}) == sound.description
    assert head.vouched_for(false, BRIEF, 160, {last.id}) == last.text
    assert head.vouched_for(false, BRIEF, 10, {last.id}) == ""
