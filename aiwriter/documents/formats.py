"""What is told of a content format to whoever may ask for it."""

from __future__ import annotations

from aiwriter.documents.base import Document


class Demand(Document):
    """One thing that a format demands, with its limits; `part` of the score looks after it ("": the whole text)."""

    part: str
    text: str


class FormatHead(Document):
    """A content format that may be asked for, and what it demands of a text."""

    name: str
    title: str
    description: str
    words: int  # usual length
    least_words: int
    most_words: int
    demands: tuple[Demand, ...] = ()
