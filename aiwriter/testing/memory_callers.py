"""Batches, API keys and idempotency keys of the database in dictionaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from aiwriter.documents import ApiKey, Batch
from aiwriter.errors import Conflict
from aiwriter.ports import HeldKey, Remembered
from aiwriter.storage.records import REMEMBERED, no_such
from aiwriter.testing.memory_rows import Part


class MemoryBatches(Part):
    async def add(self, batch: Batch) -> bool:
        rows = await self._writing()
        if (self._workspace, batch.id) in rows.batches:
            return False
        rows.batches[self._workspace, batch.id] = batch
        return True

    async def get(self, batch_id: UUID) -> Batch:
        batch = self._tx.rows.batches.get((self._workspace, batch_id))
        if batch is None:
            raise no_such("batch", batch_id)
        return batch


class MemoryKeys(Part):
    async def add(self, key: ApiKey, digest: str) -> None:
        rows = await self._writing()
        if key.id in rows.keys:
            raise Conflict(f"there is an API key {key.id} already", hint="Make another.")
        rows.keys[key.id] = HeldKey(key, digest, self._workspace)

    async def all(self) -> list[ApiKey]:
        mine = [held.key for held in self._tx.rows.keys.values() if held.workspace_id == self._workspace]
        return sorted(mine, key=lambda key: (key.created_at, key.id), reverse=True)

    async def revoke(self, key_id: str, now: datetime) -> bool:
        rows = await self._writing()
        held = rows.keys.get(key_id)
        if held is None or held.workspace_id != self._workspace:
            raise no_such("API key", key_id)
        if held.key.revoked_at is not None:
            return False
        rows.keys[key_id] = replace(held, key=held.key.model_copy(update={"revoked_at": now}))
        return True


class MemoryIdempotency(Part):
    async def remember(self, who: str, key: str, fingerprint: str, answer: str, now: datetime) -> Remembered | None:
        rows = await self._writing()
        known = await self.recall(who, key, now)
        if known is None:
            rows.remembered[self._workspace, who, key] = (Remembered(fingerprint, answer), now)
        return known

    async def recall(self, who: str, key: str, now: datetime) -> Remembered | None:
        remembered, at = self._tx.rows.remembered.get((self._workspace, who, key), (None, now))
        return remembered if at > now - REMEMBERED else None
