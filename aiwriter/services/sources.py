"""Sources: what was read for briefs, listed and looked at."""

from __future__ import annotations

from uuid import UUID

from aiwriter.documents import Source, SourceHead
from aiwriter.ports import Database, Page, Paging, Principal, SourceFilter


async def page(database: Database, principal: Principal, wanted: SourceFilter, paging: Paging) -> Page[SourceHead]:
    """Newest first unless sorted otherwise. Raises BadInput for an unknown sort or a bad cursor."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.sources.page(wanted, paging)


async def get(database: Database, principal: Principal, source_id: UUID) -> Source:
    """With its text. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return (await work.sources.get_many([source_id]))[0]
