"""The Launcher port made of Prefect. Importing this module does not import Prefect: its environment is set first."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import UUID

from aiwriter.documents import Run, StudyHead
from aiwriter.errors import Conflict, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Database, Feed, OrchestratorState, Principal, Submitted
from aiwriter.services import batches, runs
from aiwriter.settings import Settings
from flows import naming
from flows.doorbell import Doorbell
from flows.prefect_server import is_healthy, known_server, prepare_environment, server

DELIVER_SECONDS = 3.0
ARTICLES, BATCHES = "write-article/on-demand", "write-batch/on-demand"  # deployments/prefect.yaml
LOOKS, STUDIES = "ingest-sources/on-demand", "research-topic/on-demand"


class PrefectLauncher:
    """Carries stored runs and batches out: in this process (`run…`), or by whichever worker is free (`submit…`)."""

    def __init__(self, settings: Settings, database: Database, principal: Principal) -> None:
        self._settings = settings
        self._database = database
        self._principal = principal
        prepare_environment(settings.home_folder)

    # ── in this process ──────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self, run_id: UUID) -> Run:
        """Carry the run to its end in this process, under a Prefect server; the run as it ended.

        Raises Unavailable when no server can be had, Conflict when another process holds the run.
        """
        run = await runs.get(self._database, self._principal, run_id)
        await self._here(
            "flows.write_article",
            lambda module: module.write_article(
                run_id, title=run.brief.topic, workspace=self._workspace, return_state=True
            ),
        )
        return await runs.get(self._database, self._principal, run_id)

    async def run_batch(self, batch_id: UUID, at_once: int | None = None) -> list[Run]:
        """Carry every run of the batch to its end in this process; the runs in its order. Raises Unavailable."""
        state = await batches.state(self._database, self._principal, batch_id)
        await self._here(
            "flows.write_batch",
            lambda module: module.write_batch(
                batch_id, at_once=at_once, title=state.batch.name, workspace=self._workspace, return_state=True
            ),
        )
        return (await batches.state(self._database, self._principal, batch_id)).runs

    async def _here(self, module: str, start: Callable[[ModuleType], Awaitable[Any]]) -> None:
        # Prefect's import takes as long as a part of its server's start: do both at once.
        importing = asyncio.ensure_future(asyncio.to_thread(import_module, module))
        async with server(self._settings.home_folder, self._settings.prefect.start_seconds) as api:
            await _attended(start, await importing, api)

    @property
    def _workspace(self) -> UUID | None:
        """The workspace a flow is told of; None stands for the local owner's."""
        workspace = self._principal.workspace_id
        return None if workspace == LOCAL_WORKSPACE else workspace

    # ── by a worker ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        """Hand it to whichever worker is free; the same run and attempt twice is one submission. Raises Unavailable."""
        run = await runs.get(self._database, self._principal, run_id)
        name = naming.article(run.brief.topic, run_id)
        return await self._submit(ARTICLES, ("run_id", run_id), attempt, name, run.brief.topic)

    async def submit_batch(self, batch_id: UUID, attempt: int) -> Submitted:
        """Like `submit`, for the runs of the batch that have not ended."""
        state = await batches.state(self._database, self._principal, batch_id)
        name = naming.batch(state.batch.name, batch_id)
        return await self._submit(BATCHES, ("batch_id", batch_id), attempt, name, state.batch.name)

    async def submit_look(self, feed: Feed) -> Submitted:
        """A look at a feed by whichever worker is free; the same until it has been looked at. Raises Unavailable."""
        looked = 0 if feed.checked_at is None else int(feed.checked_at.timestamp())
        return await self._submit(LOOKS, ("feed_id", feed.id), looked, naming.short(feed.name), feed.name)

    async def submit_place(self, place: str, look_id: UUID) -> Submitted:
        """A look at a place by whichever worker is free, once for each id of a look. Raises Unavailable."""
        return await self._submit(LOOKS, ("look_id", look_id), 0, naming.short(place), place, place=place)

    async def submit_study(self, study: StudyHead) -> Submitted:
        """A stored study, by whichever worker is free; once for each time it was begun. Raises Unavailable."""
        return await self._submit(
            STUDIES, ("study_id", study.id), study.attempts, naming.short(study.topic), study.topic
        )

    async def _submit(
        self, deployment: str, what: tuple[str, UUID], attempt: int, name: str, title: str, **others: str
    ) -> Submitted:
        api = await self._server()
        submitting = await asyncio.to_thread(import_module, "flows.submitting")
        more = {"title": title} | others | ({"workspace": str(self._workspace)} if self._workspace else {})
        submitted: Submitted = await submitting.submit(api, deployment, what, attempt, name, more)
        Doorbell(self._settings.home_folder).ring()
        return submitted

    async def _server(self) -> str:
        """The server that runs are submitted to. Raises Unavailable when there is none that answers."""
        known = os.environ.get("PREFECT_API_URL") or known_server(self._settings.home_folder)
        if known is None:
            raise Unavailable(
                "no Prefect server is known",
                hint="Start everything with `aiwriter up`, or name a server in PREFECT_API_URL.",
            )
        if not await asyncio.to_thread(is_healthy, known):
            raise Unavailable(
                f"the Prefect server {known!r} does not answer", hint="Start it; what was asked for is kept until then."
            )
        return known

    # ── how it stands ────────────────────────────────────────────────────────────────────────────────────────────────

    async def state(self) -> OrchestratorState:
        """Whether the server answers and who works; never raises Unavailable."""
        try:
            api = await self._server()
            submitting = await asyncio.to_thread(import_module, "flows.submitting")
            state: OrchestratorState = await submitting.state(api, self._settings.prefect.pool)
        except Unavailable as error:
            return OrchestratorState(answers=False, detail=str(error))
        return replace(state, limit=self._settings.serve.runs * max(1, state.workers))

    async def describe(self) -> str:
        """Which Prefect server a run would use."""
        named = os.environ.get("PREFECT_API_URL") or known_server(self._settings.home_folder)
        if named is None:
            return "no Prefect server is running: each run starts one for itself and stops it at its end"
        healthy = await asyncio.to_thread(is_healthy, named)
        return f"the Prefect server {named} {'answers' if healthy else 'does not answer'}"


async def _attended(start: Callable[[ModuleType], Awaitable[Any]], module: ModuleType, api: str) -> None:
    """Run a flow for somebody who waits for it; raises a defect, or Conflict when there was nothing for us to do."""
    from prefect.exceptions import FailedRun
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks import policies

    token = policies.attended.set(True)
    policies.stopped_by.set(signal.getsignal(signal.SIGTERM))
    try:
        # To read all settings again takes long: not when this server is the one that they name.
        with nullcontext() if PREFECT_API_URL.value() == api else temporary_settings({PREFECT_API_URL: api}):
            state = await start(module)
            await _deliver()
            if state.name == "Skipped":
                raise Conflict(state.message)
            failure = await state.aresult(raise_on_failure=False)
            if isinstance(failure, BaseException) and not isinstance(failure, FailedRun):
                raise failure  # a defect: what the flow itself did not turn into an end of the run
    finally:
        policies.attended.reset(token)


async def _deliver() -> None:
    """Let Prefect's client hand over the events and log lines it still holds, before the server goes."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    events: Any = EventsWorker.drain_all(timeout=DELIVER_SECONDS, at_exit=False)  # an awaitable within a running loop
    for handing_over in (events, APILogHandler.aflush()):
        await asyncio.wait([asyncio.ensure_future(handing_over)], timeout=DELIVER_SECONDS)
