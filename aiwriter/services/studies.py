"""Studies: a topic is looked into in its sources, kept, found again and removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from aiwriter.documents import Brief, KeptStudy, RunStatus, Stage, StudyHead, utc_now
from aiwriter.errors import AIWriterError, Conflict, Refused, Unavailable
from aiwriter.pipeline import research
from aiwriter.pipeline.study import study
from aiwriter.ports import (
    Chunker,
    Clock,
    Database,
    Embedder,
    Launcher,
    Page,
    Paging,
    Principal,
    SearchEngines,
    SourceFinder,
    StudyFilter,
)

Progress = Callable[[Stage, int, int, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a study is made with."""

    finder: SourceFinder
    engines: SearchEngines
    chunk: Chunker
    embedder: Embedder
    clock: Clock


async def ask(database: Database, principal: Principal, brief: Brief, launcher: Launcher | None = None) -> KeptStudy:
    """Store a study, queued, and hand it to the orchestrator; without a `launcher` this process carries it itself.

    Raises Unavailable when it cannot be handed on: then nothing is kept, since nobody would take it up.
    """
    principal.require("write")
    asked = KeptStudy(topic=brief.topic, brief=brief, requested_by=principal.name)
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.studies.add(asked)
        await work.commit()
    if launcher is not None:
        try:
            await launcher.submit_study(asked)
        except Unavailable:
            await remove(database, principal, asked.id)
            raise
    return asked


async def carry_out(
    database: Database, principal: Principal, study_id: UUID, desk: Desk, on_progress: Progress | None = None
) -> KeptStudy:
    """Read the sources and keep what they say; the study as it ended. Doing it again begins anew, unless it is done.

    Raises NotFound, Conflict when it has ended or is removed meanwhile, and what research and evidence raise: the study
    runs on for whoever tries again, or gives it up with `end_with`.
    """
    principal.require("write")
    asked = await get(database, principal, study_id)

    async def tell(stage: Stage, done: int = 0, total: int = 0, what: str = "") -> None:
        async with database.unit_of_work(principal.workspace_id) as work:
            if not await work.studies.tell(study_id, desk.clock.now(), stage, done, total):
                raise _over(study_id)
            await work.commit()
        if on_progress:
            await on_progress(stage, done, total, what)

    async def read(done: int, total: int, location: str) -> None:
        await tell(Stage.RESEARCH, done, total, location)

    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.studies.begin(study_id, desk.clock.now()):
            raise _over(study_id)
        await work.commit()
    sources = await research.gather(asked.brief, desk.finder, read, desk.engines)
    await tell(Stage.EVIDENCE)
    found = await study(asked.brief, sources, desk.chunk, desk.embedder)
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.studies.end(study_id, desk.clock.now(), RunStatus.DONE, study=found):
            raise _over(study_id)
        await work.commit()
        return await work.studies.get(study_id)


def _over(study_id: UUID) -> Conflict:
    return Conflict(
        f"study {study_id} has ended, or was removed", hint="`aiwriter research --list` shows what there is."
    )


async def end_with(database: Database, principal: Principal, study_id: UUID, error: BaseException) -> None:
    """Give a study up for an error, as refused or failed; one that has ended, or is not there, is left as it is."""
    status = RunStatus.REFUSED if isinstance(error, Refused) else RunStatus.FAILED
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.studies.end(study_id, utc_now(), status, reason=_told(error))
        await work.commit()


def _told(error: BaseException) -> str:
    if not isinstance(error, Exception):
        return "interrupted"
    if not isinstance(error, AIWriterError):
        return f"{type(error).__name__}: {error}"
    return f"{str(error).rstrip('.')}. {error.hint}" if error.hint else str(error)


async def get(database: Database, principal: Principal, study_id: UUID) -> KeptStudy:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.get(study_id)


async def find(database: Database, principal: Principal, prefix: str) -> KeptStudy:
    """The study whose id begins so. Raises NotFound, or BadInput when several do."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.find(prefix)


async def page(database: Database, principal: Principal, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
    """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.studies.page(wanted, paging)


async def remove(database: Database, principal: Principal, study_id: UUID) -> None:
    """Forget it; whoever works on it finds out and stops. Raises NotFound."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.studies.remove(study_id)
        await work.commit()
