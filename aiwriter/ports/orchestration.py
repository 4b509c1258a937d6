"""Time, and the orchestrator that carries runs out and keeps schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from aiwriter.documents import (
    Brief,
    Run,
    StudyHead,
)

if TYPE_CHECKING:
    from aiwriter.ports.knowledge import Feed


class Clock(Protocol):
    """Time that can be turned by hand in tests."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Submitted:
    """A run or batch that was handed to the orchestrator: its id there, and its page for people, if there is one."""

    id: str
    page: str | None = None


class Launcher(Protocol):
    """Runs stored runs through the orchestrator."""

    async def run(self, run_id: UUID) -> Run:
        """In this process, until it ends (or waits for a person)."""
        ...

    async def run_batch(self, batch_id: UUID, at_once: int | None = None) -> list[Run]:
        """In this process, `at_once` together, until every run of the batch has ended (or waits for a person); they are
        in the batch's order."""
        ...

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        """Hand it to whichever worker is free; the same run and attempt twice is one submission. Raises Unavailable."""
        ...

    async def submit_batch(self, batch_id: UUID, attempt: int) -> Submitted: ...
    async def submit_look(self, feed: Feed) -> Submitted:
        """A look at a feed; the same until it has been looked at. Raises Unavailable."""
        ...

    async def submit_place(self, place: str, look_id: UUID) -> Submitted:
        """A look at a place, once for each id of a look. Raises Unavailable."""
        ...

    async def submit_study(self, study: StudyHead) -> Submitted:
        """A stored study; the same attempt twice is one submission. Raises Unavailable."""
        ...

    async def state(self) -> OrchestratorState:
        """Whether it answers and who works; never raises Unavailable."""
        ...

    async def describe(self) -> str:
        """For people: what the orchestrator is and where it would run."""
        ...


@dataclass(frozen=True, slots=True)
class OrchestratorState:
    """`address` is its page for people; `workers` those that were alive a moment ago; `queued` what waits for one."""

    answers: bool
    address: str | None = None
    workers: int = 0
    queued: int = 0
    running: int = 0
    limit: int | None = None  # how many runs work at once
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A batch that is started again and again. `cron` has five fields; `timezone` is an IANA name."""

    name: str
    cron: str
    timezone: str
    paused: bool
    briefs: int
    file: str | None = None  # read at each start, when given
    next_start: datetime | None = None


class Scheduler(Protocol):
    """Schedules of the orchestrator. All raise Unavailable when it does not answer."""

    async def add(
        self,
        name: str,
        cron: str,
        timezone: str,
        *,
        briefs: Sequence[Brief],
        file: str | None,
        model: str,
        budget_usd: Decimal | None,
    ) -> Schedule:
        """Raises Conflict when the name is taken, BadInput for a cron line that cannot be read."""
        ...

    async def all(self) -> list[Schedule]: ...
    async def pause(self, name: str, *, paused: bool) -> Schedule:
        """Raises NotFound."""
        ...

    async def remove(self, name: str) -> None:
        """Raises NotFound."""
        ...
