"""Batches: several briefs that were asked for together."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, select

from aiwriter.documents import Batch
from aiwriter.storage.records import no_such, read_document
from aiwriter.storage.tables import batches
from aiwriter.storage.transaction import Repository


class SqlBatches(Repository):
    """`BatchRepository`."""

    async def add(self, batch: Batch) -> bool:
        row = {
            "workspace_id": self._workspace,
            "id": batch.id,
            "name": batch.name,
            "document": batch.model_dump_json(),
            "schema_version": batch.schema_version,
            "created_at": batch.created_at,
        }
        new = self._tx.insert(batches).values(row).on_conflict_do_nothing().returning(batches.c.id)
        return (await self._tx.write(new)).one_or_none() is not None

    async def get(self, batch_id: UUID) -> Batch:
        this = and_(batches.c.workspace_id == self._workspace, batches.c.id == batch_id)
        row = (await self._tx.read(select(batches).where(this))).one_or_none()
        if row is None:
            raise no_such("batch", batch_id)
        return read_document(Batch, row.document, row.schema_version)
