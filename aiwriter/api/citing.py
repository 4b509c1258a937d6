"""An article as sentences, each with its evidence: what a reader sees who clicks on one."""

from __future__ import annotations

from collections.abc import Iterator

from aiwriter.api.schemas import Citations, CitedPassage, CitedSentence
from aiwriter.documents import Article, Sentence, SentenceVerdict


def citations_of(article: Article) -> Citations:
    """Every sentence of the version, in order."""
    verdicts = {verdict.sentence_id: verdict for verdict in article.quality.sentences}
    sentences = []
    for section in article.sections:
        for sentence in section.sentences:
            verdict = verdicts.get(sentence.id)
            sentences.append(
                CitedSentence(
                    sentence_id=sentence.id,
                    heading=section.heading,
                    text=sentence.text,
                    support=verdict.support if verdict else None,
                    probability=verdict.probability if verdict else None,
                    citations=tuple(_passages(article, sentence, verdict)),
                )
            )
    return Citations(article_id=article.id, version=article.version, sentences=tuple(sentences))


def _passages(article: Article, sentence: Sentence, verdict: SentenceVerdict | None) -> Iterator[CitedPassage]:
    passages = {passage.id: passage for passage in article.passages}
    sources = {source.content_hash: (number, source) for number, source in enumerate(article.sources, 1)}
    for key in sentence.citations:
        passage = passages.get(key)
        if passage is None or passage.source_hash not in sources:
            continue
        number, source = sources[passage.source_hash]
        yield CitedPassage(
            number=number,
            passage_id=key,
            text=passage.text,
            headings=passage.headings,
            highlight=verdict.highlight.get(key) if verdict else None,
            source_id=source.id,
            source_title=source.title,
            source_location=source.location,
        )
