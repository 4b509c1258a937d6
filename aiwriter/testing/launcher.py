"""An orchestrator that only remembers what it was given."""

from __future__ import annotations

from uuid import UUID

from aiwriter.documents import Run
from aiwriter.errors import Unavailable
from aiwriter.ports import OrchestratorState, Submitted


class RecordingLauncher:
    """A `Launcher` that keeps what is submitted, once for each run and attempt, as long as it is `up`."""

    def __init__(self, *, up: bool = True) -> None:
        self.up = up
        self.submitted: list[tuple[UUID, int]] = []  # (run or batch, attempt), in order

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        if not self.up:
            raise Unavailable("the orchestrator is down", hint="Start it.")
        if (run_id, attempt) not in self.submitted:
            self.submitted.append((run_id, attempt))
        return Submitted(id=f"{run_id}-{attempt}", page=f"http://orchestrator.test/{run_id}-{attempt}")

    async def submit_batch(self, batch_id: UUID, attempt: int) -> Submitted:
        return await self.submit(batch_id, attempt)

    async def run(self, run_id: UUID) -> Run:
        raise NotImplementedError(f"nothing carries run {run_id} out here")

    async def run_batch(self, batch_id: UUID) -> list[Run]:
        raise NotImplementedError(f"nothing carries batch {batch_id} out here")

    async def state(self) -> OrchestratorState:
        return OrchestratorState(answers=self.up, queued=len(self.submitted))

    async def describe(self) -> str:
        return "an orchestrator that only remembers"
