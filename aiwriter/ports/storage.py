"""The relational store: repositories, and one transaction over them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, Self
from uuid import UUID

from pydantic import BaseModel

from aiwriter.documents import (
    ApiKey,
    Article,
    ArticleHead,
    Batch,
    DailyFigures,
    Run,
    RunEvent,
    RunFacts,
    RunStatus,
    Shortage,
    Source,
    SourceHead,
    Stage,
    VersionHead,
)
from aiwriter.ports.journal import Budgets, Journal
from aiwriter.ports.knowledge import FeedRepository, KnowledgeRepository, LookRepository, TextSearch
from aiwriter.ports.limits import SharedLimits
from aiwriter.ports.lists import ArticleFilter, Page, Paging, RunFilter, SourceFilter
from aiwriter.ports.machines import VectorCache
from aiwriter.ports.orchestration import Clock
from aiwriter.ports.publishing import ApprovalRepository, BlockRepository, PublicationRepository
from aiwriter.ports.signatures import SignatureRepository
from aiwriter.ports.studies import StudyRepository


class RunRepository(Protocol):
    async def add(self, run: Run, fence_secret: bytes) -> None:
        """Store a new run together with the cap of its budget."""
        ...

    async def get(self, run_id: UUID) -> Run:
        """Raises NotFound. `run_id` may be found by its unique beginning through `find`."""
        ...

    async def find(self, prefix: str) -> Run:
        """The one run whose id begins so; raises NotFound, or BadInput when several do."""
        ...

    async def fence_secret(self, run_id: UUID) -> bytes: ...
    async def latest(self, limit: int = 20) -> list[Run]: ...
    async def page(self, wanted: RunFilter, paging: Paging) -> Page[Run]:
        """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
        ...

    async def of_batch(self, batch_id: UUID) -> list[Run]:
        """In the order of the batch."""
        ...

    async def counts(self) -> dict[str, int]:
        """How many runs there are by status."""
        ...

    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Take the run for `owner` (status → running, attempts + 1) in one conditional UPDATE: False when another
        owner's lease is alive or the run is done, refused, cancelled or waiting."""
        ...

    async def cancel(self, run_id: UUID, now: datetime) -> bool:
        """End the run as cancelled, whoever holds it (who does finds the lease gone), in one conditional UPDATE; False
        when it has ended already (done, refused, cancelled). Raises NotFound."""
        ...

    async def requeue(self, run_id: UUID, was: Collection[RunStatus]) -> bool:
        """queued again, to be submitted, if its status is one of `was` and no lease is alive, in one conditional
        UPDATE. Raises NotFound."""
        ...

    async def allow(self, run_id: UUID, budget_usd: Decimal) -> None:
        """Set what the run may cost in all; what it has cost stays. Raises NotFound."""
        ...

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[Run]:
        """Queued runs that were not submitted yet, or last before `again_before`: marked as submitted at `now`, each
        handed to one caller only, oldest first."""
        ...

    async def submitted(self, run_id: UUID, now: datetime) -> None:
        """A queued run is in somebody's hand already: it is not to be taken now."""
        ...

    async def batch_submitted(self, batch_id: UUID, now: datetime) -> None:
        """Like `submitted`, for every queued run of the batch."""
        ...

    async def not_submitted(self, run_id: UUID, before: datetime | None = None) -> None:
        """The submission of a queued run failed: it is to be taken again. With `before` only if it was submitted
        earlier than that."""
        ...

    async def reclaim(self, now: datetime, limit: int = 50) -> list[Run]:
        """Running runs whose lease has lapsed, made queued (to be submitted), each handed to one caller only."""
        ...

    async def bury(self, run_id: UUID, reason: str) -> bool:
        """A queued run becomes failed with this reason; False when it is no longer queued."""
        ...

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Prolong the lease; False when it is no longer ours."""
        ...

    async def keep(self, run_id: UUID, owner: str) -> bool:
        """Whether `owner` holds the lease; then nobody else takes it before this transaction has ended."""
        ...

    async def holder(self, run_id: UUID) -> str | None:
        """Who holds the lease, alive or lapsed; None when nobody does."""
        ...

    async def holders(self, run_ids: Collection[UUID]) -> dict[UUID, str]:
        """Who holds the leases of those runs that somebody holds."""
        ...

    async def release(self, run_id: UUID, owner: str) -> bool:
        """Give up the lease that `owner` holds without ending the run; False when it is not the holder."""
        ...

    async def finish(
        self,
        run_id: UUID,
        owner: str,
        status: RunStatus,
        *,
        reason: str | None = None,
        article_id: UUID | None = None,
        short: Shortage | None = None,
    ) -> bool:
        """End the run if `owner` still holds it (one conditional UPDATE); releases the lease."""
        ...


class StageRepository(Protocol):
    """Finished stages: JSON of one document per (run, stage, item)."""

    async def get(self, run_id: UUID, stage: Stage, item: str = "") -> str | None: ...
    async def put(self, run_id: UUID, stage: Stage, item: str, document: BaseModel, seconds: float) -> None:
        """Keep it; a second put for the same key changes nothing (idempotent)."""
        ...

    async def seconds(self, run_id: UUID) -> dict[str, float]:
        """Seconds by stage. Items of a stage count together when they were worked on side by side, and each for itself
        in turn; what was worked on beside an earlier stage counts for that one alone: they add up to the time of the
        run without its waiting."""
        ...


class SourceRepository(Protocol):
    async def keep(self, sources: Sequence[Source]) -> list[Source]:
        """Store those that are new (by content and location); the stored ones in the same order, with their ids, and
        with what they say of themselves now (`Source.known_again`)."""
        ...

    async def get_many(self, source_ids: Sequence[UUID]) -> list[Source]:
        """In the order asked for. Raises NotFound."""
        ...

    async def newest_at(self, location: str) -> Source | None:
        """What was read there last and has an etag, that with which it was kept last."""
        ...

    async def page(self, wanted: SourceFilter, paging: Paging) -> Page[SourceHead]:
        """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
        ...


class ArticleRepository(Protocol):
    async def add_version(self, article: Article) -> None:
        """Store a version with its citations, passages and findings. Raises Conflict if that version exists with
        other content; storing the same one again changes nothing."""
        ...

    async def get(self, article_id: UUID, version: int | None = None) -> Article:
        """The latest or the given version. Raises NotFound."""
        ...

    async def heads(self, article_ids: Collection[UUID]) -> dict[UUID, ArticleHead]:
        """The heads of those articles that are there."""
        ...

    async def ids(self) -> set[UUID]: ...
    async def find(self, prefix: str) -> Article:
        """The latest version of the one article whose id begins so or whose slug is this."""
        ...

    async def latest(self, limit: int = 20) -> list[Article]: ...
    async def page(self, wanted: ArticleFilter, paging: Paging) -> Page[ArticleHead]:
        """Latest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
        ...

    async def versions(self, article_id: UUID) -> list[VersionHead]:
        """Newest first. Raises NotFound."""
        ...

    async def counts(self) -> dict[str, int]:
        """How many articles there are by status."""
        ...

    async def containing(self, query: str, limit: int = 20) -> list[tuple[ArticleHead, str]]:
        """Articles with a sentence or title that holds every word of the query, with that sentence."""
        ...

    async def set_index_state(self, article_id: UUID, version: int, state: str) -> bool:
        """state: "pending" or "indexed"; False, and nothing done, when that is not the latest version (any more)."""
        ...

    async def index_pending(self) -> list[UUID]: ...
    async def delete(self, article_id: UUID) -> None: ...


class EventRepository(Protocol):
    async def append(self, run_id: UUID, kind: str, data: Mapping[str, object]) -> RunEvent:
        """The next event of a run; numbers come from one conditional UPDATE and have no gaps."""
        ...

    async def after(self, run_id: UUID, seq: int = 0, limit: int = 500) -> list[RunEvent]: ...


class FactsRepository(Protocol):
    async def record(self, facts: RunFacts) -> None:
        """One row a run; recording again replaces it."""
        ...

    async def get(self, run_id: UUID) -> RunFacts | None: ...
    async def between(self, first: date, last: date) -> list[RunFacts]:
        """Facts recorded on these days (UTC), both included, oldest first."""
        ...

    async def of_model(self, model: str, limit: int) -> list[RunFacts]:
        """Facts of a model's runs that have words, newest first."""
        ...


class FiguresRepository(Protocol):
    """Daily figures, rolled up from facts."""

    async def replace(self, day: date, figures: Sequence[DailyFigures]) -> None:
        """Make these all the figures of that day and remember that it was rolled up, even when there are none."""
        ...

    async def between(self, first: date, last: date) -> list[DailyFigures]:
        """Oldest first, then by format and model."""
        ...

    async def rolled_up(self, first: date, last: date) -> set[date]:
        """The days that were rolled up."""
        ...


class BatchRepository(Protocol):
    async def add(self, batch: Batch) -> bool:
        """Store a batch; False, and nothing done, when that id is there already."""
        ...

    async def get(self, batch_id: UUID) -> Batch:
        """Raises NotFound."""
        ...


class KeyRepository(Protocol):
    """API keys of the workspace. `digest` is the SHA-256 of the whole secret key."""

    async def add(self, key: ApiKey, digest: str) -> None: ...
    async def all(self) -> list[ApiKey]:
        """Newest first."""
        ...

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Revoke it, for ever; False when it was revoked before. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was answered to the first request with an idempotency key."""

    fingerprint: str
    answer: str


class IdempotencyRepository(Protocol):
    async def remember(self, who: str, key: str, fingerprint: str, answer: str, now: datetime) -> Remembered | None:
        """Keep the answer with the key (scoped to `who`) in this transaction: None when the key is new, else what was
        kept before, and nothing is changed. Keys older than 48 hours count as new."""
        ...

    async def recall(self, who: str, key: str, now: datetime) -> Remembered | None:
        """What was kept with the key."""
        ...


class UnitOfWork(Protocol):
    """One transaction over the repositories of one workspace. Leaving it without `commit()` rolls back."""

    runs: RunRepository
    stages: StageRepository
    sources: SourceRepository
    articles: ArticleRepository
    signatures: SignatureRepository
    events: EventRepository
    facts: FactsRepository
    figures: FiguresRepository
    batches: BatchRepository
    keys: KeyRepository
    idempotency: IdempotencyRepository
    knowledge: KnowledgeRepository
    feeds: FeedRepository
    looks: LookRepository
    studies: StudyRepository
    publications: PublicationRepository
    approvals: ApprovalRepository
    blocks: BlockRepository

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class HeldKey:
    """An API key with what only authentication needs."""

    key: ApiKey
    digest: str
    workspace_id: UUID


class Database(Protocol):
    """The relational store: opens units of work and holds the journal and budgets of a workspace."""

    def unit_of_work(self, workspace_id: UUID) -> UnitOfWork: ...
    def journal(self, workspace_id: UUID) -> Journal: ...
    def budgets(self, workspace_id: UUID) -> Budgets: ...
    def vector_cache(self, workspace_id: UUID) -> VectorCache: ...
    def text_search(self, workspace_id: UUID) -> TextSearch: ...
    def limits(self, clock: Clock) -> SharedLimits: ...
    async def key(self, key_id: str) -> HeldKey | None:
        """The API key of this id, in whichever workspace it is."""
        ...

    async def workspaces(self) -> list[UUID]: ...
    async def ping(self) -> None:
        """Raises Unavailable or BadInput when it cannot be used."""
        ...

    async def close(self) -> None: ...
