"""A `Database` in dictionaries: the promises of the real ones, and nothing kept when the process ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Self
from uuid import UUID

from aiwriter.documents import utc_now
from aiwriter.ports import (
    ApprovalRepository,
    ArticleRepository,
    BatchRepository,
    BlockRepository,
    Clock,
    EventRepository,
    FactsRepository,
    FeedRepository,
    FiguresRepository,
    HeldKey,
    IdempotencyRepository,
    KeyRepository,
    KnowledgeRepository,
    LookRepository,
    PublicationRepository,
    RunRepository,
    SignatureRepository,
    SourceRepository,
    StageRepository,
    StudyRepository,
)
from aiwriter.testing.memory_callers import MemoryBatches, MemoryIdempotency, MemoryKeys
from aiwriter.testing.memory_journal import MemoryBudgets, MemoryJournal
from aiwriter.testing.memory_knowledge import MemoryFeeds, MemoryKnowledge, MemoryLooks, MemoryTextSearch
from aiwriter.testing.memory_limits import HeldTo, MemoryLimits
from aiwriter.testing.memory_publications import MemoryApprovals, MemoryBlocks, MemoryPublications
from aiwriter.testing.memory_repositories import MemoryArticles, MemorySignatures, MemorySources
from aiwriter.testing.memory_rows import Committed, MemoryTransaction
from aiwriter.testing.memory_runs import MemoryEvents, MemoryFacts, MemoryFigures, MemoryRuns, MemoryStages
from aiwriter.testing.memory_studies import MemoryStudies
from aiwriter.testing.vectors import MemoryVectorCache


class MemoryUnitOfWork:
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

    def __init__(self, transaction: MemoryTransaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self.runs = MemoryRuns(transaction, workspace_id, now)
        self.stages = MemoryStages(transaction, workspace_id, now)
        self.sources = MemorySources(transaction, workspace_id, now)
        self.articles = MemoryArticles(transaction, workspace_id, now)
        self.signatures = MemorySignatures(transaction, workspace_id, now)
        self.events = MemoryEvents(transaction, workspace_id, now)
        self.facts = MemoryFacts(transaction, workspace_id, now)
        self.figures = MemoryFigures(transaction, workspace_id, now)
        self.batches = MemoryBatches(transaction, workspace_id, now)
        self.keys = MemoryKeys(transaction, workspace_id, now)
        self.idempotency = MemoryIdempotency(transaction, workspace_id, now)
        self.knowledge = MemoryKnowledge(transaction, workspace_id, now)
        self.feeds = MemoryFeeds(transaction, workspace_id, now)
        self.looks = MemoryLooks(transaction, workspace_id, now)
        self.studies = MemoryStudies(transaction, workspace_id, now)
        self.publications = MemoryPublications(transaction, workspace_id, now)
        self.approvals = MemoryApprovals(transaction, workspace_id, now)
        self.blocks = MemoryBlocks(transaction, workspace_id, now)

    async def __aenter__(self) -> Self:
        await self._transaction.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transaction.__aexit__(*exc)

    async def commit(self) -> None:
        await self._transaction.commit()


class MemoryDatabase:
    """A `Database` for one event loop; one writer at a time, and nothing is seen before it is committed."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._committed = Committed()
        self._now = now
        self._vector_caches: dict[UUID, MemoryVectorCache] = {}
        self._held_to: HeldTo = {}

    def unit_of_work(self, workspace_id: UUID) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(MemoryTransaction(self._committed), workspace_id, self._now)

    def journal(self, workspace_id: UUID) -> MemoryJournal:
        return MemoryJournal(self._committed, workspace_id, self._now)

    def budgets(self, workspace_id: UUID) -> MemoryBudgets:
        return MemoryBudgets(self._committed, workspace_id)

    def vector_cache(self, workspace_id: UUID) -> MemoryVectorCache:
        return self._vector_caches.setdefault(workspace_id, MemoryVectorCache())

    def text_search(self, workspace_id: UUID) -> MemoryTextSearch:
        return MemoryTextSearch(self._committed, workspace_id, self.vector_cache(workspace_id))

    def limits(self, clock: Clock) -> MemoryLimits:
        return MemoryLimits(self._held_to, clock)

    async def key(self, key_id: str) -> HeldKey | None:
        return self._committed.rows.keys.get(key_id)

    async def workspaces(self) -> list[UUID]:
        return list(self._committed.rows.workspaces)

    async def ping(self) -> None:
        """It can always be used."""

    async def add_workspace(self, workspace_id: UUID, name: str) -> None:
        """Make a workspace; one that exists stays as it is."""
        async with MemoryTransaction(self._committed) as tx:
            (await tx.writing()).workspaces.setdefault(workspace_id, name)
            await tx.commit()

    async def close(self) -> None:
        """Nothing to close."""
