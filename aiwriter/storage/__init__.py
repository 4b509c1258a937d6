"""Where things are kept: the relational store and files. The only place that knows SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiwriter.storage.database import SqlDatabase

__all__ = ["copy", "migrate", "open_database", "schema_state"]


def open_database(url: str) -> SqlDatabase:
    """The database at a SQLite or PostgreSQL address; nothing is opened before it is first used.

    Raises BadInput for an address of another kind. First use raises BadInput when the tables are not of this version.
    """
    from aiwriter.storage.database import SqlDatabase

    return SqlDatabase(url)


async def schema_state(url: str) -> str:
    """How the tables stand to this version: "missing", "old", "current" or "newer". Creates nothing."""
    from aiwriter.storage import schema

    return await schema.state(url)


async def migrate(url: str) -> None:
    """Create the tables or bring them to this version, in one transaction. Raises BadInput when they are newer."""
    from aiwriter.storage import schema

    await schema.upgrade(url)


async def copy(source: str, target: str) -> int:
    """Every row of one database into another that is empty; how many. Raises BadInput when that cannot be."""
    from aiwriter.storage import copying

    return await copying.copy(source, target)
