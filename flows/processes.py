"""Prefect's process worker, with flow processes started our way: straight, and never left behind."""

from __future__ import annotations

import sys
from typing import Any

from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker


class Configuration(ProcessJobConfiguration):
    """Without a command Prefect puts two more processes between worker and flow, each with its imports: seconds."""

    def prepare_for_flow_run(self, *args: Any, **more: Any) -> None:
        if self.command is None:
            self.command = command_to_string([sys.executable, "-m", "flows.flow_process"])
        super().prepare_for_flow_run(*args, **more)


def worker_of(pool: str, runs: int) -> ProcessWorker:
    """A worker of the pool that carries out so many flow runs at once."""
    worker = ProcessWorker(work_pool_name=pool, limit=runs)
    worker.job_configuration = Configuration
    return worker
