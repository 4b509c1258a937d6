"""A vector index and a cache of vectors, in dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from aiwriter.ports import VectorEntry, VectorHit


class MemoryVectorCache:
    """The VectorCache double."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], bytes] = {}

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        return {key: self._vectors[embedder, key] for key in hashes if (embedder, key) in self._vectors}

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        for key, vector in vectors.items():
            self._vectors.setdefault((embedder, key), vector)


class MemoryVectorIndex:
    """The VectorIndex double: exact cosine similarity over everything it holds."""

    def __init__(self) -> None:
        self._entries: dict[UUID, list[VectorEntry]] = {}

    async def replace(self, article_id: UUID, entries: Sequence[VectorEntry]) -> None:
        self._entries.pop(article_id, None)
        if entries:
            self._entries[article_id] = list(entries)

    async def nearest(self, vector: Sequence[float], limit: int) -> list[VectorHit]:
        hits = [
            VectorHit(
                entry.id, entry.article_id, entry.text, sum(a * b for a, b in zip(vector, entry.vector, strict=True))
            )
            for entries in self._entries.values()
            for entry in entries
        ]
        return sorted(hits, key=lambda hit: -hit.similarity)[:limit]

    async def article_ids(self) -> set[UUID]:
        return set(self._entries)

    async def ping(self) -> None:
        """Always there."""
