"""What a brief asks, and which passages answer it: question → passages → confidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.documents import Brief, Coverage
from aiwriter.pipeline.relevance import Scale, weighed
from aiwriter.ports import Embedder
from aiwriter.text.topic import Topic, asked_in
from aiwriter.text.words import content_words

if TYPE_CHECKING:
    import numpy as np

MOST_QUESTIONS = 12
SHOWN = 3  # passages a question
_UNSAID = 0.65  # so that a passage on the topic alone answers at most partly


def questions(brief: Brief, asked: Iterable[str] = ()) -> list[str]:
    """The topic, its single questions when it asks several, what its keywords ask of it, and what else was asked (the
    queries of the research); each once."""
    of_keywords = (f"{brief.topic}: {keyword}" for keyword in brief.keywords)
    found: dict[tuple[str, ...], str] = {}
    for question in (brief.topic, *asked_in(brief.topic, brief.language), *of_keywords, *asked):
        found.setdefault(tuple(sorted(set(content_words(question, brief.language)))), question)
    return list(found.values())[:MOST_QUESTIONS]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions as passages are measured against them; the first is the topic itself."""

    topics: list[Topic]
    beyond: list[Topic]
    vectors: np.ndarray

    @classmethod
    async def of(cls, questions: Sequence[str], embedder: Embedder, language: str) -> Asked:
        topics = [Topic.of(question, language) for question in questions]
        return cls(topics, [_beyond(topic, topics[0]) for topic in topics], await embedder.embed(list(questions)))

    def worth(self, stems: Sequence[set[str]], rows: np.ndarray, scale: Scale) -> list[list[float]]:
        """What each passage (its stems, and its vector among `rows`) says of each question: a list a passage, weighed
        as sources are (relevance.py)."""
        similar = scale(rows @ self.vectors.T)
        return [
            [
                weighed(topic.coverage(words), float(near), scale.tells_meaning) * _spoken(beyond, words)
                for topic, beyond, near in zip(self.topics, self.beyond, nearness, strict=True)
            ]
            for words, nearness in zip(stems, similar, strict=True)
        ]

    def missing(self, worth: Iterable[Sequence[float]]) -> list[Topic]:
        """The questions to which none of these passages is an answer."""
        best = map(max, zip(*worth, strict=True))
        return [topic for topic, value in zip(self.topics, best, strict=True) if value < Coverage.PARTLY]

    def better(self, chosen: Collection[int], worth: Mapping[int, Sequence[float]]) -> list[int]:
        """Passages that answer what the chosen ones leave missing, or surely what they answer partly."""
        found: dict[int, None] = {}
        for number in range(len(self.topics)):
            best = max(worth[index][number] for index in chosen)
            enough = Coverage.ANSWERED if best >= Coverage.PARTLY else Coverage.PARTLY
            if best < enough:
                others = (index for index in worth if index not in chosen and worth[index][number] >= enough)
                found |= dict.fromkeys(sorted(others, key=lambda index: (-worth[index][number], index))[:SHOWN])
        return list(found)

    def told(self, keys: Sequence[str], worth: Sequence[Sequence[float]]) -> tuple[Coverage, ...]:
        """How well each question is answered by passages with these ids."""
        made = []
        for number, topic in enumerate(self.topics):
            best = sorted(range(len(keys)), key=lambda row: (-worth[row][number], row))
            answering = tuple(keys[row] for row in best if worth[row][number] >= Coverage.PARTLY)[:SHOWN]
            sure = round(worth[best[0]][number], 3)
            made.append(Coverage(question=topic.text, passages=answering, confidence=sure))
        return tuple(made)


def _beyond(question: Topic, about: Topic) -> Topic:
    """What a question asks beyond the topic that it repeats; nothing when it stands by itself."""
    repeats = about.weights.keys() <= question.weights.keys()
    more = {word: weight for word, weight in question.weights.items() if repeats and word not in about.weights}
    return Topic(question.text, more, question.years)


def _spoken(beyond: Topic, words: set[str]) -> float:
    """What a passage on the topic is worth that has none, or all, of the words that the question adds to it."""
    return 1.0 if not beyond.weights else _UNSAID + (1 - _UNSAID) * beyond.coverage(words)
