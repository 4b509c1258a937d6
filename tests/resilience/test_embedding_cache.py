"""A text is embedded once, whoever asks, and the rows are those of the embedder itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiwriter import embeddings
from aiwriter.resilience.embedding_cache import CachedEmbedder
from aiwriter.testing.vectors import MemoryVectorCache


class Counting:
    """The hashing embedder, which remembers what it was asked."""

    name, dimensions = "hashing:16", 16

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return await embeddings.create(self.name).embed(texts)


async def test_only_new_texts_reach_the_embedder() -> None:
    inner, cache = Counting(), MemoryVectorCache()
    await CachedEmbedder(inner, cache).embed(["one", "two", "one"])
    await CachedEmbedder(inner, cache).embed(["two", "three"])
    assert inner.asked == ["one", "two", "three"]


async def test_the_rows_are_those_of_the_embedder_in_the_order_asked() -> None:
    texts = ["night ferry", "", "day boat", "night ferry", "\ud800 odd"]
    cached = CachedEmbedder(Counting(), MemoryVectorCache())
    for _ in range(2):
        rows = await cached.embed(texts)
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows, await Counting().embed(texts))


async def test_no_texts_are_no_rows() -> None:
    assert (await CachedEmbedder(Counting(), MemoryVectorCache()).embed([])).shape == (0, 16)
