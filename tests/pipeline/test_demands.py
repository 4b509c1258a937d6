"""Every limit of a format's file is rendered, from there, for people and for models."""

from __future__ import annotations

import pytest

from aiwriter.pipeline import demands, formats
from aiwriter.pipeline.prompts import TRUSTED_SHOWN

# What a writing model is not told here: that it is told with the sources (contradictions, citations), or asked in other
# words by the prompt itself (length, sections, one fact once), or cannot be judged from within a section.
NOT_TOLD_IN_A_SECTION = {"length", "structure", "citations", "support", "contradictions", "repetition", "coherence"}
NOT_TOLD_IN_A_SECTION |= {"language", "openings", "defects", "private", "voice", ""}


@pytest.mark.parametrize("name", formats.names())
def test_every_limit_of_the_file_stands_in_a_row_and_every_part_of_the_score_has_one(name):
    fmt = formats.load(name)
    told = set().union(*(row.limits for row in demands.ROWS))
    assert set(demands.limits(fmt)) <= told
    assert {row.part for row in demands.ROWS} == set(fmt.weights) | {""}


def test_another_limit_makes_other_words_on_screens_and_in_prompts():
    fmt = formats.load("blog_post")
    limits = fmt.thresholds.model_copy(
        update={"sentence_words_max": 23, "title_chars_max": 61, "contested_max": 7, "copied_run_max": 9}
    )
    changed = fmt.model_copy(update={"thresholds": limits})
    shown = " ".join(text for _, text in demands.told(changed))
    for words in (
        "at most 23 words",
        "20 to 61 characters",
        "7 sentences may tell one alone",
        "At most 9 words in a row",
    ):
        assert words in shown
    assert "sentences up to 23 words" in demands.for_writing(changed, "en")
    assert "title of 20 to 61 characters" in demands.for_planning(changed, "en")


def test_what_a_model_is_not_told_is_named_here():
    assert {row.part for row in demands.ROWS if not row.writing} == NOT_TOLD_IN_A_SECTION


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_prompt_shows_the_whole_line(name, language):
    line = demands.for_writing(formats.load(name), language)
    assert len(line) <= TRUSTED_SHOWN
    assert ("LIX" in line) == (language != "en")
