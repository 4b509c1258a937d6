"""What carries it: runs, batches, their calls, costs and keys."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import Document, ModelSpec, utc_now
from aiwriter.documents.briefs import Brief
from aiwriter.documents.drafts import ArticleKind
from aiwriter.documents.neighbours import Answered
from aiwriter.ids import new_id


class Stage(StrEnum):
    """The rooms of the corridor in order; SECTIONS and MENDING have one item per section."""

    RESEARCH = "research"
    EVIDENCE = "evidence"
    OUTLINE = "outline"
    SECTIONS = "sections"
    MENDING = "mending"
    QUALITY = "quality"
    FINISH = "finish"
    STORE = "store"
    ANALYTICS = "analytics"


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"  # for a person: nothing works on it, nothing holds it
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"  # resumable
    CANCELLED = "cancelled"


class Shortage(Document):
    """Which budget had no room for a run: "run", its own; "workspace", "day" or a provider, which runs share; and what
    must be free of it for the run to go on."""

    budget: str
    needs_usd: Decimal

    @property
    def is_shared(self) -> bool:
        return self.budget != "run"


class Run(Document):
    """One execution for one brief. `out` is where exports go; `budget_usd` None means no cap but the workspace's."""

    id: UUID = Field(default_factory=new_id)
    brief: Brief
    model: ModelSpec
    embedder: str
    budget_usd: Decimal | None = None
    out: str | None = None
    status: RunStatus = RunStatus.QUEUED
    reason: str | None = None  # why it was refused or failed, for people
    short: Shortage | None = None  # the budget that refused it, if one did
    article_id: UUID | None = None
    attempts: int = 0
    batch_id: UUID | None = None  # the batch it belongs to, and its place there, from 0
    batch_item: int | None = None
    requested_by: str = ""  # the principal's name
    created_at: AwareDatetime = Field(default_factory=utc_now)
    finished_at: AwareDatetime | None = None


class RunEvent(Document):
    """One line of a run's history; `seq` counts from 1 without gaps."""

    run_id: UUID
    seq: int
    kind: str  # run.started stage.started stage.progress stage.finished run.finished …
    data: dict[str, object]
    at: AwareDatetime


class RunFacts(Document):
    """The one analytics row of a run."""

    run_id: UUID
    article_id: UUID | None
    status: RunStatus
    model: str = ""
    format: str
    kind: ArticleKind | None
    words: int
    cost_usd: Decimal
    estimated_usd: Decimal | None = None  # what it was likely to cost, reckoned before it began
    input_tokens: int
    output_tokens: int
    model_calls: int
    unknown_calls: int = 0  # those of which nobody knows whether they were billed, and the part of `cost_usd` that
    unknown_usd: Decimal = Decimal(0)  # they may have come to at the most
    seconds: float
    seconds_by_stage: dict[str, float]
    score: float | None
    score_parts: dict[str, float]
    findings_by_rule: dict[str, int]
    created_at: AwareDatetime = Field(default_factory=utc_now)


class Batch(Document):
    """Several briefs asked for together; its runs carry its id. Started again, it goes on with those not ended."""

    id: UUID = Field(default_factory=new_id)
    name: str
    briefs: tuple[Brief, ...]
    model: ModelSpec
    embedder: str
    budget_usd: Decimal | None = None  # of each run
    created_at: AwareDatetime = Field(default_factory=utc_now)


class ModelCall(Document):
    """One request to a language model as the ledger holds it. status: intent, answered, not_sent, unknown."""

    id: UUID
    stage: Stage
    item: str
    attempt: int
    model: str
    prompt_name: str
    status: str
    reserved_usd: Decimal
    cost_usd: Decimal
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    seconds: float
    error: str | None
    begun_at: AwareDatetime


class DailyFigures(Document):
    """What the runs that ended on one day (UTC) came to, for one format and one model.

    `score_sum` over `scored` articles gives the mean; `parts_sum` likewise by part of the score."""

    day: date
    format: str
    model: str
    runs: int
    runs_by_status: dict[str, int]
    articles: int
    words: int
    cost_usd: Decimal
    unknown_calls: int = 0  # as of a run
    unknown_usd: Decimal = Decimal(0)
    model_calls: int
    input_tokens: int
    output_tokens: int
    seconds: float
    seconds_by_stage: dict[str, float]
    scored: int
    score_sum: float
    parts_sum: dict[str, float]
    findings_by_rule: dict[str, int]


class Estimate(Document):
    """What a run will probably take, before it starts; `most_usd` is what it can cost at the very most.

    `model_calls` are what it will probably make: `fewest_calls` when no sentence has to be mended, `most_calls` when
    all sections are as often as their format allows. Calls that are made again because nothing usable came are not
    among them, but within `most_usd`, as are thoughts and answers as long as they may be. `caps` says for people what
    the budgets mean for it when they have not room for all: that it is written thriftily, or cannot be begun."""

    model: str
    model_calls: int
    fewest_calls: int = 0
    most_calls: int = 0
    input_tokens: int
    output_tokens: int
    least_usd: Decimal = Decimal(0)  # likely, less what mending is likely to cost
    likely_usd: Decimal
    most_usd: Decimal
    seconds: float | None  # None: nothing is known of this model yet
    basis: str  # what it was reckoned from, for people
    error: float | None = None  # by what share of the estimate runs like it missed theirs, the median; None: not known
    caps: str = ""
    answered: tuple[Answered, ...] = ()  # articles of ours that seem to answer the topic already


class Thrift(Document):
    """How the sections of a run are written within its budget: by which model, from at most how many passages each
    (None: all that are planned), one after another or side by side, and what the report says of it ("" when nothing
    had to be saved)."""

    model: str
    passages: int | None = None
    one_by_one: bool = False
    note: str = ""


class Budget(Document):
    """What may be spent of a scope (workspace, provider, day, run); without a cap it is only counted."""

    scope: str
    scope_id: str
    cap_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal  # by calls that are on their way


class ApiKey(Document):
    """What is known of a key; the secret itself is shown once, when it is made, and kept only as a hash."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    name: str
    scopes: tuple[str, ...]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
