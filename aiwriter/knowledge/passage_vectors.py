"""The vector index of known passages: one Chroma collection a workspace and embedder, asked without filters.

What filters would need (source, date, language) is not kept in it: at 100,000 vectors Chroma takes 76 to 246 ms with a
filter and 8 without (stack.md); SQL sifts what comes back. Each vector carries the hash of its text, so that
`reconcile` can tell a vector of another text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiwriter.knowledge.vectors import LOCK_SECONDS, collection_name, matrix, opened_collection, opener_of
from aiwriter.ports import PassageIndex, PassageVector

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection as ChromaCollection

BATCH = 1000  # Chroma's own limit is 5,461
SEARCHED = 200  # ef_search: how widely the graph is searched; never fewer than are asked for


class ChromaPassages:
    """`PassageIndex` over one Chroma collection; `opener` yields a client for as long as one operation lasts."""

    def __init__(self, opener: Callable[[], Any], workspace_id: UUID, embedder: str) -> None:
        self._opener = opener
        self._name = collection_name("passages", workspace_id, embedder)
        self._embedder = embedder

    async def put(self, entries: Sequence[PassageVector]) -> None:
        await asyncio.to_thread(self._put, list(entries))

    async def remove(self, passage_ids: Collection[str]) -> None:
        if passage_ids:
            await asyncio.to_thread(self._remove, sorted(passage_ids))

    async def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        return await asyncio.to_thread(self._nearest, vector, limit)

    async def text_hashes(self) -> dict[str, str]:
        return await asyncio.to_thread(self._text_hashes)

    async def clear(self) -> None:
        await asyncio.to_thread(self._clear)

    def _put(self, entries: list[PassageVector]) -> None:
        with self._collection() as collection:
            for some in _parts(entries):
                collection.upsert(
                    ids=[entry.id for entry in some],
                    embeddings=matrix([entry.vector for entry in some]),
                    metadatas=[{"text_hash": entry.text_hash} for entry in some],
                )

    def _remove(self, passage_ids: list[str]) -> None:
        with self._collection() as collection:
            for some in _parts(passage_ids):
                collection.delete(ids=list(some))

    def _nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        with self._collection() as collection:
            found = collection.query(query_embeddings=matrix([vector]), n_results=limit, include=["distances"])
        distances = found["distances"] or [[]]
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def _text_hashes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._collection() as collection:
            for start in range(0, collection.count(), BATCH):
                some = collection.get(limit=BATCH, offset=start, include=["metadatas"])
                metadatas = some["metadatas"] or []
                found |= {key: str(meta["text_hash"]) for key, meta in zip(some["ids"], metadatas, strict=True)}
        return found

    def _clear(self) -> None:
        with self._collection() as collection:
            while keys := collection.get(limit=BATCH, include=[])["ids"]:
                collection.delete(ids=keys)

    def _collection(self) -> AbstractContextManager[ChromaCollection]:
        return opened_collection(self._opener, self._name, self._embedder, ef_search=SEARCHED)


def create(
    spec: str, home: Path, workspace_id: UUID, embedder: str, lock_seconds: float = LOCK_SECONDS
) -> PassageIndex:
    """The index that `scheme:value` names; nothing is opened yet. Raises BadInput for an unknown scheme."""
    return ChromaPassages(opener_of(spec, home, lock_seconds), workspace_id, embedder)


def _parts(entries: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]
