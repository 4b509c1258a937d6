"""The tables. Rows are records; documents are JSON with a schema version, beside the columns that are queried.

Nearly every key begins with `workspace_id`, and so does every reference: a row cannot point into another workspace.
JSON travels as text (the engine's serialisers pass it through), so a document comes back letter for letter.
Money is whole micro-dollars. Times are UTC.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from aiwriter.storage.columns import Words, belongs, document, micro, table, tables, time, version

workspaces = Table(
    "workspaces",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Words, nullable=False),
    time("created_at"),
)

# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

runs = table(
    "runs",
    ("id",),
    Column("id", Uuid, nullable=False),
    document(),  # the brief
    version(),
    Column("model", Words, nullable=False),
    Column("embedder", Words, nullable=False),
    micro("budget", nullable=True),
    Column("out", Words),
    Column("status", String(16), nullable=False),
    Column("reason", Words),
    Column("article_id", Uuid),  # no reference: a run's history outlives the article it made
    Column("attempts", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("lease_owner", Words),
    time("lease_until", nullable=True),
    Column("fence_secret", LargeBinary, nullable=False),
    time("created_at"),
    time("finished_at", nullable=True),
    Column("batch_id", Uuid),  # no reference: the runs of a batch may be stored before it, and outlive it
    Column("batch_item", Integer),
    Column("requested_by", Words, nullable=False, server_default=""),
    time("submitted_at", nullable=True),  # when it was last handed to the orchestrator; NULL: it is to be
    Column("short_of", Words),  # the budget that refused it: run, workspace, day or a provider
    micro("short", nullable=True),  # what must be free of that for it to go on
    Index(None, "workspace_id", "created_at"),
    Index(None, "workspace_id", "status", "created_at"),
    Index(None, "workspace_id", "batch_id"),
    Index(None, "workspace_id", "article_id"),
)

batches = table(
    "batches",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("name", Words, nullable=False),
    document(),
    version(),
    time("created_at"),
)

run_events = table(
    "run_events",
    ("run_id", "seq"),
    Column("run_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    document(),
    time("at"),
    belongs("runs", "run_id"),
)

stage_records = table(
    "stage_records",
    ("run_id", "stage", "item"),
    Column("run_id", Uuid, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("item", String(255), nullable=False),
    document(),
    version(),
    Column("fingerprint", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    time("created_at"),
    belongs("runs", "run_id"),
)

# The ledger refers to no run: what was spent stays written down whatever becomes of the run.
model_calls = table(
    "model_calls",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("call_key", String(128), nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("item", Words, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("model", Words, nullable=False),
    Column("prompt_name", Words, nullable=False),
    Column("prompt_hash", String(128), nullable=False),
    Column("status", String(16), nullable=False),  # intent, answered, not_sent, unknown
    micro("reserved"),
    micro("cost"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("estimated", Boolean, nullable=False),
    Column("reply", JSON(none_as_null=True)),  # a JSON string: a reply may hold NUL, which text columns refuse
    Column("answered_by", Words),
    Column("error", Words),
    Column("seconds", Float, nullable=False),
    time("begun_at"),
    time("finished_at", nullable=True),
    Index(None, "workspace_id", "call_key"),
    Index(None, "workspace_id", "run_id"),
)

budgets = table(
    "budgets",
    ("scope", "scope_id"),
    Column("scope", String(16), nullable=False),
    Column("scope_id", String(255), nullable=False),
    micro("cap", nullable=True),  # NULL: counted, not capped
    micro("spent"),
    micro("reserved"),
    CheckConstraint("spent >= 0 AND reserved >= 0", name="not_negative"),
)

# What is agreed on about a provider's account. It is the installation's, whoever works in it: all rows are those of the
# first workspace.
provider_states = table(
    "provider_states",
    ("name",),
    Column("name", String(255), nullable=False),  # a model, or a provider
    Column("lived_ms", BigInteger, nullable=False),  # when a turn was last asked for: storage/limits.py
    Column("paused", String(16)),  # open, cooling, disabled
    Column("reason", Words),
    time("paused_until", nullable=True),
    Column("paused_seconds", Float),
)

turns = table(
    "turns",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("name", String(255), nullable=False),
    Column("at_ms", BigInteger, nullable=False),  # by the same clock
    Column("tokens", Integer, nullable=False),
    belongs("provider_states", "name", to=("name",)),
    Index(None, "workspace_id", "name", "at_ms"),
)

content_metrics = table(
    "content_metrics",
    ("run_id",),
    Column("run_id", Uuid, nullable=False),
    Column("article_id", Uuid),
    Column("status", String(16), nullable=False),
    Column("format", Words, nullable=False),
    Column("kind", String(16)),
    Column("words", Integer, nullable=False),
    micro("cost"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("model_calls", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("score", Float),
    document(),
    version(),
    time("created_at"),
    belongs("runs", "run_id"),
    Index(None, "workspace_id", "created_at"),
)

# A day that was rolled up has a row here, even when nothing happened on it.
rolled_up_days = table("rolled_up_days", ("day",), Column("day", Date, nullable=False), time("rolled_up_at"))

daily_figures = table(
    "daily_figures",
    ("day", "format", "model"),
    Column("day", Date, nullable=False),
    Column("format", Words, nullable=False),
    Column("model", Words, nullable=False),
    document(),
    version(),
    belongs("rolled_up_days", "day", to=("day",)),
)

# ── who may ask, and what was asked before ───────────────────────────────────────────────────────────────────────────

api_keys = table(
    "api_keys",
    ("id",),
    Column("id", String(12), nullable=False),
    Column("name", Words, nullable=False),
    Column("scopes", JSON(none_as_null=True), nullable=False),
    Column("digest", String(64), nullable=False),
    time("created_at"),
    time("expires_at", nullable=True),
    time("revoked_at", nullable=True),
    UniqueConstraint("id"),  # whoever brings a key does not say of which workspace it is
)

idempotency_keys = table(
    "idempotency_keys",
    ("who", "key"),
    Column("who", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("answer", JSON(none_as_null=True), nullable=False),  # a JSON string: it comes back letter for letter
    time("created_at"),
    Index(None, "workspace_id", "created_at"),
)

# ── sources and articles ─────────────────────────────────────────────────────────────────────────────────────────────

sources = table(
    "sources",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("identity", String(64), nullable=False),  # hash of content and location
    Column("content_hash", String(64), nullable=False),
    Column("location", Words, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Words, nullable=False),
    time("retrieved_at"),
    document(),
    version(),
    Column("title_folded", Words, nullable=False, server_default=""),  # what lists are searched and sorted by
    Column("location_folded", Words, nullable=False, server_default=""),
    Column("place", String(64), nullable=False, server_default=""),  # hash of the location of what has an etag
    Column("etag", Words, nullable=False, server_default=""),
    UniqueConstraint("workspace_id", "identity"),
    Index(None, "workspace_id", "retrieved_at"),
    Index(None, "workspace_id", "place"),
    Index(None, "workspace_id", "content_hash"),
)

# Passages that articles cite. They stay when an article goes: they are spans of sources, which stay too.
passages = table(
    "passages",
    ("id",),
    Column("id", String(16), nullable=False),
    Column("source_hash", String(64), nullable=False),
    Column("begins", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    document(),
    version(),
    Index(None, "workspace_id", "source_hash"),
)

# The head of an article: all that lists show and are sorted by is of its latest version, so that they read one table.
articles = table(
    "articles",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("latest_version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Words, nullable=False),
    Column("slug", Words, nullable=False),
    Column("index_state", String(16), nullable=False),  # pending, indexed
    time("created_at"),
    time("updated_at"),
    # No index on titles: PostgreSQL's holds no key above 2,700 bytes.
    Column("title_folded", Words, nullable=False, server_default=""),
    Column("description", Words, nullable=False, server_default=""),
    Column("format", Words, nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default=""),
    Column("author", String(16), nullable=False, server_default=""),
    Column("words", Integer, nullable=False, server_default="0"),
    Column("score", Float, nullable=False, server_default="0"),
    Column("run_id", Uuid, nullable=False, server_default=UUID(int=0).hex),
    Index(None, "workspace_id", "updated_at"),
    Index(None, "workspace_id", "slug"),
    Index(None, "workspace_id", "score"),
)

article_versions = table(
    "article_versions",
    ("article_id", "version"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("author", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("format", Words, nullable=False),
    Column("language", String(16), nullable=False),
    Column("words", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    document(),
    version(),
    time("created_at"),
    belongs("articles", "article_id"),
)

_OF_VERSION = ("article_id", "version")

citations = table(
    "citations",
    ("article_id", "version", "sentence_id", "position"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sentence_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("passage_id", String(16), nullable=False),
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
    ForeignKeyConstraint(("workspace_id", "passage_id"), ["passages.workspace_id", "passages.id"]),
    Index(None, "workspace_id", "passage_id"),
)

quality_results = table(
    "quality_results",
    ("article_id", "version"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("parts", JSON(none_as_null=True), nullable=False),  # name → score
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
)

findings = table(
    "findings",
    ("article_id", "version", "position"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("message", Words, nullable=False),
    Column("sentence_id", Uuid),
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
    Index(None, "workspace_id", "rule"),
)

# What can be searched of the latest versions: the title at position 0, then each sentence, case-folded. Its key is a
# number because SQLite's index of trigrams (search.py) refers to rows by number.
article_sentences = Table(
    "article_sentences",
    tables,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("workspaces.id"), nullable=False),
    Column("article_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("folded", Words, nullable=False),
    belongs("articles", "article_id"),
    UniqueConstraint("workspace_id", "article_id", "position"),
)

# What was embedded before: a cache, which may be emptied.
embeddings = table(
    "embeddings",
    ("embedder", "text_hash"),
    Column("embedder", String(255), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float32
    time("created_at"),
)

# Down here, since in this order tables are shown.
from aiwriter.storage.known_tables import feeds as feeds  # noqa: E402, PLC0414
from aiwriter.storage.known_tables import known_passages as known_passages  # noqa: E402, PLC0414
from aiwriter.storage.known_tables import known_sources as known_sources  # noqa: E402, PLC0414
from aiwriter.storage.known_tables import looks as looks  # noqa: E402, PLC0414
from aiwriter.storage.known_tables import stem_counts as stem_counts  # noqa: E402, PLC0414
from aiwriter.storage.known_tables import studies as studies  # noqa: E402, PLC0414
from aiwriter.storage.publishing_tables import approvals as approvals  # noqa: E402, PLC0414
from aiwriter.storage.publishing_tables import gate_blocks as gate_blocks  # noqa: E402, PLC0414
from aiwriter.storage.publishing_tables import publications as publications  # noqa: E402, PLC0414
from aiwriter.storage.signature_tables import article_bands as article_bands  # noqa: E402, PLC0414
from aiwriter.storage.signature_tables import article_signatures as article_signatures  # noqa: E402, PLC0414
