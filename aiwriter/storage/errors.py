"""The foreign errors of the databases, and what they mean to us."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from aiwriter.errors import AIWriterError, BadInput, Conflict, NotFound, Unavailable

_TRY_AGAIN = "Is the database up, its folder writable, its disk not full? `aiwriter doctor` looks; then resume."
_REPORT = "`aiwriter doctor` shows the state of the tables; `aiwriter migrate` brings them to this version."

# Looked up along the class's bases, so that the nearest entry wins.
MEANINGS: Mapping[type[Exception], tuple[type[AIWriterError], str]] = {
    exc.IntegrityError: (Conflict, "Somebody else changed it first: look again, then repeat."),
    exc.DataError: (BadInput, "The database cannot hold this value."),
    exc.OperationalError: (Unavailable, _TRY_AGAIN),
    exc.InterfaceError: (Unavailable, _TRY_AGAIN),
    exc.InternalError: (Unavailable, _TRY_AGAIN),
    exc.ProgrammingError: (Unavailable, _REPORT),
    exc.NotSupportedError: (Unavailable, _REPORT),
    exc.DatabaseError: (Unavailable, _TRY_AGAIN),
    exc.DBAPIError: (Unavailable, _TRY_AGAIN),
    exc.DisconnectionError: (Unavailable, _TRY_AGAIN),
    exc.TimeoutError: (Unavailable, "All connections are in use; is another process holding the database?"),
    sqlite3.Error: (Unavailable, _TRY_AGAIN),
}

_FOREIGN_KEY_SQLSTATE = "23503"


def meanings() -> Mapping[type[Exception], tuple[type[AIWriterError], str]]:
    """MEANINGS, and psycopg's own errors for who has imported it: others need not wait 0.2 s for it."""
    psycopg = sys.modules.get("psycopg")
    return MEANINGS if psycopg is None else {**MEANINGS, psycopg.Error: (Unavailable, _TRY_AGAIN)}


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the database come out as ours."""
    try:
        yield
    except tuple(meanings()) as error:
        raise translate(error) from error


def translate(error: Exception) -> AIWriterError:
    """What a database error means. SQL and its parameters stay out of the message: they hold people's texts."""
    cause = " ".join(str(getattr(error, "orig", None) or error).split())
    if _refers_to_nothing(error):
        return NotFound(f"what this belongs to is not in this workspace: {cause}", hint="Was it deleted meanwhile?")
    table = meanings()
    ours, hint = next(table[base] for base in type(error).__mro__ if base in table)
    return ours(f"the database said: {cause}", hint=hint)


def _refers_to_nothing(error: Exception) -> bool:
    """Whether a reference to a row that does not exist was refused."""
    cause = getattr(error, "orig", None)
    sqlite_code = getattr(cause, "sqlite_errorcode", None)
    return (
        sqlite_code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY or getattr(cause, "sqlstate", "") == _FOREIGN_KEY_SQLSTATE
    )
