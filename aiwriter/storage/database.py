"""The relational store: opens units of work, the journal and the budgets of a workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from aiwriter.documents import utc_now
from aiwriter.ports import Budgets, Clock, HeldKey, Journal, SharedLimits, TextSearch, UnitOfWork, VectorCache
from aiwriter.storage import schema, tables
from aiwriter.storage.budgets import SqlBudgets
from aiwriter.storage.callers import held_key
from aiwriter.storage.engines import address, engines
from aiwriter.storage.errors import translated
from aiwriter.storage.journal import SqlJournal
from aiwriter.storage.limits import SqlLimits
from aiwriter.storage.passage_search import SqlTextSearch
from aiwriter.storage.transaction import Transaction
from aiwriter.storage.unit_of_work import SqlUnitOfWork
from aiwriter.storage.vector_cache import SqlVectorCache


class SqlDatabase:
    """The relational store at an address, for one event loop; `now` is what its rows are stamped with."""

    def __init__(self, url: str, now: Callable[[], datetime] = utc_now) -> None:
        self._url = address(url)
        self._readers, self._writers = engines(self._url)
        self._is_current = False
        self._now = now

    def transaction(self) -> Transaction:
        """A transaction, to be entered. Raises BadInput on entry when the tables are not of this version."""
        return Transaction(self._readers, self._writers, self.ready)

    async def ready(self) -> None:
        """Raises BadInput when the tables are missing or not of this version; looks once."""
        if not self._is_current:
            schema.refuse_unless_current(self._url, await schema.state_with(self._url, self._readers))
            self._is_current = True

    def unit_of_work(self, workspace_id: UUID) -> UnitOfWork:
        return SqlUnitOfWork(self.transaction(), workspace_id, self._now)

    def journal(self, workspace_id: UUID) -> Journal:
        return SqlJournal(self.transaction, workspace_id, self._now)

    def budgets(self, workspace_id: UUID) -> Budgets:
        return SqlBudgets(self.transaction, workspace_id)

    def vector_cache(self, workspace_id: UUID) -> VectorCache:
        return SqlVectorCache(self.transaction, workspace_id, self._now)

    def text_search(self, workspace_id: UUID) -> TextSearch:
        return SqlTextSearch(self.transaction, workspace_id)

    def limits(self, clock: Clock) -> SharedLimits:
        return SqlLimits(self.transaction, clock)

    async def key(self, key_id: str) -> HeldKey | None:
        async with self.transaction() as transaction:
            return await held_key(transaction, key_id)

    async def workspaces(self) -> list[UUID]:
        """Oldest first."""
        oldest_first = select(tables.workspaces.c.id).order_by(tables.workspaces.c.created_at, tables.workspaces.c.id)
        async with self.transaction() as transaction:
            return list((await transaction.read(oldest_first)).scalars())

    async def ping(self) -> None:
        """Raises Unavailable or BadInput when it cannot be used."""
        async with self.transaction() as transaction:  # a table: SQLite answers SELECT 1 without its file
            await transaction.read(select(tables.workspaces.c.id).limit(1))

    async def add_workspace(self, workspace_id: UUID, name: str) -> None:
        """Make a workspace; one that exists stays as it is."""
        async with self.transaction() as transaction:
            row = {"id": workspace_id, "name": name, "created_at": self._now()}
            await transaction.write(transaction.insert(tables.workspaces).values(row).on_conflict_do_nothing())
            await transaction.commit()

    async def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        with translated():
            await self._readers.dispose()
            await self._writers.dispose()
