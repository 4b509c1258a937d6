"""The documents that walk down the corridor, in travelling order.

Brief → Sources → Evidence → Outline → Draft → QualityReport → Article

All are frozen values. A stored document is its validated JSON with `schema_version`; equal ones share a fingerprint.
Texts are plain Unicode; offsets count characters of `Source.text`; times are UTC; money is US dollars.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from aiwriter.ids import new_id, passage_id
from aiwriter.text.domains import domain

PassageId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Domain = Annotated[str, AfterValidator(domain)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _as_listed(models: str) -> str:
    """A list of models as their layers name it, however it was typed: figures of the same list belong together."""
    return ", ".join(one.strip() for one in models.split(","))


ModelSpec = Annotated[str, AfterValidator(_as_listed)]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Document(BaseModel):
    """A frozen value that is stored as JSON; `schema_version` rises when old JSON needs a migration."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: ClassVar[int] = 1

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical JSON: equal documents have equal fingerprints."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────


class Brief(Document):
    """What to write, for whom, from what. `sources` are paths, http(s) addresses and searches ("web:", "arxiv:QUERY")
    as the user gave them; `since`, `domains` (empty: any) and `without_domains` limit what searches may find."""

    topic: Annotated[str, Field(min_length=3, max_length=500)]
    sources: tuple[str, ...] = ()
    format: str = "blog_post"
    words: Annotated[int, Field(ge=50, le=10_000)] = 900
    audience: str = ""
    tone: str = ""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    keywords: tuple[str, ...] = ()
    since: date | None = None
    domains: tuple[Domain, ...] = ()
    without_domains: tuple[Domain, ...] = ()
    approve_outline: bool = False  # wait for a person's approval of the outline before anything is written


# ── what was found ───────────────────────────────────────────────────────────────────────────────────────────────────


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"


class Block(Document):
    """One structural piece of a source: text[start:end]; `level` is 1–6 for headings, else 0."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0


class SourceKind(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    DOCX = "docx"
    CSV = "csv"


class Source(Document):
    """One document that was read, with where and when it came from. `blocks` cover the meaningful text in order."""

    location: str
    kind: SourceKind
    title: str
    text: str
    blocks: tuple[Block, ...]
    content_hash: ContentHash
    retrieved_at: AwareDatetime
    published_at: AwareDatetime | None = None
    author: str | None = None
    language: str | None = None
    licence: str | None = None  # what it says of itself: an address or a name
    flags: tuple[str, ...] = ()  # for reports: "hidden text removed: 214 characters"
    id: UUID = Field(default_factory=new_id)


class SourceProblem(Document):
    """A source that could not be used, with the reason and what to do about it, for people."""

    location: str
    reason: str
    hint: str | None = None


class SearchRecord(Document):
    """What came of one query to one engine: pages it named, how many of them are used, or why it could not be asked."""

    engine: str
    query: str
    hits: int = 0
    used: int = 0
    error: str | None = None


class Sources(Document):
    """All that was read for a brief (no two with equal content), what could not be used, and what was searched."""

    items: tuple[Source, ...]
    problems: tuple[SourceProblem, ...] = ()
    searches: tuple[SearchRecord, ...] = ()


class SourcesRecord(Document):
    """What the research stage leaves: which stored sources, what could not be used, and what was searched."""

    source_ids: tuple[UUID, ...]
    problems: tuple[SourceProblem, ...] = ()
    searches: tuple[SearchRecord, ...] = ()


class Passage(Document):
    """A span of a source, at most about 120 words; `headings` is the path of headings above it, outermost first."""

    id: PassageId
    source_hash: ContentHash
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Source, start: int, end: int, headings: tuple[str, ...] = ()) -> Passage:
        """The passage text[start:end] of a source, with its lasting id."""
        key = passage_id(source.content_hash, start, end)
        text = source.text[start:end]
        return cls(id=key, source_hash=source.content_hash, start=start, end=end, text=text, headings=headings)


class SourceRef(Document):
    """What an article says of a source: enough to cite it without its text."""

    id: UUID
    content_hash: ContentHash
    location: str
    kind: SourceKind
    title: str
    retrieved_at: AwareDatetime
    published_at: AwareDatetime | None = None
    author: str | None = None

    @classmethod
    def of(cls, source: Source) -> SourceRef:
        """The reference to a source; of a file only folder and name: no export tells where a user keeps it."""
        fields = {name: getattr(source, name) for name in cls.model_fields}
        if "://" not in source.location:
            fields["location"] = "/".join(PurePath(source.location).parts[-2:]).lstrip("/")
        return cls(**fields)


class EvidenceItem(Document):
    """A passage chosen for the brief; `relevance` is its similarity to the topic, 0–1."""

    passage: Passage
    relevance: Share


class Disagreement(Document):
    """Two sentences of different sources that tell the same with different figures ("9 knots", "11 knots")."""

    one: PassageId
    one_sentence: str
    one_says: str
    other: PassageId
    other_sentence: str
    other_says: str


class Coverage(Document):
    """A question and the passages that answer it, best first; `confidence` that they do, 0–1."""

    PARTLY: ClassVar[float] = 0.47
    ANSWERED: ClassVar[float] = 0.575  # both as for sources: docs/digest.md

    question: str
    passages: tuple[PassageId, ...]
    confidence: Share

    @property
    def answer(self) -> Literal["answered", "partly", "missing"]:
        if self.confidence >= self.ANSWERED:
            return "answered"
        return "partly" if self.passages else "missing"


class Evidence(Document):
    """Passages chosen for a brief, best first, the sources they come from, and what was noticed about them."""

    items: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]
    coverage: tuple[Coverage, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()  # between sources, in numbers and dates
    superseded: tuple[ContentHash, ...] = ()  # older versions of a source that is also here: never cited as current
    notes: tuple[str, ...] = ()  # for the report: what was left out and why

    def passage(self, key: str) -> Passage | None:
        return next((item.passage for item in self.items if item.passage.id == key), None)


class Keyword(Document):
    """A phrase that says what sources are about: how often it stands there, in how many of them."""

    phrase: str
    times: int
    sources: int
    weight: float


class Study(Document):
    """What the sources of a topic speak of, ask and answer, where they disagree and what they leave open."""

    topic: str
    keywords: tuple[Keyword, ...]
    questions: tuple[str, ...]  # that stand in the sources
    evidence: Evidence
    problems: tuple[SourceProblem, ...] = ()


# ── what is planned and written ──────────────────────────────────────────────────────────────────────────────────────


class Point(Document):
    """One thing a section should say, in the words of a passage."""

    passage: PassageId
    text: str


class SectionPlan(Document):
    """One section to write: what it is about, the passages it may use and, if known, the points to make in order."""

    heading: str
    purpose: str = ""
    passages: tuple[PassageId, ...]
    points: tuple[Point, ...] = ()
    words: int


class Outline(Document):
    title: str
    description: str = ""
    sections: tuple[SectionPlan, ...]


class ArticleKind(StrEnum):
    ARTICLE = "article"  # written by a language model or a person
    DIGEST = "digest"  # put together from quotations by the offline writer


class ParagraphKind(StrEnum):
    TEXT = "text"
    QUOTE = "quote"  # verbatim sentences of one source, shown with an attribution
    LIST_ITEM = "list_item"


class Sentence(Document):
    """One sentence and the passages it rests on; its text holds no citation marks."""

    id: UUID = Field(default_factory=new_id)
    text: Annotated[str, Field(min_length=1)]
    citations: tuple[PassageId, ...] = ()


class Paragraph(Document):
    kind: ParagraphKind = ParagraphKind.TEXT
    sentences: tuple[Sentence, ...]
    attribution: ContentHash | None = None  # QUOTE: the source whose words these are


class Section(Document):
    """A heading ("" for an introduction) and its paragraphs."""

    heading: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph.sentences)


class Draft(Document):
    kind: ArticleKind
    title: str
    description: str = ""
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)


# ── what is judged ───────────────────────────────────────────────────────────────────────────────────────────────────


class Severity(StrEnum):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"  # counts towards a refusal


class Finding(Document):
    """One result of one check: which rule, where, why, what to do. `fix` is a next step for a person or a model."""

    rule: str  # "citations.unknown", "support.number" …
    severity: Severity
    message: str
    sentence_id: UUID | None = None
    span: tuple[int, int] | None = None  # within the sentence's text
    fix: str | None = None


class Support(StrEnum):
    SUPPORTED = "supported"
    UNSURE = "unsure"
    UNSUPPORTED = "unsupported"
    NOT_NEEDED = "not_needed"  # states no fact and cites nothing


class SentenceVerdict(Document):
    """How a sentence stands to its evidence. `highlight` maps a passage id to the span of that passage's text
    (start, end within the passage) that supports the sentence best."""

    sentence_id: UUID
    support: Support
    probability: Share
    highlight: dict[PassageId, tuple[int, int]] = {}


class ScorePart(Document):
    """One named part of the score, 0–100, and its weight in the whole."""

    name: str
    score: Annotated[float, Field(ge=0, le=100)]
    weight: Annotated[float, Field(ge=0)]


class Verdict(StrEnum):
    PASS = "pass"
    REVISE = "revise"
    REFUSE = "refuse"


class QualityReport(Document):
    verdict: Verdict
    reasons: tuple[str, ...] = ()  # why it was refused or should be revised, for people
    score: Annotated[float, Field(ge=0, le=100)]
    parts: tuple[ScorePart, ...]
    findings: tuple[Finding, ...]
    sentences: tuple[SentenceVerdict, ...]


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


class ArticleStatus(StrEnum):
    ACCEPTED = "accepted"  # every gate passed
    NEEDS_APPROVAL = "needs_approval"  # a digest: a person must approve before anything is published
    REFUSED = "refused"


class Provenance(Document):
    """What an article was made with, so that any verdict can be replayed."""

    run_id: UUID
    author: Literal["model", "offline", "human"]
    model: str
    embedder: str
    prompts: dict[str, str] = {}  # prompt name → hash of its file


class Article(Document):
    """A finished version of an article with everything that is needed to show where each sentence comes from."""

    id: UUID = Field(default_factory=new_id)
    version: int = 1
    kind: ArticleKind
    status: ArticleStatus
    brief: Brief
    title: str
    slug: str
    description: str
    language: str
    sections: tuple[Section, ...]
    sources: tuple[SourceRef, ...]  # those cited, in order of first citation: their numbers when rendered
    passages: tuple[Passage, ...]  # those cited
    quality: QualityReport
    coverage: tuple[Coverage, ...] = ()  # what was asked, and whether the evidence answers it
    removed: tuple[Sentence, ...] = ()  # sentences the gate took out, kept for the report
    notes: tuple[str, ...] = ()
    provenance: Provenance
    created_at: AwareDatetime = Field(default_factory=utc_now)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    @property
    def words(self) -> int:
        """Words a reader reads: sentences and headings, not attributions or notes."""
        texts = [section.heading for section in self.sections] + [sentence.text for sentence in self.sentences]
        return sum(len(text.split()) for text in texts)


class ArticleHead(Document):
    """One line of a list of articles: what is known of the latest version without reading it."""

    id: UUID
    version: int
    kind: ArticleKind
    status: ArticleStatus
    title: str
    slug: str
    description: str
    format: str
    language: str
    author: str  # of the latest version: model, offline, human
    words: int
    score: float
    run_id: UUID
    index_state: Literal["indexed", "pending"]
    created_at: AwareDatetime  # of the first version
    updated_at: AwareDatetime  # of the latest version


class VersionHead(Document):
    """One line of an article's history."""

    version: int
    status: ArticleStatus
    author: str
    words: int
    score: float
    created_at: AwareDatetime


class SourceHead(Document):
    """One line of a list of sources; `location` is where it was read, as the user gave it."""

    id: UUID
    location: str
    kind: SourceKind
    title: str
    content_hash: ContentHash
    retrieved_at: AwareDatetime


class StoredRecord(Document):
    """What the store stage leaves: the version, its files by form, and whether it can be found by meaning already."""

    article_id: UUID
    version: int
    paths: dict[str, str]
    index: Literal["indexed", "pending"]


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Stage(StrEnum):
    """The rooms of the corridor in order; SECTIONS has one item per section."""

    RESEARCH = "research"
    EVIDENCE = "evidence"
    OUTLINE = "outline"
    SECTIONS = "sections"
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
    """What a run will probably take, before it starts; `most_usd` is what it can cost at the very most."""

    model: str
    model_calls: int
    input_tokens: int
    output_tokens: int
    likely_usd: Decimal
    most_usd: Decimal
    seconds: float | None  # None: nothing is known of this model yet
    basis: str  # what it was reckoned from, for people
    error: float | None = None  # by what share of the estimate runs like it missed theirs, the median; None: not known


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
