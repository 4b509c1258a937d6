"""A word embedder to which no word is like another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from aiwriter.ports import WordVectors
from aiwriter.text.words import word_spans

DIMENSIONS = 64


class StrangeWords:
    """A WordEmbedder. By it, a sentence says nothing of what its passage says, unless it is there word for word."""

    name = "strange:words"
    dimensions = DIMENSIONS

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([_rows(text, 1)[0] for text in texts])

    async def embed_words(self, texts: Sequence[str]) -> list[WordVectors]:
        return [_words(text) for text in texts]


def _words(text: str) -> WordVectors:
    spans = tuple(word_spans(text))
    rows = _rows(text, len(spans))
    return WordVectors(spans, rows, rows.sum(axis=0))


def _rows(text: str, count: int) -> np.ndarray:
    """Directions by chance, the same for the same text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
