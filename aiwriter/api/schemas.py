"""What the API takes and gives, beside the documents that travel as they are. Money travels as text, times as UTC."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from aiwriter.documents import (
    Answered,
    ApiKey,
    ArticleHead,
    ArticleKind,
    ArticleStatus,
    Brief,
    Budget,
    DailyFigures,
    FormatHead,
    ModelCall,
    Outline,
    Passage,
    Run,
    RunEvent,
    RunFacts,
    RunStatus,
    SourceHead,
    Support,
    VersionHead,
)
from aiwriter.errors import BadInput
from aiwriter.text.dollars import MICRO

PREFIX = "/api/v1"
STREAM_END = "stream.end"
"""The SSE event that says: the run has ended and every event was delivered; do not connect again."""

Scope = Literal["read", "write", "admin"]


class Message(BaseModel):
    """Frozen, and strict about unknown fields: a misspelt one is refused, not passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


VoiceSample = Annotated[str, Field(min_length=1, max_length=200_000)]


class FieldProblem(Message):
    """What is wrong with one field of a request; `field` is its path, such as "brief.topic"."""

    field: str
    message: str


class Problem(Message):
    """application/problem+json (RFC 9457). `code` is for programs, `detail` and `hint` are for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    hint: str | None = None
    request_id: str
    errors: tuple[FieldProblem, ...] = ()


class InvalidRequest(BadInput):
    """Fields of a request cannot be used: a form shows each problem beside its field."""

    def __init__(self, message: str, *, hint: str | None = None, fields: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.fields = fields


def reason_of(found: Mapping[str, Any]) -> str:
    """What one of pydantic's errors says, without the names that Python has for things."""
    return str(found["msg"]).removeprefix("Value error, ").replace("Tuple ", "List ").replace(" tuple", " list")


# ── content ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class ArticlePage(Message):
    """A part of the list of articles; `next_cursor` is None at its end."""

    items: tuple[ArticleHead, ...]
    total: int
    next_cursor: str | None = None


class VersionList(Message):
    """Newest first."""

    items: tuple[VersionHead, ...]


class SearchAnswer(Message):
    """One article that was found: the words that matched, and how well (0–1)."""

    article_id: UUID
    version: int
    title: str
    kind: ArticleKind
    status: ArticleStatus
    excerpt: str
    similarity: float
    by: Literal["words", "meaning"]


class SearchReply(Message):
    """Best first. `note` says when one of the two ways of searching could not be used."""

    items: tuple[SearchAnswer, ...]
    note: str | None = None


class EditableText(Message):
    """The editable form of one version. Saving needs this version's ETag as If-Match."""

    article_id: UUID
    version: int
    text: str


class DismissedFor(Message):
    """Why a finding does not hold, in 3 to 1000 characters; kept with the name of the key and the time."""

    reason: str


class EditedText(Message):
    """The editable form after a person's changes."""

    text: str


class CitedPassage(Message):
    """A passage that a sentence rests on. `number` is the source's in the article; `highlight` the span (start, end
    within `text`) that supports the sentence best."""

    number: int
    passage_id: str
    text: str
    headings: tuple[str, ...]
    highlight: tuple[int, int] | None
    source_id: UUID
    source_title: str
    source_location: str


class CitedSentence(Message):
    """One sentence of the article, how it stands to its evidence, and that evidence."""

    sentence_id: UUID
    heading: str
    text: str
    support: Support | None
    probability: float | None
    citations: tuple[CitedPassage, ...]


class Citations(Message):
    """Every sentence of a version, in order."""

    article_id: UUID
    version: int
    sentences: tuple[CitedSentence, ...]


class Deleted(Message):
    """What was deleted; `index` is "pending" when the vector index was busy and drops its part later."""

    article_id: UUID
    index: Literal["deleted", "pending"]


# ── generate ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class GenerateRequest(Message):
    """What to write, with which model (the default one if none is named), and what it may cost at most. From
    `voice_samples`, texts of 300 words or more together, the brief's voice is learned; they are not kept."""

    brief: Brief
    model: str | None = None
    budget_usd: Annotated[Decimal, Field(ge=MICRO, le=10_000)] | None = None
    voice_samples: Annotated[tuple[VoiceSample, ...], Field(max_length=20)] = ()


class ResumeRequest(Message):
    """What the run may cost in all from now on; what it may now if none is given."""

    budget_usd: Annotated[Decimal, Field(ge=MICRO, le=10_000)] | None = None


class Accepted(Message):
    """A run was stored and will be worked on. `href` and `events` are its address and the address of its events;
    `answered` are articles that seem to answer its topic already (None: that took too long, the run tells); `budget`
    is what the caps mean for it when they have not room for all of it."""

    run_id: UUID
    status: RunStatus
    href: str
    events: str
    answered: tuple[Answered, ...] | None = None
    budget: str = ""


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class RunPage(Message):
    """A part of the list of runs; `next_cursor` is None at its end."""

    items: tuple[Run, ...]
    total: int
    next_cursor: str | None = None


class RunDetail(Message):
    """A run and what is known of it. `cost_usd` and `model_calls` count while it goes on; of `unknown_calls` nobody
    knows whether they were billed: `unknown_usd` of the cost is the most they may have come to. `facts` are there when
    it has ended; `page` is the orchestrator's page about it; `answered` are articles that seemed to answer it."""

    run: Run
    cost_usd: Decimal
    model_calls: int
    unknown_calls: int = 0
    unknown_usd: Decimal = Decimal(0)
    seconds_by_stage: dict[str, float]
    facts: RunFacts | None
    page: str | None
    answered: tuple[Answered, ...] = ()


class History(Message):
    """Events of a run in order."""

    items: tuple[RunEvent, ...]


class CallList(Message):
    """Requests to language models, in the order in which they began."""

    items: tuple[ModelCall, ...]


class OutlineView(Message):
    """The outline of a run and the passages it may use. `waiting`: it is to be approved now."""

    run_id: UUID
    outline: Outline
    approved: bool
    waiting: bool
    passages: tuple[Passage, ...]


class OutlineApproval(Message):
    """The outline as a person wants it; None approves it as it stands."""

    outline: Outline | None = None


# ── sources, figures, catalogues ─────────────────────────────────────────────────────────────────────────────────────


class SourcePage(Message):
    """A part of the list of sources; `next_cursor` is None at its end."""

    items: tuple[SourceHead, ...]
    total: int
    next_cursor: str | None = None


class OrchestratorView(Message):
    """The orchestrator: whether it answers, who works, what waits; `address` is its page for people."""

    answers: bool
    address: str | None = None
    workers: int = 0
    queued: int = 0
    running: int = 0
    limit: int | None = None
    detail: str = ""


class FiguresList(Message):
    """Oldest first, then by format and model."""

    items: tuple[DailyFigures, ...]


class SystemFigures(Message):
    """How the whole stands: runs and articles by status, the orchestrator, and the models and providers that no process
    asks for a while, with the reason."""

    version: str
    runs: dict[str, int]
    articles: dict[str, int]
    orchestrator: OrchestratorView
    left_alone: tuple[str, ...] = ()


class FormatList(Message):
    """The formats that ship."""

    items: tuple[FormatHead, ...]


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class BudgetRequest(Message):
    """A cap in US dollars; None takes it away."""

    cap_usd: Annotated[Decimal, Field(ge=MICRO, le=1_000_000)] | None


class BudgetList(Message):
    """Workspace, day, providers."""

    items: tuple[Budget, ...]


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class KeyRequest(Message):
    """A new key. `days` until it expires; None: never."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("read", "write")
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class KeyMade(Message):
    """A key that was just made; `secret` is shown this once."""

    key: ApiKey
    secret: str


class KeyList(Message):
    """Newest first."""

    items: tuple[ApiKey, ...]


# ── health ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Health(Message):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Part(Message):
    """One thing the API needs."""

    state: Literal["ok", "down", "unknown"]
    detail: str = ""


class Readiness(Message):
    """ready: all parts are; degraded: requests are answered, something waits or is left out; unavailable: the database
    is not there, nothing can be answered (status 503)."""

    status: Literal["ready", "degraded", "unavailable"]
    parts: dict[str, Part]


def version_tag(article_id: UUID, version: int) -> str:
    """The ETag of one version's editable form."""
    return f'"{article_id}-v{version}"'
