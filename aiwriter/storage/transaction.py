"""Transactions: read from what is committed until the first write, roll back unless told to commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from aiwriter.storage.errors import translated

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
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        await self._ready()
        self._open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._open = False
        await self._release()

    async def read(self, statement: Executable) -> CursorResult[Any]:
        """Run a query. Raises errors of ours only."""
        with translated():
            if self._connection is None:
                self._connection = await self._connect(self._readers)
            return await self._connection.execute(statement)

    async def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Run a statement that changes rows (once for each of `rows`, if given). Raises errors of ours only."""
        with translated():
            if self._connection is None or self._connection.engine is not self._writers:
                await self._release()
                self._connection = await self._connect(self._writers)
            return await self._connection.execute(statement, rows)

    def insert(self, table: Table) -> Any:
        """An INSERT of this database's dialect, which knows ON CONFLICT."""
        return _INSERT[self._writers.dialect.name](table)

    async def commit(self) -> None:
        if self._connection is not None:
            with translated():
                await self._connection.commit()
            await self._release()

    async def _connect(self, engine: AsyncEngine) -> AsyncConnection:
        if not self._open:
            raise RuntimeError("this transaction is over, or was never entered with `async with`")
        return await engine.connect()

    async def _release(self) -> None:
        """Give the connection back, rolled back; also when the task is being cancelled."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with translated():
                await asyncio.shield(connection.close())
