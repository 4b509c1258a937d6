"""Studies: a topic is looked into in its sources, or a text is checked against them; kept, found again, cancelled and
removed.

One process at a time works on a study, by a lease like that of a run (`holding.py`); what a dead one left is handed on
again by `study_sweeping.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from aiwriter.documents import Brief, CheckedText, KeptStudy, RunStatus, Stage, Study, StudyHead, StudyKind, utc_now
from aiwriter.errors import AIWriterError, Conflict, Refused
from aiwriter.pipeline import research
from aiwriter.pipeline.study import study as studied
from aiwriter.ports import (
    Clock,
    Database,
    Page,
    Paging,
    Principal,
    StudyFilter,
    UnitOfWork,
)
from aiwriter.services import checking, holding
from aiwriter.services.desk import Desk

UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)
Progress = Callable[[Stage, int, int, str], Awaitable[None]]


async def ask(database: Database, principal: Principal, brief: Brief, *, in_hand: bool = False) -> KeptStudy:
    """Store a study, queued. A sweep hands it to the orchestrator, unless it is `in_hand`: this process carries it."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        asked = await add(work, principal, KeptStudy(topic=brief.topic, brief=brief))
        if in_hand:
            await work.studies.submitted(asked.id, utc_now())
        await work.commit()
    return asked


async def add(work: UnitOfWork, principal: Principal, study: KeptStudy) -> KeptStudy:
    """Put a new study into a transaction; the study with who asked for it."""
    study = study.model_copy(update={"requested_by": principal.name})
    await work.studies.add(study)
    return study


# ── working on one ───────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def in_hand(
    database: Database, principal: Principal, study_id: UUID, clock: Clock, *, for_good: bool = False
) -> AsyncIterator[str]:
    """Hold the study while the block runs; yields the owner's name, needed to carry it out.

    An error of the block ends the study, as refused or failed, and goes on. An interruption leaves it to whoever is
    next, or ends it when nobody else is to go on (`for_good`). Raises NotFound, and Conflict when it has ended or
    another process holds it; when it is cancelled, removed or taken over meanwhile, the block is cancelled within about
    a second and Conflict raised.
    """
    principal.require("write")
    owner = holding.owner_name()
    await _claim(database, principal, study_id, owner, clock)
    still_ours = partial(_still_ours, database, principal, study_id, owner, clock)
    async with holding.watched(owner, clock, still_ours, partial(_gone, database, principal, study_id)):
        try:
            yield owner
        except Conflict:
            raise
        except BaseException as error:  # an interruption too: the study must not stay "running" behind us
            await _give_up(database, principal, study_id, owner, error, for_good or isinstance(error, Exception))
            raise


async def carry(
    database: Database,
    principal: Principal,
    study_id: UUID,
    desk: Desk,
    on_progress: Progress | None = None,
    *,
    for_good: bool = False,
) -> KeptStudy:
    """Take a study in hand and carry it out; raises what both do."""
    async with in_hand(database, principal, study_id, desk.clock, for_good=for_good) as owner:
        return await carry_out(database, principal, study_id, owner, desk, on_progress)


async def _claim(database: Database, principal: Principal, study_id: UUID, owner: str, clock: Clock) -> None:
    async with database.unit_of_work(principal.workspace_id) as work:
        holder = await work.studies.holder(study_id)
        if holder is not None and holding.is_dead_neighbour(holder):
            await work.studies.release(study_id, holder)
        taken = await work.studies.claim(study_id, owner, holding.LEASE_SECONDS, clock.now())
        await work.commit()
    if not taken:
        raise await _gone(database, principal, study_id)


async def _still_ours(
    database: Database, principal: Principal, study_id: UUID, owner: str, clock: Clock, renew: bool
) -> bool:
    async with database.unit_of_work(principal.workspace_id) as work:
        if not renew:
            return await work.studies.holder(study_id) == owner
        ours = await work.studies.renew(study_id, owner, holding.LEASE_SECONDS, clock.now())
        await work.commit()
        return ours


async def _gone(database: Database, principal: Principal, study_id: UUID) -> Conflict:
    """Why a study is not ours. Raises NotFound when it is not there."""
    study = await get(database, principal, study_id)
    name = f"{study.kind.called} {study_id}"
    if study.status in UNDER_WAY:
        hint = f"A lease that is not renewed lapses after {holding.LEASE_SECONDS:.0f} s."
        return Conflict(f"another process is working on {name}", hint=hint)
    listed = "`aiwriter research --list` shows what there is." if study.kind is StudyKind.TOPIC else None
    return Conflict(f"{name} has ended: {study.status}", hint=listed)


async def _give_up(
    database: Database, principal: Principal, study_id: UUID, owner: str, error: BaseException, for_good: bool
) -> None:
    """End it for an error, or leave it to the next; one that is not ours (any more) is left as it is."""
    holding.giving_up(owner)
    status = RunStatus.REFUSED if isinstance(error, Refused) else RunStatus.FAILED
    async with database.unit_of_work(principal.workspace_id) as work:
        if for_good:
            await work.studies.end(study_id, owner, utc_now(), status, reason=_told(error))
        else:
            await work.studies.release(study_id, owner)
        await work.commit()


def _told(error: BaseException) -> str:
    if not isinstance(error, Exception):
        return "interrupted"
    if not isinstance(error, AIWriterError):
        return f"{type(error).__name__}: {error}"
    return f"{str(error).rstrip('.')}. {error.hint}" if error.hint else str(error)


async def carry_out(
    database: Database,
    principal: Principal,
    study_id: UUID,
    owner: str,
    desk: Desk,
    on_progress: Progress | None = None,
) -> KeptStudy:
    """Read the sources and keep what they say, for the `owner` that `in_hand` named; the study as it ended.

    Raises NotFound, Conflict when it is not ours any more, and what research and evidence raise.
    """
    asked = await get(database, principal, study_id)

    async def tell(stage: Stage, done: int = 0, total: int = 0, what: str = "") -> None:
        async with database.unit_of_work(principal.workspace_id) as work:
            if not await work.studies.tell(study_id, owner, desk.clock.now(), stage, done, total):
                raise await _gone(database, principal, study_id)
            await work.commit()
        if on_progress:
            await on_progress(stage, done, total, what)

    async def read(done: int, total: int, location: str) -> None:
        await tell(Stage.RESEARCH, done, total, location)

    found = await _found(asked, desk, tell, read)
    holding.giving_up(owner)
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.studies.end(study_id, owner, desk.clock.now(), RunStatus.DONE, found=found):
            raise await _gone(database, principal, study_id)
        await work.commit()
        return await work.studies.get(study_id)


async def _found(
    study: KeptStudy, desk: Desk, tell: Callable[[Stage], Awaitable[None]], read: research.Progress
) -> Study | CheckedText:
    if study.asked is None:
        sources = await research.gather(study.brief, desk.finder, read, desk.engines(None))
        await tell(Stage.EVIDENCE)
        return await studied(study.brief, sources, desk.chunk, desk.embedder, desk.words)
    text = await checking.understood(study.asked)
    sources = await checking.gather(desk, study.brief, study.asked, text.article, read)
    await tell(Stage.QUALITY)
    return await checking.examine(desk, study.asked, text.article, sources)


# ── looking and steering ─────────────────────────────────────────────────────────────────────────────────────────────


async def get(database: Database, principal: Principal, study_id: UUID, kind: StudyKind | None = None) -> KeptStudy:
    """Raises NotFound; for one of another kind than is asked for, too."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.get(study_id, kind)


async def find(database: Database, principal: Principal, prefix: str) -> KeptStudy:
    """The study of a topic whose id begins so. Raises NotFound, or BadInput when several do."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.find(prefix)


async def page(database: Database, principal: Principal, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
    """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.page(wanted, paging)


async def remove(database: Database, principal: Principal, study_id: UUID, kind: StudyKind | None = None) -> None:
    """Forget it; whoever works on it finds out and stops. Raises NotFound."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.studies.get(study_id, kind)
        await work.studies.remove(study_id)
        await work.commit()


async def cancel(database: Database, principal: Principal, study_id: UUID, kind: StudyKind | None = None) -> KeptStudy:
    """End it for good: whoever works on it finds out within about a second and stops.

    Raises NotFound, or Conflict when it has ended already.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.studies.get(study_id, kind)
        if not await work.studies.cancel(study_id, utc_now(), f"cancelled by {principal.name}"):
            ended = await work.studies.get(study_id)
            raise Conflict(
                f"{ended.kind.called} {study_id} has ended already: {ended.status}", hint="There is nothing to cancel."
            )
        await work.commit()
        return await work.studies.get(study_id)
