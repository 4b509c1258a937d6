"""What is planned and written."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from typing import Annotated
from uuid import UUID

from pydantic import Field

from aiwriter.documents.base import ContentHash, Document, PassageId, Share
from aiwriter.documents.neighbours import Neighbour
from aiwriter.ids import new_id


class Point(Document):
    """One thing a section should say, in the words of a passage."""

    passage: PassageId
    text: str


class SectionPlan(Document):
    """One section to write: what it is about, the passages it may use and, if known, the points to make in order."""

    heading: str
    purpose: str = ""
    passages: tuple[PassageId, ...]
    points: tuple[Point, ...] = ()
    words: int


class Outline(Document):
    title: str
    description: str = ""
    sections: tuple[SectionPlan, ...]


class ArticleKind(StrEnum):
    ARTICLE = "article"  # written by a language model or a person
    DIGEST = "digest"  # put together from quotations by the offline writer


class ParagraphKind(StrEnum):
    TEXT = "text"
    QUOTE = "quote"  # verbatim sentences of one source, shown with an attribution
    LIST_ITEM = "list_item"


class Sentence(Document):
    """One sentence and the passages it rests on; its text holds no citation marks."""

    id: UUID = Field(default_factory=new_id)
    text: Annotated[str, Field(min_length=1)]
    citations: tuple[PassageId, ...] = ()


class Paragraph(Document):
    kind: ParagraphKind = ParagraphKind.TEXT
    sentences: tuple[Sentence, ...]
    attribution: ContentHash | None = None  # QUOTE: the source whose words these are


class Section(Document):
    """A heading ("" for an introduction) and its paragraphs."""

    heading: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph.sentences)

    @property
    def own(self) -> tuple[Sentence, ...]:
        """Its sentences but for those of quoted paragraphs, which are somebody else's."""
        return tuple(one for p in self.paragraphs if p.kind is not ParagraphKind.QUOTE for one in p.sentences)


def words_of(sections: Iterable[Section]) -> int:
    """Words a reader reads: sentences and headings, not attributions or notes."""
    read = chain.from_iterable((section.heading, *(one.text for one in section.sentences)) for section in sections)
    return sum(len(text.split()) for text in read)


class Draft(Document):
    """`opinions`: of sentences that a checker was asked about, how likely their passages say them; `meant`: what an
    embedder said of sentences when they were judged before, so that they are judged alike where there is none;
    `neighbours`: articles of ours that say the same, most alike first."""

    kind: ArticleKind
    title: str
    description: str = ""
    sections: tuple[Section, ...]
    opinions: dict[UUID, Share] = Field(default_factory=dict)
    meant: dict[UUID, tuple[float, ...]] = Field(default_factory=dict)
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    @property
    def words(self) -> int:
        return words_of(self.sections)
