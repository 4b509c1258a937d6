"""Quoting: what a model wrote off word for word is set apart as words of its source, since it is not ours to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from aiwriter.documents import (
    ArticleKind,
    ContentHash,
    Draft,
    Evidence,
    Paragraph,
    ParagraphKind,
    Passage,
    PassageId,
    Section,
    Sentence,
)
from aiwriter.pipeline.quality import quotations


def quoted(section: Section, evidence: Evidence) -> Section:
    """The section in which sentences that a passage which they cite has word for word stand in quoted paragraphs, one
    for each run of one source; the others stay."""
    passages = {item.passage.id: item.passage for item in evidence.items}
    paragraphs = [made for one in section.paragraphs for made in _parted(one, passages)]
    return section.model_copy(update={"paragraphs": tuple(paragraphs)})


def share(draft: Draft) -> float:
    """How much of an article's text stands in quoted paragraphs, by words, 0–1; of a digest, which is quotations, 0."""
    if draft.kind is ArticleKind.DIGEST:
        return 0.0
    counts = {True: 0, False: 0}
    for section in draft.sections:
        for paragraph in section.paragraphs:
            said = sum(len(sentence.text.split()) for sentence in paragraph.sentences)
            counts[paragraph.kind is ParagraphKind.QUOTE] += said
    return counts[True] / max(1, sum(counts.values()))


def _parted(paragraph: Paragraph, passages: Mapping[PassageId, Passage]) -> Iterator[Paragraph]:
    if paragraph.kind is not ParagraphKind.TEXT:
        yield paragraph
        return

    def source(sentence: Sentence) -> ContentHash | None:
        cited = (passages[key] for key in sentence.citations if key in passages)
        having = (one.source_hash for one in cited if quotations.stands_in(sentence.text, one.text))
        return next(having, None)

    for where, run in groupby(paragraph.sentences, key=source):
        kind = ParagraphKind.TEXT if where is None else ParagraphKind.QUOTE
        yield Paragraph(kind=kind, sentences=tuple(run), attribution=where)
