"""Every interface the core needs of the outside world, on one page.

The corridor (`pipeline`) and the services know these and nothing behind them; `bootstrap` chooses what stands there.
Everything that waits is async. Adapters translate foreign errors into those of `aiwriter.errors`; no other escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol, Self
from uuid import UUID

from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from aiwriter.documents import (
    Article,
    ArticleKind,
    Brief,
    EvidenceItem,
    Passage,
    Run,
    RunEvent,
    RunFacts,
    RunStatus,
    SectionPlan,
    Source,
    SourceRef,
    Stage,
)

if TYPE_CHECKING:
    import numpy as np


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, in which workspace, allowed what. The command line is the local owner."""

    name: str
    workspace_id: UUID
    scopes: frozenset[str] = frozenset({"read", "write"})


# ── language models ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CallKey:
    """Which logical call this is: equal on resume, so that its stored answer is found again."""

    run_id: UUID
    stage: Stage
    item: str = ""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run on whose behalf the corridor works; `fence_secret` makes the fences of its prompts unguessable."""

    run_id: UUID
    fence_secret: bytes


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt. `hash` is over the content before fencing, so that it does not change with the fence."""

    name: str
    system: str
    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call to a language model.

    `schema`: the reply must be JSON of this shape, validated before it is returned in `ModelReply.parsed`.
    `material`: the structured value the prompt was rendered from; only the offline writer reads it.
    """

    key: CallKey
    prompt: Prompt
    schema: type[BaseModel] | None = None
    max_output_tokens: int = 2048
    temperature: float = 0.3
    material: BaseModel | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them; `estimated` when it did not say and we counted."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model said. `parsed` is set when a schema was asked for; `model` is who really answered.

    `finish` is how it ended: stop, length (cut off at `max_output_tokens`), refused (the model would not).
    """

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: Decimal = Decimal(0)
    parsed: BaseModel | None = None
    replayed: bool = False
    finish: Literal["stop", "length", "refused"] = "stop"


class LanguageModel(Protocol):
    """A language model behind one method. `name` is its `provider:model` string; `writes` is what it can make;
    `context_tokens` is how long a prompt and its answer may be together."""

    @property
    def name(self) -> str: ...
    @property
    def writes(self) -> ArticleKind: ...
    @property
    def context_tokens(self) -> int: ...
    async def answer(self, request: ModelRequest) -> ModelReply:
        """The model's answer. Raises RateLimited, Unavailable, ProviderRejected, BadReply, BudgetSpent."""
        ...


# What writers are asked and what they answer. Handles ("S1", "S2" …) stand for passages in the order of `passages`
# within that one call; code maps them back and rejects unknown ones; they are never stored.


class OutlineTask(BaseModel):
    """Material for planning: the brief and the evidence, with `handles[i]` naming `passages[i]`."""

    brief: Brief
    sections: int
    passages: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]


class SectionReplyPlan(BaseModel):
    """A planned section in a model's words. `points` are (handle, what to say) pairs: the offline writer gives them,
    language models are not asked for them."""

    heading: str
    purpose: str = ""
    passages: list[str]
    points: SkipJsonSchema[list[tuple[str, str]]] = []


class OutlineReply(BaseModel):
    title: str
    description: str = ""
    sections: list[SectionReplyPlan]


class SectionTask(BaseModel):
    """Material for writing one section: its plan and its passages, with `handles[i]` naming `passages[i]`."""

    brief: Brief
    title: str
    plan: SectionPlan
    passages: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]
    other_headings: tuple[str, ...] = ()


class SentenceReply(BaseModel):
    text: str
    passages: list[str] = []


class ParagraphReply(BaseModel):
    sentences: list[SentenceReply]


class SectionReply(BaseModel):
    paragraphs: list[ParagraphReply]


def handle(index: int) -> str:
    """The name of the passage at `index` (from 0) within one prompt: "S1", "S2" …"""
    return f"S{index + 1}"


# ── the journal of model calls, which is also the cost ledger, and the budgets ───────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CallIntent:
    """What is about to be sent: written, with its reservation, before the provider is called."""

    call_key: str  # hash of run, stage, item, ordinal, model, parameters, prompt hash: the logical call
    key: CallKey
    attempt: int
    model: str
    prompt_name: str
    prompt_hash: str
    reserved_usd: Decimal


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How an attempt ended. status: answered (reply stored, never paid again), not_sent (nothing was billed),
    unknown (may have been billed: counts as spent)."""

    status: str
    cost_usd: Decimal = Decimal(0)
    usage: Usage = field(default_factory=Usage)
    reply_text: str | None = None
    answered_by: str | None = None
    error: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Sums over the attempts of a run."""

    calls: int = 0
    unknown: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


class Journal(Protocol):
    """Attempts to call models: intent before, outcome after, each in a transaction of its own (rule 3)."""

    async def answered(self, call_key: str) -> CallOutcome | None:
        """The stored answer of this logical call, if one reached us."""
        ...

    async def begin(self, intent: CallIntent) -> UUID:
        """Reserve the cost in every budget that applies and write the intent, in one transaction.

        Raises BudgetSpent, and writes nothing, when a cap would be passed.
        """
        ...

    async def finish(self, call_id: UUID, outcome: CallOutcome) -> None:
        """Write the outcome and settle the reservation, in one transaction."""
        ...

    async def abandon(self, run_id: UUID) -> int:
        """Mark attempts of a dead process (intent without outcome) as unknown and count them as spent; how many."""
        ...

    async def totals(self, run_id: UUID) -> CallTotals: ...


@dataclass(frozen=True, slots=True)
class BudgetState:
    cap_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal


class Budgets(Protocol):
    """Caps. A scope is ("run", id), ("workspace", id), ("day", "2026-11-22"), ("provider", "openai")."""

    async def set_cap(self, scope: str, scope_id: str, cap_usd: Decimal) -> None: ...
    async def state(self, scope: str, scope_id: str) -> BudgetState | None: ...


# ── embeddings and indexes ───────────────────────────────────────────────────────────────────────────────────────────


class Embedder(Protocol):
    """Texts → vectors. `name` is stored beside vectors, since those of different embedders cannot be compared."""

    @property
    def name(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), dimensions), rows of unit length; equal texts give equal rows."""
        ...


class VectorCache(Protocol):
    """Vectors of texts that were embedded before, by embedder and content hash. May be emptied at any time."""

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        """The float32 bytes of those that are there."""
        ...

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep them; those that are there stay as they are."""
        ...


@dataclass(frozen=True, slots=True)
class VectorEntry:
    """One vector of an article: `id` is lasting, `text` what was embedded."""

    id: str
    article_id: UUID
    text: str
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class VectorHit:
    id: str
    article_id: UUID
    text: str
    similarity: float


class VectorIndex(Protocol):
    """Nearest texts of a workspace's stored articles. Rebuildable from SQL. Raises Unavailable when it cannot be had
    (another process is writing): the article then stays "index pending"."""

    async def replace(self, article_id: UUID, entries: Sequence[VectorEntry]) -> None:
        """Make `entries` all that the index holds for the article; none deletes it."""
        ...

    async def nearest(self, vector: Sequence[float], limit: int) -> list[VectorHit]: ...
    async def article_ids(self) -> set[UUID]: ...


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


Chunker = Callable[[Source], list[Passage]]


class SourceFinder(Protocol):
    """Reads what one location stands for: a file, a folder, a page."""

    def expand(self, location: str) -> list[str]:
        """The single documents a location stands for, sorted: a folder becomes its readable files.

        Raises BadInput when there is no such thing."""
        ...

    async def read(self, location: str) -> Source:
        """Raises UnreadableSource with the reason."""
        ...


# ── files and publishing ─────────────────────────────────────────────────────────────────────────────────────────────


class BlobStore(Protocol):
    """Files under any fsspec address, written whole or not at all. Keys are relative, with forward slashes."""

    async def write(self, key: str, data: bytes) -> str:
        """The address of what was written. Raises Unavailable; never leaves a part of a file."""
        ...

    async def read(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    async def delete(self, key: str) -> None: ...


Renderer = Callable[[Article], str]


class Publisher(Protocol):
    """Puts a version of an article at a target; doing it again changes nothing."""

    async def publish(self, article: Article) -> dict[str, str]:
        """Address by form: {"markdown": …, "html": …, "json": …}."""
        ...


# ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Take the run for `owner` (status → running, attempts + 1) in one conditional UPDATE: False when another
        owner's lease is alive or the run is done, refused or cancelled."""
        ...

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Prolong the lease; False when it is no longer ours."""
        ...

    async def holder(self, run_id: UUID) -> str | None:
        """Who holds the lease, alive or lapsed; None when nobody does."""
        ...

    async def release(self, run_id: UUID, owner: str) -> bool:
        """Give up the lease that `owner` holds without ending the run; False when it is not the holder."""
        ...

    async def finish(
        self, run_id: UUID, owner: str, status: RunStatus, *, reason: str | None = None, article_id: UUID | None = None
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
        """Seconds by stage; parallel items of one stage count as their longest."""
        ...


class SourceRepository(Protocol):
    async def keep(self, sources: Sequence[Source]) -> list[Source]:
        """Store those that are new (by content and location); the stored ones in the same order, with their ids."""
        ...

    async def get_many(self, source_ids: Sequence[UUID]) -> list[Source]:
        """In the order asked for. Raises NotFound."""
        ...


class ArticleRepository(Protocol):
    async def add_version(self, article: Article) -> None:
        """Store a version with its citations, passages and findings. Raises Conflict if that version exists with
        other content; storing the same one again changes nothing."""
        ...

    async def get(self, article_id: UUID, version: int | None = None) -> Article:
        """The latest or the given version. Raises NotFound."""
        ...

    async def get_known(self, article_ids: Collection[UUID]) -> dict[UUID, Article]:
        """The latest versions of those articles that are there."""
        ...

    async def ids(self) -> set[UUID]: ...
    async def find(self, prefix: str) -> Article:
        """The latest version of the one article whose id begins so or whose slug is this."""
        ...

    async def latest(self, limit: int = 20) -> list[Article]: ...
    async def containing(self, query: str, limit: int = 20) -> list[tuple[Article, str]]:
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


class UnitOfWork(Protocol):
    """One transaction over the repositories of one workspace. Leaving it without `commit()` rolls back."""

    runs: RunRepository
    stages: StageRepository
    sources: SourceRepository
    articles: ArticleRepository
    events: EventRepository
    facts: FactsRepository

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def commit(self) -> None: ...


class Database(Protocol):
    """The relational store: opens units of work and holds the journal and budgets of a workspace."""

    def unit_of_work(self, workspace_id: UUID) -> UnitOfWork: ...
    def journal(self, workspace_id: UUID) -> Journal: ...
    def budgets(self, workspace_id: UUID) -> Budgets: ...
    def vector_cache(self, workspace_id: UUID) -> VectorCache: ...
    async def close(self) -> None: ...


# ── time and orchestration ───────────────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """Time that can be turned by hand in tests."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Launcher(Protocol):
    """Runs a stored run through the orchestrator, in this process, until it ends."""

    async def run(self, run_id: UUID) -> Run: ...
    async def describe(self) -> str:
        """For people: what the orchestrator is and where it would run."""
        ...
