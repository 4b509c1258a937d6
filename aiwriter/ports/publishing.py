"""Publishing: the targets, what is kept of publications and approvals, and the gate over what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiwriter.documents import Approval, Article, GateBlock, Publication, PublicationStatus


class Target(Protocol):
    """A place where readers find articles. Doing anything again changes nothing. Raises Unavailable when it does not
    take what it is given, BadInput when there can be no such place."""

    async def put(self, article: Article, key: UUID) -> str:
        """Make this version what readers find of the article; the address of its page. `key` is the same each time the
        same publication is tried."""
        ...

    async def holds(self, article: Article) -> bool:
        """Whether readers find the article, and an index."""
        ...

    async def remove(self, article: Article) -> None:
        """Nothing of the article is there any more."""
        ...

    async def show(self, listed: Sequence[Publication]) -> None:
        """Make these all that the index lists, in this order."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """A lease on a publication: who has it, at what time, and until when."""

    owner: str
    now: datetime
    until: datetime


class PublicationRepository(Protocol):
    """Publications of a workspace. Who publishes holds a lease on the row, in one conditional UPDATE each time."""

    async def ask(self, publication: Publication) -> Publication:
        """Store it; the one that is there when there is one of that version at that target."""
        ...

    async def wait(self, publication: Publication, due_at: datetime, now: datetime) -> Publication:
        """Let it wait for that time unless it is published, or somebody is at it; as it is then."""
        ...

    async def get(self, publication_id: UUID) -> Publication:
        """Raises NotFound."""
        ...

    async def of_article(self, article_id: UUID) -> list[Publication]:
        """Newest first."""
        ...

    async def latest(self, limit: int = 100) -> list[Publication]:
        """Those that changed last first."""
        ...

    async def listed(self, target: str) -> list[Publication]:
        """What its index has to list: what is there, or was just put there; newest first."""
        ...

    async def due(self, now: datetime, most_attempts: int, limit: int = 100) -> list[Publication]:
        """Waiting ones whose time has come, failed ones that may be tried again, and those whose publisher died."""
        ...

    async def claim(self, publication: Publication, doing: PublicationStatus, hold: Hold, dead: str | None) -> bool:
        """Take it, as it was read, in one conditional UPDATE (status → `doing`, attempts + 1, no address, who withdraws
        it as given); False when it has changed since, or another's lease is alive. The lease of `dead` needs not be
        waited for."""
        ...

    async def holder(self, publication_id: UUID) -> str | None:
        """Who holds the lease, alive or lapsed; None when nobody does."""
        ...

    async def placed(self, publication_id: UUID, hold: Hold, address: str) -> bool:
        """It is there; False when the hold is lost."""
        ...

    async def settle(
        self, publication: Publication, hold: Hold, status: PublicationStatus, error: str | None, *, alone: bool
    ) -> bool:
        """End the attempt; what is not published has no address. `alone`: nothing of other versions is at that target
        any more, and what was published of them is replaced. False when the hold is lost."""
        ...


class ApprovalRepository(Protocol):
    async def add(self, approval: Approval) -> Approval:
        """Keep it; the one there is when the version was approved before."""
        ...

    async def of(self, article_id: UUID, version: int) -> Approval | None: ...


class BlockRepository(Protocol):
    """What the gate over what is stored has blocked."""

    async def of(self, article_id: UUID, version: int) -> GateBlock | None: ...
    async def all(self) -> list[GateBlock]:
        """Oldest first."""
        ...

    async def put(self, blocks: Sequence[GateBlock]) -> None:
        """Block these versions, or change their reasons; since when they are blocked stays."""
        ...

    async def lift(self, versions: Sequence[tuple[UUID, int]]) -> int:
        """Let these versions go again; how many were blocked."""
        ...


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a column of every row must be: within [low, high], or one of `among`; `why` is the threshold's name, `told`
    the same as a sentence for people."""

    column: str
    why: str
    low: float | None = None
    high: float | None = None
    among: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Rows of one kind with what is expected of each. Every row has "article_id" and "version"."""

    name: str
    rows: Sequence[Mapping[str, object]]
    expectations: Sequence[Expectation]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a suite: for each row that failed (by article id and version) the expectations it did not meet, with
    the value it had; and the page that shows it."""

    failing: Mapping[tuple[str, int], Sequence[tuple[Expectation, object]]]
    page: str


class Examiner(Protocol):
    """Holds rows against expectations and tells it in pages."""

    async def examine(self, suites: Sequence[Suite]) -> tuple[list[Examined], dict[str, bytes]]:
        """In the order of the suites, and the pages by name, which load nothing from elsewhere. Raises Unavailable when
        what examines is not installed."""
        ...
