"""A vector index and a cache of vectors, in dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from aiwriter.ports import PassageVector, VectorEntry, VectorHit


class MemoryVectorCache:
    """The VectorCache double."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], bytes] = {}

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        return {key: self._vectors[embedder, key] for key in hashes if (embedder, key) in self._vectors}

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        for key, vector in vectors.items():
            self._vectors.setdefault((embedder, key), vector)

    async def bytes_each(self, embedder: str) -> int | None:
        return next((len(vector) for (name, _key), vector in self._vectors.items() if name == embedder), None)


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


class MemoryPassageIndex:
    """The PassageIndex double: exact cosine similarity over everything it holds."""

    def __init__(self) -> None:
        self._entries: dict[str, PassageVector] = {}

    async def put(self, entries: Sequence[PassageVector]) -> None:
        self._entries.update({entry.id: entry for entry in entries})

    async def remove(self, passage_ids: Collection[str]) -> None:
        for key in passage_ids:
            self._entries.pop(key, None)

    async def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        hits = [
            (entry.id, float(sum(a * b for a, b in zip(vector, entry.vector, strict=True))))
            for entry in self._entries.values()
        ]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit]

    async def text_hashes(self) -> dict[str, str]:
        return {key: entry.text_hash for key, entry in self._entries.items()}

    async def clear(self) -> None:
        self._entries.clear()
