"""Small drafts and evidence from plain strings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    EvidenceItem,
    Paragraph,
    ParagraphKind,
    Passage,
    Section,
    Sentence,
    Source,
    SourceKind,
    SourceRef,
)
from aiwriter.ids import content_hash
from aiwriter.pipeline import formats
from aiwriter.pipeline.formats import Format

MakeEvidence = Callable[..., Evidence]
MakeDraft = Callable[..., Draft]


@pytest.fixture
def brief() -> Brief:
    return Brief(topic="The night ferry", words=100)


@pytest.fixture
def fmt() -> Format:
    return formats.load("blog_post")


@pytest.fixture
def evidence() -> MakeEvidence:
    """One source a text; each text is one passage."""

    def make(*texts: str, titles: Sequence[str] = (), superseded: bool = False) -> Evidence:
        sources = [_source(text, titles[n] if n < len(titles) else f"Source {n + 1}") for n, text in enumerate(texts)]
        items = [EvidenceItem(passage=Passage.of(s, 0, len(s.text)), relevance=0.5) for s in sources]
        old = tuple(source.content_hash for source in sources) if superseded else ()
        return Evidence(items=tuple(items), sources=tuple(map(SourceRef.of, sources)), superseded=old)

    return make


def _source(text: str, title: str) -> Source:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Source(
        location=f"{title}.txt",
        kind=SourceKind.TEXT,
        title=title,
        text=text,
        blocks=(),
        content_hash=content_hash(text),
        retrieved_at=now,
    )


@pytest.fixture
def draft() -> MakeDraft:
    """A draft of one section a list of sentences; a sentence is a text or (text, ids of the passages it cites)."""

    def make(
        *sections: Sequence[str | tuple[str, Sequence[str]]],
        kind: ArticleKind = ArticleKind.ARTICLE,
        paragraph: ParagraphKind = ParagraphKind.TEXT,
        headings: Sequence[str] = (),
    ) -> Draft:
        return Draft(
            kind=kind,
            title="The night ferry",
            sections=tuple(
                Section(
                    heading=headings[n] if n < len(headings) else "" if n == 0 else f"Heading {n}",
                    paragraphs=(Paragraph(kind=paragraph, sentences=tuple(map(_sentence, sentences))),),
                )
                for n, sentences in enumerate(sections)
            ),
        )

    return make


def _sentence(given: str | tuple[str, Sequence[str]]) -> Sentence:
    text, citations = (given, ()) if isinstance(given, str) else given
    return Sentence(text=text, citations=tuple(citations))
