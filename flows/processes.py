"""Prefect's process worker, with flow processes started our way: straight, and never left behind."""

from __future__ import annotations

import sys
import time
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from aiwriter.settings import Settings
from flows.doorbell import Doorbell, Rhythm


class Configuration(ProcessJobConfiguration):
    """Without a command Prefect puts two more processes between worker and flow, each with its imports: seconds."""

    def prepare_for_flow_run(self, *args: Any, **more: Any) -> None:
        if self.command is None:
            self.command = command_to_string([sys.executable, "-m", "flows.flow_process"])
        super().prepare_for_flow_run(*args, **more)


class Worker(ProcessWorker):
    """Asks the server for flow runs now and then (`Rhythm`), and at once when the doorbell rang or one of its own has
    ended."""

    job_configuration = Configuration
    bell: Doorbell
    rhythm: Rhythm
    _busy = 0

    @classmethod
    def __dispatch_key__(cls) -> str:
        return "process of AI-Writer"  # in Prefect's list of workers: it does not take the place of its parent

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Called by Prefect ten times a second (flows.worker)."""
        busy, before = self.limiter.borrowed_tokens, self._busy
        self._busy = busy
        if not self.rhythm.is_due(time.monotonic(), at_once=self.bell.has_rung() or busy < before, busy=busy > 0):
            return []
        return await super().get_and_submit_flow_runs()

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Prefect ends the worker, and whatever it carries, for one flow run that cannot be begun: it was deleted
        meanwhile, or the server stumbled. Here it is said; one that is still there is asked for again."""
        try:
            await super()._submit_run(flow_run)
        except Exception as error:  # whatever it was, the others are not its fault
            self._logger.warning("flow run %s could not be begun", flow_run.id, exc_info=error)
            self._submitting_flow_run_ids.discard(flow_run.id)
            self._release_limit_slot(flow_run.id)
            if self._cancelling_observer is not None:
                self._cancelling_observer.remove_in_flight_flow_run_id(flow_run.id)

    async def _mark_flow_run_as_cancelled(self, flow_run: FlowRun, state_updates: dict[str, Any] | None = None) -> None:
        """One whose deployment is gone keeps no place either: Prefect forgets to give it back."""
        await super()._mark_flow_run_as_cancelled(flow_run, state_updates)
        self._release_limit_slot(flow_run.id)


def worker_of(chosen: Settings) -> Worker:
    """A worker of the pool that carries out as many flow runs at once as the settings say."""
    worker = Worker(work_pool_name=chosen.prefect.pool, limit=chosen.serve.runs)
    worker.bell, worker.rhythm = Doorbell(chosen.home_folder), Rhythm()
    return worker
