"""A home whose runs are carried out by copies that can be stopped and killed, and an orchestrator made of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select, update

from aiwriter.documents import Brief, Run, RunEvent, utc_now
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Database, OrchestratorState, Principal, Submitted
from aiwriter.resilience.clock import SystemClock
from aiwriter.services import dispatch, runs
from aiwriter.storage import engines, tables
from tests.faults.forking import CARRYING, Copy, Crash, Forks

WHO = Principal("tester", LOCAL_WORKSPACE)
TOPIC = "How the ferry Lanternfish is run on Ostrel"
PARAGRAPH = """# The ferry Lanternfish

The ferry Lanternfish is run by the islanders of Ostrel. The Lanternfish crosses to Ostrel every night and is run on
batteries. On Ostrel the Lanternfish is charged for two hours after each crossing. The islanders of Ostrel have run
their ferry since 2019, and 41 of them work on it. The town council of Ostrel pays a third of what the ferry costs in a
year. Two captains and a doctor of Ostrel decide on stormy nights whether the Lanternfish sails. In the winter of 2023
the ferry stayed in the harbour of Ostrel for nine nights.
"""
LOOK_SECONDS = 0.05
SWEEP_SECONDS = 0.3
BOUND_SECONDS = 120  # until something has happened that must
A_RUN_SECONDS = 20  # for each that may have to be carried before


@dataclass(frozen=True)
class Place:
    """A folder of state with its database, and the process whose copies work there."""

    forks: Forks
    folder: Path
    url: str
    database: Database

    async def asked(self) -> Run:
        """A run that is accepted: stored, queued, and its id known."""
        source = self.folder / "lanternfish.md"
        if not source.exists():  # written once: who reads it while it is written anew finds it empty
            source.write_text(PARAGRAPH)
        brief = Brief(topic=TOPIC, sources=(str(source),), words=100)
        return await runs.ask(
            self.database, WHO, brief, model="offline:extractive", embedder="hashing:64", budget_usd=None
        )

    def carry(self, run_id: UUID, crash: Crash | None = None) -> Copy:
        """A worker's process for this run."""
        own = {"AIWRITER_HOME": str(self.folder), "AIWRITER_DATABASE_URL": self.url}
        environment = self.forks.environment | own
        return self.forks.start([str(run_id)], environment, str(self.log(run_id)), crash=crash, program=CARRYING)

    def log(self, run_id: UUID) -> Path:
        """What the processes of this run said."""
        return self.folder / f"{run_id}.txt"

    async def run(self, run_id: UUID) -> Run:
        return await runs.get(self.database, WHO, run_id)

    async def history(self, run_id: UUID) -> list[RunEvent]:
        return await runs.events_after(self.database, WHO, run_id, 0, 5000)

    async def until(self, run_id: UUID, happened: Callable[[Run], bool], in_line: int = 1) -> Run:
        """The run, as soon as this can be said of it; so many may have to be carried before it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BOUND_SECONDS + A_RUN_SECONDS * in_line):
                while not happened(run := await self.run(run_id)):  # noqa: ASYNC110 - told only in the database
                    await asyncio.sleep(LOOK_SECONDS)
                return run
        history = [f"{event.at:%H:%M:%S} {event.kind} {event.data}" for event in await self.history(run_id)]
        raise AssertionError("\n".join(["waited in vain for", str(await self.run(run_id)), *history]))

    # ── what no service tells or does ────────────────────────────────────────────────────────────────────────────────

    async def lapse(self, run_id: UUID) -> None:
        """Set the end of the lease back: the same as its seconds having passed without a renewal."""
        await self._change(run_id, lease_until=utc_now() - timedelta(seconds=1))

    async def move_to_another_machine(self, run_id: UUID) -> None:
        """Rename who holds the run: the same as its worker having worked elsewhere, where nobody can look for it."""
        await self._change(run_id, lease_owner="elsewhere|1|worker")

    async def _change(self, run_id: UUID, **values: object) -> None:
        _, engine = engines.engines(engines.address(self.url))
        try:
            async with engine.begin() as connection:
                await connection.execute(update(tables.runs).where(tables.runs.c.id == run_id).values(**values))
        finally:
            await engine.dispose()

    async def kept(self, run_id: UUID) -> Mapping[str, object]:
        """Everything that is stored of the run and of its article."""
        engine, _ = engines.engines(engines.address(self.url))
        of_run = {name: getattr(tables, name) for name in ("run_events", "stage_records", "content_metrics")}
        try:
            async with engine.connect() as connection:
                found: dict[str, object] = {
                    name: sorted(map(str, await connection.execute(select(table).where(table.c.run_id == run_id))))
                    for name, table in of_run.items()
                }
                run = await connection.execute(select(tables.runs).where(tables.runs.c.id == run_id))
                versions = await connection.execute(select(func.count()).select_from(tables.article_versions))
                return found | {"run": str(run.one()), "versions": versions.scalar_one()}
        finally:
            await engine.dispose()


@dataclass
class Crew:
    """A Launcher: runs are carried out by copies, `size` at once, while the rest waits in line."""

    start: Callable[[UUID], Copy]
    size: int = 2
    begun: int = 0  # copies so far
    at_work: dict[UUID, Copy] = field(default_factory=dict)
    _line: asyncio.Queue[tuple[UUID, int]] = field(default_factory=asyncio.Queue)
    _known: set[tuple[UUID, int]] = field(default_factory=set)  # runs with their attempts, in line or at work

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        if (run_id, attempt) not in self._known:
            self._known.add((run_id, attempt))
            self._line.put_nowait((run_id, attempt))
        return Submitted(id=f"{run_id}-{attempt}")

    async def submit_batch(self, batch_id: UUID, attempt: int) -> Submitted:
        raise Unavailable(f"there are no batches here, {batch_id} neither")

    async def run(self, run_id: UUID) -> Run:
        raise Unavailable(f"run {run_id} is carried out by a worker")

    async def run_batch(self, batch_id: UUID, at_once: int | None = None) -> list[Run]:
        raise Unavailable(f"there are no batches here, {batch_id} neither")

    async def state(self) -> OrchestratorState:
        return OrchestratorState(answers=True, workers=self.size)

    async def describe(self) -> str:
        return "copies of one process"

    @asynccontextmanager
    async def serving(self, database: Database) -> AsyncIterator[None]:
        """Within the block what is queued is swept up and carried out; no process is left at its end."""
        try:
            async with asyncio.TaskGroup() as group:  # a part that fails ends the test: nobody waits for what is gone
                serving = [group.create_task(self._worker()) for _ in range(self.size)]
                serving.append(group.create_task(self._dispatch(database)))
                yield
                for task in serving:
                    task.cancel()
        except BaseException:
            await self._tell_where_they_are()
            raise
        finally:
            for copy in self.at_work.values():
                copy.send(signal.SIGKILL)

    async def _tell_where_they_are(self) -> None:
        """Of what failed the copies may be the cause: one that hangs says where."""
        for copy in self.at_work.values():
            copy.send(signal.SIGUSR1)
        await asyncio.sleep(1)
        for run_id, copy in self.at_work.items():
            print(f"\n{self.begun} begun, at work: {run_id}\n{Path(copy.said).read_text()}")

    async def _dispatch(self, database: Database) -> None:
        """What the API does, somewhat more often."""
        while True:
            with suppress(Unavailable):  # a file that is locked for long: it is looked at again
                await dispatch.sweep(database, WHO, self, SystemClock())
            await asyncio.sleep(SWEEP_SECONDS)

    async def _worker(self) -> None:
        while True:
            run_id, attempt = await self._line.get()
            self.begun += 1
            self.at_work[run_id] = copy = await asyncio.to_thread(self.start, run_id)
            await asyncio.wrap_future(copy.ended)
            if self.at_work.get(run_id) is copy:  # the next attempt may have begun before we heard of the end
                del self.at_work[run_id]
            self._known.discard((run_id, attempt))
