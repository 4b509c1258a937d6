"""How somebody writes, learned from texts of theirs: the brief keeps the numbers, and no word of the texts."""

from __future__ import annotations

from collections.abc import Iterable

from aiwriter.documents import Voice
from aiwriter.pipeline import marked_text
from aiwriter.pipeline.quality import voice


def learned(texts: Iterable[str], language: str) -> Voice:
    """The voice of Markdown or plain texts. Raises BadInput when they have too few words."""
    read = (section for text in texts for section in marked_text.read(text).sections)
    return voice.learn([" ".join(sentence.text for sentence in section.sentences) for section in read], language)
