"""Looks: places that a worker is asked to read once, and what came of it: nothing that was asked for disappears."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from aiwriter.errors import AIWriterError
from aiwriter.ports import Clock, Database, Look, LookState, Principal, SourceFinder
from aiwriter.ports.knowledge import LOOKS_OPEN
from aiwriter.services import ingesting
from aiwriter.services.ingesting import Ingested
from aiwriter.services.knowledge import Shelf

KEPT = timedelta(days=30)  # after its end
DEFECT = "a defect in aiwriter; the worker's log has the rest"  # what it says may hold what nobody may read


async def ask(database: Database, principal: Principal, location: str, clock: Clock) -> Look:
    """Remember that a place is to be read; the look that waits for it already, if there is one.

    Earlier looks at the place that failed, or whose worker is not heard of, are forgotten, and so is what ended long
    ago."""
    principal.require("write")
    now = clock.now()
    look = Look(ingesting.look_id(principal, location, now), location, asked_at=now, told_at=now)
    async with database.unit_of_work(principal.workspace_id) as work:
        there = [one for one in await work.looks.all((*LOOKS_OPEN, "failed")) if one.location == location]
        if same := next((one for one in there if one.state == "waiting" or _is_read_now(one, look)), None):
            return same
        await work.looks.prune(now - KEPT)
        for one in there:
            await work.looks.remove(one.id)
        await work.looks.put(look)
        await work.commit()
    return look


def _is_read_now(one: Look, asked: Look) -> bool:
    """Whether the same was asked for within this minute, and a worker has it."""
    return one.id == asked.id and one.state == "reading"


async def failed(database: Database, principal: Principal, look: Look, error: AIWriterError, clock: Clock) -> None:
    """Nobody could be told of it, or it could not be carried out."""
    await _tell(database, principal, look.id, "failed", error.with_hint, clock)


async def carry(
    database: Database,
    principal: Principal,
    look_id: UUID,
    location: str,
    finder: SourceFinder,
    shelf: Shelf,
    on_progress: ingesting.Progress | None = None,
) -> Ingested:
    """Read the place, or look again at what is known of it, and keep what came of that.

    Raises like `ingesting.look_once`; a look that was forgotten meanwhile is carried out all the same."""
    principal.require("write")
    await _tell(database, principal, look_id, "reading", None, shelf.clock)
    try:
        done = await ingesting.look_once(database, principal, location, finder, shelf, on_progress)
    except Exception as error:  # a look that ends unheard of would be listed as being read: told, then raised
        told = error.with_hint if isinstance(error, AIWriterError) else DEFECT
        await _tell(database, principal, look_id, "failed", told, shelf.clock)
        raise
    state: LookState = "failed" if done.problems else "done"
    await _tell(database, principal, look_id, state, done.told, shelf.clock)
    return done


async def get(database: Database, principal: Principal, look_id: UUID) -> Look:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.looks.get(look_id)


async def unread(database: Database, principal: Principal) -> list[Look]:
    """Those that wait, are being carried out, or failed; newest first."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.looks.all((*LOOKS_OPEN, "failed"))


async def forget(database: Database, principal: Principal, look_id: UUID) -> None:
    """List it no more. Raises NotFound."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.looks.remove(look_id)
        await work.commit()


async def forget_failed(database: Database, principal: Principal, location: str) -> int:
    """Forget the looks at a place that failed; how many there were."""
    gone = [one for one in await unread(database, principal) if one.location == location and one.state == "failed"]
    for one in gone:
        await forget(database, principal, one.id)
    return len(gone)


async def _tell(
    database: Database, principal: Principal, look_id: UUID, state: LookState, told: str | None, clock: Clock
) -> None:
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.looks.tell(look_id, state, told, clock.now())
        await work.commit()
