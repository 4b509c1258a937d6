"""The database before it is used: of which version its tables are, and bringing them to this one."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from aiwriter.errors import BadInput
from aiwriter.settings import Settings


async def database_state(settings: Settings) -> str:
    """missing, old, current or newer."""
    from aiwriter.storage import schema_state

    return await schema_state(settings.database)


async def prepare_database(settings: Settings) -> None:
    """Make sure the tables are of this version: an embedded database is brought there, another must be by a person.

    Raises BadInput when it is newer than this program, or old or empty and not embedded.
    """
    state = await database_state(settings)
    if state == "current":
        return
    if settings.database_url is not None and state != "newer":
        raise BadInput(
            f"the tables of {without_password(settings.database)} are {state}",
            hint="Run `aiwriter migrate` once, when nothing else is writing.",
        )
    await migrate_database(settings)


async def migrate_database(settings: Settings) -> tuple[str, str]:
    """Bring the tables to this version; what they were and what they are. Raises BadInput when they are newer."""
    from aiwriter.storage import migrate

    before = await database_state(settings)
    await migrate(settings.database)
    return before, await database_state(settings)


async def copy_database(settings: Settings, source: str) -> int:
    """Copy all that another database has into this one, brought to this version; how many rows.

    Raises BadInput when the other is not of this version, or this one is not empty.
    """
    from aiwriter.storage import copy

    await migrate_database(settings)
    return await copy(source, settings.database)


def without_password(address: str) -> str:
    """An address that may be shown: a password in it becomes ***."""
    parts = urlsplit(address)
    if not parts.password:
        return address
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
