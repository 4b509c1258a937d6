"""Vectors of texts that were embedded before: a corpus is embedded once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from aiwriter.storage.paging import in_parts
from aiwriter.storage.tables import embeddings
from aiwriter.storage.transaction import Transaction

AT_ONCE = 500


class SqlVectorCache:
    """`VectorCache`; each method is a transaction of its own."""

    def __init__(self, transaction: Callable[[], Transaction], workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self._workspace = workspace_id
        self._now = now

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        async with self._transaction() as tx:
            for some in in_parts(sorted(hashes), AT_ONCE):
                query = select(embeddings.c.text_hash, embeddings.c.vector).where(
                    embeddings.c.workspace_id == self._workspace,
                    embeddings.c.embedder == embedder,
                    embeddings.c.text_hash.in_(some),
                )
                found |= {row.text_hash: bytes(row.vector) for row in await tx.read(query)}
        return found

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        if not vectors:
            return
        head = {"workspace_id": self._workspace, "embedder": embedder, "created_at": self._now()}
        rows = [head | {"text_hash": key, "vector": vectors[key]} for key in sorted(vectors)]
        async with self._transaction() as tx:
            await tx.write(tx.insert(embeddings).on_conflict_do_nothing(), rows)
            await tx.commit()

    async def bytes_each(self, embedder: str) -> int | None:
        of_it = and_(embeddings.c.workspace_id == self._workspace, embeddings.c.embedder == embedder)
        async with self._transaction() as tx:
            row = (await tx.read(select(embeddings.c.vector).where(of_it).limit(1))).one_or_none()
        return None if row is None else len(row.vector)
