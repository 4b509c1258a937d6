"""The rows of the database in dictionaries, and its transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from aiwriter.documents import (
    Approval,
    Article,
    Batch,
    DailyFigures,
    GateBlock,
    KeptStudy,
    Publication,
    Run,
    RunEvent,
    RunFacts,
    Source,
    Stage,
)
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import (
    BudgetState,
    CallIntent,
    CallOutcome,
    Feed,
    HeldKey,
    KnownPassage,
    KnownSource,
    Look,
    Remembered,
)
from aiwriter.storage import money
from aiwriter.storage.records import no_such

LOCK_SECONDS = 30  # how long a writer waits for another before it gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    owner: str | None = None
    until: datetime | None = None
    submitted_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether somebody's lease has not lapsed."""
        return self.owner is not None and self.until is not None and self.until > now


@dataclass(frozen=True, slots=True)
class HeldRun(Held):
    run: Run
    fence_secret: bytes


@dataclass(frozen=True, slots=True)
class HeldStudy(Held):
    study: KeptStudy


@dataclass(frozen=True, slots=True)
class Call:
    intent: CallIntent
    begun_at: datetime
    status: str = "intent"
    counted: int = 0  # micro-dollars
    outcome: CallOutcome | None = None

    @property
    def reserved(self) -> int:
        return money.cost(self.intent.reserved_usd)


@dataclass(frozen=True, slots=True)
class Budget:
    cap: int | None = None
    spent: int = 0
    reserved: int = 0

    def moved(self, spent: int, reserved: int) -> Budget:
        return replace(self, spent=self.spent + spent, reserved=self.reserved + reserved)

    def fits(self, amount: int) -> bool:
        return not amount or self.cap is None or self.spent + self.reserved + amount <= self.cap

    @property
    def state(self) -> BudgetState | None:
        if self.cap is None:
            return None
        return BudgetState(*(money.dollars(amount) for amount in (self.cap, self.spent, self.reserved)))


@dataclass(frozen=True, slots=True)
class HeldPublication:
    publication: Publication
    owner: str | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Rows:
    """All rows; values are never changed in place, so that a copy of the dictionaries is a copy of the state."""

    workspaces: dict[UUID, str] = field(default_factory=lambda: {LOCAL_WORKSPACE: "local"})
    runs: dict[tuple[UUID, UUID], HeldRun] = field(default_factory=dict)
    events: dict[tuple[UUID, UUID], tuple[RunEvent, ...]] = field(default_factory=dict)
    stages: dict[tuple[UUID, UUID, Stage, str], tuple[str, float, datetime]] = field(default_factory=dict)
    sources: dict[tuple[UUID, UUID], Source] = field(default_factory=dict)
    articles: dict[tuple[UUID, UUID], dict[int, Article]] = field(default_factory=dict)
    index_states: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    signatures: dict[tuple[UUID, UUID], tuple[int, bytes]] = field(default_factory=dict)  # of which version
    facts: dict[tuple[UUID, UUID], RunFacts] = field(default_factory=dict)
    calls: dict[tuple[UUID, UUID], Call] = field(default_factory=dict)
    budgets: dict[tuple[UUID, str, str], Budget] = field(default_factory=dict)
    figures: dict[tuple[UUID, date], tuple[DailyFigures, ...]] = field(default_factory=dict)
    batches: dict[tuple[UUID, UUID], Batch] = field(default_factory=dict)
    keys: dict[str, HeldKey] = field(default_factory=dict)
    known: dict[tuple[UUID, UUID], KnownSource] = field(default_factory=dict)
    known_passages: dict[tuple[UUID, str], tuple[UUID, KnownPassage]] = field(default_factory=dict)
    feeds: dict[tuple[UUID, UUID], Feed] = field(default_factory=dict)
    looks: dict[tuple[UUID, UUID], Look] = field(default_factory=dict)
    studies: dict[tuple[UUID, UUID], HeldStudy] = field(default_factory=dict)
    publications: dict[tuple[UUID, UUID], HeldPublication] = field(default_factory=dict)
    approvals: dict[tuple[UUID, UUID, int], Approval] = field(default_factory=dict)
    blocks: dict[tuple[UUID, UUID, int], GateBlock] = field(default_factory=dict)
    remembered: dict[tuple[UUID, str, str], tuple[Remembered, datetime]] = field(default_factory=dict)

    def copy(self) -> Rows:
        return Rows(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})


@dataclass(slots=True)
class Committed:
    """What everybody sees, and whose turn it is to write."""

    rows: Rows = field(default_factory=Rows)
    writer: asyncio.Lock = field(default_factory=asyncio.Lock)


class MemoryTransaction:
    """Reads what is committed; from the first write on works on a copy that nobody sees before the commit."""

    def __init__(self, committed: Committed) -> None:
        self._committed = committed
        self._own: Rows | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._open = False
        self._end()

    @property
    def rows(self) -> Rows:
        if not self._open:
            raise RuntimeError("this transaction is over, or was never entered with `async with`")
        return self._own or self._committed.rows

    async def writing(self) -> Rows:
        if self._own is None:
            await self._take_turn()
            self._own = self._committed.rows.copy()
        return self.rows

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(LOCK_SECONDS):
                await self._committed.writer.acquire()
        except TimeoutError as error:
            raise Unavailable("another transaction has been writing too long", hint="Is one open around it?") from error

    async def commit(self) -> None:
        if self._own is not None:
            self._committed.rows = self._own
            self._end()

    def _end(self) -> None:
        if self._own is not None:
            self._own = None
            self._committed.writer.release()


class Part:
    """What the repositories share."""

    def __init__(self, transaction: MemoryTransaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

    def _mine(self, rows: Mapping[tuple[UUID, UUID], Any]) -> list[Any]:
        return [row for (workspace, _), row in rows.items() if workspace == self._workspace]

    async def _writing(self) -> Rows:
        rows = await self._tx.writing()
        if self._workspace not in rows.workspaces:
            raise no_such("workspace", self._workspace)
        return rows

    async def _writing_run(self, run_id: UUID) -> Rows:
        rows = await self._writing()
        if (self._workspace, run_id) not in rows.runs:
            raise no_such("run", run_id)
        return rows
