"""Engines and connections on SQLite and PostgreSQL.

SQLite has two engines: readers, which see the last committed state, and one writer connection, whose transactions
begin with BEGIN IMMEDIATE. Who wants to write waits for that connection, and in other processes for the file's lock.
PostgreSQL has one pool for both. Its readers see what is committed as each statement begins, as they would in a
transaction of theirs; without one they save two round trips and hold nothing back.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from aiwriter.errors import BadInput

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_ADDRESSES = "Give sqlite:////absolute/path.db or postgresql://user:password@host/name."
_LOCK_SECONDS = 30  # how long a writer waits for another before it gives up
_TURN_SECONDS = 120  # how long one of this process's transactions waits for a connection that its others have
_CONNECT_SECONDS = 10
_CONNECTIONS = 10
RESTED_SECONDS = 1
_RESTING_SINCE = "aiwriter_resting_since"
IN_BINARY = {"in_binary": True}
"""Execution options of a statement whose answer is megabytes of bytes: PostgreSQL sends them twice as long as text."""


def address(url: str) -> URL:
    """The address with its async driver. Raises BadInput for a kind of database we do not have."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadInput(f"{url!r} is not the address of a database", hint=_ADDRESSES) from error
    if parsed.drivername not in _DRIVERS:
        raise BadInput(f"there is no database of kind {parsed.drivername!r}", hint=_ADDRESSES)
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise BadInput(f"{url!r} names no file", hint=f"{_ADDRESSES} In memory: aiwriter.testing.MemoryDatabase.")
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database."""
    return Path(url.database or "") if url.drivername.startswith("sqlite") else None


def _as_it_is(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode()


def _engine(url: URL, **options: Any) -> AsyncEngine:
    # JSON columns take and give text: pydantic writes and reads it, once.
    return create_async_engine(
        url, json_serializer=_as_it_is, json_deserializer=_as_it_is, hide_parameters=True, **options
    )


def _sqlite_engine(url: URL, begin: str, connections: int) -> AsyncEngine:
    """An engine whose transactions begin with the given statement instead of at the driver's discretion."""
    engine = _engine(
        url, pool_size=connections, max_overflow=0, pool_timeout=_TURN_SECONDS, connect_args={"timeout": _LOCK_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_LOCK_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _sqlite_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    return _sqlite_engine(url, "BEGIN", _CONNECTIONS), _sqlite_engine(url, "BEGIN IMMEDIATE", 1)


def _postgresql_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    engine = _engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=_TURN_SECONDS,
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )
    _plan_for_short_queries(engine.sync_engine)
    _ask_after_a_rest(engine.sync_engine)
    _answer_in_binary(engine.sync_engine)
    return engine.execution_options(isolation_level="AUTOCOMMIT"), engine


def _plan_for_short_queries(engine: Engine) -> None:
    """No second process and no compiler for one query: what we ask takes milliseconds, as long as to start them does,
    and searches run side by side."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for setting in ("max_parallel_workers_per_gather = 0", "jit = off"):
            cursor.execute(f"SET {setting}")
        cursor.close()
        connection.commit()


def _ask_after_a_rest(engine: Engine) -> None:
    """Whether a connection still stands is asked when nobody used it for a while; asked each time, as pool_pre_ping
    does, it takes longer than a small query. Of those that stood a moment ago one that fell is told by its error."""

    @event.listens_for(engine, "checkin")
    def _given_back(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_RESTING_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.get(_RESTING_SINCE)
        if since is None or time.monotonic() - since < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _answer_in_binary(engine: Engine) -> None:
    from psycopg.pq import Format

    @event.listens_for(engine, "before_cursor_execute")
    def _asked(_connection: object, cursor: Any, _statement: str, _values: object, context: Any, _many: bool) -> None:
        if context.execution_options.keys() >= IN_BINARY.keys():
            cursor._cursor.format = Format.BINARY  # of psycopg's, below SQLAlchemy's


_ENGINES = {"sqlite": _sqlite_engines, "postgresql": _postgresql_engines}


def engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine to read with and the engine to write with."""
    return _ENGINES[url.get_backend_name()](url)
