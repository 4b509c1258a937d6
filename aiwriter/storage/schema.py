"""The version of the tables: what it is, and how it is brought to ours and back (Alembic, without an ini file)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, inspect, text

from aiwriter.errors import BadInput
from aiwriter.storage import engines
from aiwriter.storage.errors import translated

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.ext.asyncio import AsyncEngine

# Every revision in order, so that a start need not load Alembic; a test compares them with migrations/versions.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
)

_MIGRATING = 4_242_001  # PostgreSQL's advisory lock: one migration at a time
_HINTS = {
    "missing": "Run `aiwriter migrate`.",
    "old": "Run `aiwriter migrate`, when nothing else is writing.",
    "newer": "Upgrade aiwriter, or choose another AIWRITER_HOME (or AIWRITER_DATABASE_URL).",
}


async def state(url: str) -> str:
    """ "missing", "old", "current" or "newer"; creates nothing. Raises Unavailable when the database cannot be had."""
    parsed = engines.address(url)
    readers, writers = engines.engines(parsed)
    try:
        return await state_with(parsed, readers)
    finally:
        await readers.dispose()
        await writers.dispose()


async def state_with(url: URL, engine: AsyncEngine) -> str:
    """The state of the tables, seen through an engine."""
    file = engines.file_of(url)
    if file is not None and not await asyncio.to_thread(file.exists):
        return "missing"  # connecting would create the file
    with translated():
        async with engine.connect() as connection:
            return _state_of(await connection.run_sync(_revision))


async def upgrade(url: str) -> None:
    """Bring the tables to this version; two processes may ask at once. Raises BadInput when they are newer."""
    from alembic import command

    await _migrate(url, lambda config: command.upgrade(config, "head"))


async def downgrade(url: str, revision: str = "base") -> None:
    """Take the tables back to an older revision; "base" drops them all."""
    from alembic import command

    await _migrate(url, lambda config: command.downgrade(config, revision))


def refuse_unless_current(url: URL, found: str) -> None:
    """Raises BadInput with the next step when the tables are not of this version."""
    if found != "current":
        raise BadInput(
            f"the tables of {url.render_as_string(hide_password=True)} are {found}"
            + (f" than this aiwriter, which knows revision {REVISIONS[-1]}" if found == "newer" else ""),
            hint=_HINTS[found],
        )


def _state_of(revision: str | None) -> str:
    if revision is None:
        return "missing"
    if revision not in REVISIONS:
        return "newer"
    return "current" if revision == REVISIONS[-1] else "old"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def _migrate(url: str, step: Callable[[Config], None]) -> None:
    parsed = engines.address(url)
    file = engines.file_of(parsed)
    if file is not None:
        _make_folder(file.parent)
    readers, writers = engines.engines(parsed)
    try:
        with translated():
            async with writers.begin() as connection:
                if file is None:
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
                found = _state_of(await connection.run_sync(_revision))
                if found == "newer":
                    refuse_unless_current(parsed, found)
                await connection.run_sync(lambda sync: step(_config(sync)))
    finally:
        await readers.dispose()
        await writers.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"the folder {folder} of the database cannot be made: {error.strerror}",
            hint="Choose another AIWRITER_HOME (or AIWRITER_DATABASE_URL).",
        ) from error


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "aiwriter.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
