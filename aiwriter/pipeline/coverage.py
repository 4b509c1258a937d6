"""What a brief asks, and which of the chosen passages answer it: question → passages → confidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aiwriter.documents import Brief, Coverage, EvidenceItem
from aiwriter.pipeline.relevance import Scale, weighed
from aiwriter.ports import Embedder
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words

if TYPE_CHECKING:
    import numpy as np

MOST_QUESTIONS = 12
SHOWN = 3  # passages a question
_UNSAID = 0.65  # so that a passage on the topic alone answers at most partly


def questions(brief: Brief, asked: Iterable[str] = ()) -> list[str]:
    """The topic, what its keywords ask of it, and what else was asked (the queries of the research); each once."""
    of_keywords = (f"{brief.topic}: {keyword}" for keyword in brief.keywords)
    found: dict[tuple[str, ...], str] = {}
    for question in (brief.topic, *of_keywords, *asked):
        found.setdefault(tuple(sorted(set(content_words(question, brief.language)))), question)
    return list(found.values())[:MOST_QUESTIONS]


async def cover(
    asked: Sequence[str],
    items: Sequence[EvidenceItem],
    rows: np.ndarray,
    contexts: Sequence[str],
    embedder: Embedder,
    scale: Scale,
    language: str,
) -> tuple[Coverage, ...]:
    """How well each question is answered: by what the best passage says of it, weighed as sources are (relevance.py).
    The first question is the topic itself.

    `rows` are the vectors of the items, shape (items, dimensions), `contexts` what stands above each (title, headings).
    """
    vectors = await embedder.embed(list(asked))
    similar = scale(rows @ vectors.T)
    stems = [
        set(content_words(f"{context} {item.passage.text}", language))
        for item, context in zip(items, contexts, strict=True)
    ]
    made = []
    about = Topic.of(asked[0], language)
    for column, question in enumerate(asked):
        topic = Topic.of(question, language)
        beyond = _beyond(topic, about)
        values = [
            weighed(topic.coverage(words), float(similar[row, column]), scale.tells_meaning) * _spoken(beyond, words)
            for row, words in enumerate(stems)
        ]
        best = sorted(range(len(items)), key=lambda row: (-values[row], row))
        answering = [row for row in best if values[row] >= Coverage.PARTLY][:SHOWN]
        passages = tuple(items[row].passage.id for row in answering)
        made.append(Coverage(question=question, passages=passages, confidence=round(values[best[0]], 3)))
    return tuple(made)


def _beyond(question: Topic, about: Topic) -> Topic:
    """What a question asks beyond the topic that it repeats; nothing when it stands by itself."""
    repeats = about.weights.keys() <= question.weights.keys()
    more = {word: weight for word, weight in question.weights.items() if repeats and word not in about.weights}
    return Topic(question.text, more, question.years)


def _spoken(beyond: Topic, words: set[str]) -> float:
    """What a passage on the topic is worth that has none, or all, of the words that the question adds to it."""
    return 1.0 if not beyond.weights else _UNSAID + (1 - _UNSAID) * beyond.coverage(words)
