"""One transaction over the repositories of one workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Self
from uuid import UUID

from aiwriter.ports import (
    ApprovalRepository,
    ArticleRepository,
    BatchRepository,
    BlockRepository,
    EventRepository,
    FactsRepository,
    FeedRepository,
    FiguresRepository,
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
from aiwriter.storage.articles import SqlArticles
from aiwriter.storage.batches import SqlBatches
from aiwriter.storage.callers import SqlIdempotency, SqlKeys
from aiwriter.storage.feeds import SqlFeeds
from aiwriter.storage.knowledge import SqlKnowledge
from aiwriter.storage.looks import SqlLooks
from aiwriter.storage.publications import SqlApprovals, SqlBlocks, SqlPublications
from aiwriter.storage.run_records import SqlEvents, SqlFacts, SqlFigures, SqlStages
from aiwriter.storage.runs import SqlRuns
from aiwriter.storage.signatures import SqlSignatures
from aiwriter.storage.sources import SqlSources
from aiwriter.storage.studies import SqlStudies
from aiwriter.storage.transaction import Transaction


class SqlUnitOfWork:
    """A `UnitOfWork`; for one task at a time. Leaving it without `commit()` rolls back."""

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

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self.runs = SqlRuns(transaction, workspace_id, now)
        self.stages = SqlStages(transaction, workspace_id, now)
        self.sources = SqlSources(transaction, workspace_id)
        self.articles = SqlArticles(transaction, workspace_id)
        self.signatures = SqlSignatures(transaction, workspace_id)
        self.events = SqlEvents(transaction, workspace_id, now)
        self.facts = SqlFacts(transaction, workspace_id)
        self.figures = SqlFigures(transaction, workspace_id, now)
        self.batches = SqlBatches(transaction, workspace_id)
        self.keys = SqlKeys(transaction, workspace_id)
        self.idempotency = SqlIdempotency(transaction, workspace_id)
        self.knowledge = SqlKnowledge(transaction, workspace_id)
        self.feeds = SqlFeeds(transaction, workspace_id)
        self.looks = SqlLooks(transaction, workspace_id)
        self.studies = SqlStudies(transaction, workspace_id, now)
        self.publications = SqlPublications(transaction, workspace_id)
        self.approvals = SqlApprovals(transaction, workspace_id)
        self.blocks = SqlBlocks(transaction, workspace_id)

    async def __aenter__(self) -> Self:
        await self._transaction.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transaction.__aexit__(*exc)

    async def commit(self) -> None:
        await self._transaction.commit()
