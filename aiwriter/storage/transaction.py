"""Transactions: read from what is committed until the first write, roll back unless told to commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    collate,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from aiwriter.storage.errors import translated

T = TypeVar("T")
_Given = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_PATIENCE_SECONDS = 3  # how long a cancelled transaction waits for its last statement
_INSERT: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Transaction:
    """One transaction, as an async context, rolled back at its end unless committed; for one task at a time.

    It holds a connection from its first statement on. Reads before the first write see what is committed; from the
    first write on everything happens in one write transaction.
    """

    def __init__(self, readers: AsyncEngine, writers: AsyncEngine, ready: Callable[[], Awaitable[None]]) -> None:
        self._readers = readers
        self._writers = writers
        self._ready = ready
        self._open = False
        self._whole = True
        self._connection: AsyncConnection | None = None
        self._under_way: asyncio.Future[Any] | None = None

    async def __aenter__(self) -> Self:
        await self._ready()
        self._open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._open = False
        await asyncio.shield(self._release())

    async def read(self, statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run a query, with values for its parameters if it has any. Raises errors of ours only."""
        return await self._undisturbed(self._execute(self._connection_engine or self._readers, statement, values))

    async def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Run a statement that changes rows (once for each of `rows`, if given). Raises errors of ours only."""
        return await self._undisturbed(self._execute(self._writers, statement, rows))

    def insert(self, table: Table) -> Any:
        """An INSERT of this database's dialect, which knows ON CONFLICT."""
        return _INSERT[self._writers.dialect.name](table)

    @property
    def is_sqlite(self) -> bool:
        return self._writers.dialect.name == "sqlite"

    def by_code_point(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """A text as it is sorted: by code point, as SQLite and Python do, whatever the locale of the database."""
        return text if self.is_sqlite else collate(text, "C")

    def one_of(self, column: ColumnElement[T], values: Sequence[T]) -> ColumnElement[bool]:
        """An IN whose values are given as they are: SQLAlchemy looks at each of those in a plain list, which takes
        longer than a database needs to find them. PostgreSQL gets them as one array and plans once for any number."""
        if self.is_sqlite:
            return column.in_(bindparam(None, list(values), expanding=True))
        kind = column.type if isinstance(column.type, Integer | Uuid) else Text()  # varchar(n)[] would cut them off
        return column == any_(literal(list(values), postgresql.ARRAY(kind)))

    async def commit(self) -> None:
        if not self._whole:  # PostgreSQL would roll back without a word
            raise RuntimeError("a statement of this transaction failed: it can only be left")
        await self._undisturbed(self._commit())

    @property
    def _connection_engine(self) -> AsyncEngine | None:
        return self._connection.engine if self._connection else None

    async def _execute(self, engine: AsyncEngine, statement: Executable, given: _Given = None) -> CursorResult[Any]:
        if not self._open:
            raise RuntimeError("this transaction is over, or was never entered with `async with`")
        self._whole, before = False, self._whole
        with translated():
            if self._connection_engine is not engine:
                await self._close()
                self._connection = await engine.connect()
            assert self._connection is not None
            result = await self._connection.execute(statement, given)
        self._whole = before
        return result

    async def _commit(self) -> None:
        if self._connection is not None:
            with translated():
                await self._connection.commit()
            await self._close()

    async def _close(self) -> None:
        """Give the connection back, rolled back."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with translated():
                await connection.close()

    async def _undisturbed(self, work: Coroutine[Any, Any, T]) -> T:
        """Let a call to the driver come to its end though our task be cancelled: aiosqlite, cancelled in the middle of
        a call, keeps a connection open that holds the lock (measured; github.com/omnilib/aiosqlite/issues/259)."""
        self._under_way = asyncio.ensure_future(work)
        return await asyncio.shield(self._under_way)

    async def _release(self) -> None:
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way], timeout=_PATIENCE_SECONDS)
            self._under_way.cancel()
            await asyncio.wait([self._under_way])
        await self._close()


class Repository:
    """What one workspace has of a kind, read and written within one transaction."""

    def __init__(self, transaction: Transaction, workspace_id: UUID) -> None:
        self._tx = transaction
        self._workspace = workspace_id
