"""The Launcher port made of Prefect. Importing this module does not import Prefect: its environment is set first."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import Any
from uuid import UUID

from aiwriter.documents import Run
from aiwriter.ports import Database, Principal
from aiwriter.services import runs
from aiwriter.settings import Settings
from flows.prefect_server import is_healthy, known_server, prepare_environment, server

DELIVER_SECONDS = 3.0


class PrefectLauncher:
    """Runs the `write_article` flow for a stored run."""

    def __init__(self, settings: Settings, database: Database, principal: Principal) -> None:
        self._settings = settings
        self._database = database
        self._principal = principal

    async def run(self, run_id: UUID) -> Run:
        """Carry the run to its end in this process, under a Prefect server; the run as it ended.

        Raises Unavailable when no server can be had, Conflict when another process holds the run.
        """
        home = self._settings.home_folder
        prepare_environment(home)
        # Prefect's import takes as long as a part of its server's start: do both at once.
        importing = asyncio.ensure_future(asyncio.to_thread(import_module, "flows.write_article"))
        async with server(home, self._settings.prefect.start_seconds) as api:
            await importing
            await _run_flow(run_id, api)
        return await runs.get(self._database, self._principal, run_id)

    async def describe(self) -> str:
        """Which Prefect server a run would use."""
        named = os.environ.get("PREFECT_API_URL") or known_server(self._settings.home_folder)
        if named is None:
            return "no Prefect server is running: each run starts one for itself and stops it at its end"
        healthy = await asyncio.to_thread(is_healthy, named)
        return f"the Prefect server {named} {'answers' if healthy else 'does not answer'}"


async def _run_flow(run_id: UUID, api: str) -> None:
    from prefect.exceptions import FailedRun
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.write_article import write_article
    from tasks import policies

    token = policies.attended.set(True)
    try:
        with temporary_settings({PREFECT_API_URL: api}):
            state = await write_article(run_id, return_state=True)
            await _deliver()
            failure = await state.aresult(raise_on_failure=False)
            if isinstance(failure, BaseException) and not isinstance(failure, FailedRun):
                raise failure  # a defect, or a Conflict: what the flow itself did not turn into an end of the run
    finally:
        policies.attended.reset(token)


async def _deliver() -> None:
    """Let Prefect's client hand over the events and log lines it still holds, before the server goes."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    events: Any = EventsWorker.drain_all(timeout=DELIVER_SECONDS, at_exit=False)  # an awaitable within a running loop
    for handing_over in (events, APILogHandler.aflush()):
        await asyncio.wait([asyncio.ensure_future(handing_over)], timeout=DELIVER_SECONDS)
