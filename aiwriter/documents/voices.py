"""How somebody writes, in numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiwriter.documents.base import Document

Figure = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]  # JSON can write 1e999, and not read it back


class Voice(Document):
    """Learned from sample texts, whose words it does not hold: `function_words` maps the commonest little words to
    their frequency, `marks` commas, dashes, colons, semicolons, brackets, questions and exclamations to theirs,
    `persons` the pronouns of the first and second person, and short forms ("don't") to theirs: all per 1,000 words."""

    language: str = "en"
    words: Annotated[int, Field(ge=0, le=1_000_000_000)]  # of the samples
    sentence_words: Figure  # mean
    sentence_spread: Figure  # standard deviation
    word_letters: Figure  # mean
    function_words: dict[str, Figure] = Field(default_factory=dict)
    marks: dict[str, Figure] = Field(default_factory=dict)
    persons: dict[str, Figure] = Field(default_factory=dict)
