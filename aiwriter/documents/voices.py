"""How somebody writes, in numbers."""

from __future__ import annotations

from pydantic import Field

from aiwriter.documents.base import Document


class Voice(Document):
    """Learned from sample texts, whose words it does not hold: `function_words` maps the commonest little words to
    their frequency, `marks` commas, dashes, colons, semicolons, brackets, questions and exclamations to theirs,
    `persons` the pronouns of the first and second person, and short forms ("don't") to theirs: all per 1,000 words."""

    language: str = "en"
    words: int  # of the samples
    sentence_words: float  # mean
    sentence_spread: float  # standard deviation
    word_letters: float  # mean
    function_words: dict[str, float] = Field(default_factory=dict)
    marks: dict[str, float] = Field(default_factory=dict)
    persons: dict[str, float] = Field(default_factory=dict)
