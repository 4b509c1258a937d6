"""The tables. Rows are records; documents are JSON with a schema version, beside the columns that are queried.

Every key begins with `workspace_id`, and so does every reference: a row cannot point into another workspace.
JSON travels as text (the engine's serialisers pass it through), so a document comes back letter for letter.
Money is whole micro-dollars. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

tables = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_1_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time on every database; SQLite, which knows no zones, keeps it as sortable UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text for people and for look-ups. What a database cannot hold (NUL, half a surrogate pair) becomes "\ufffd"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _document() -> Column[Any]:
    return Column("document", JSON(none_as_null=True), nullable=False)


def _version() -> Column[int]:
    return Column("schema_version", Integer, nullable=False)


def _micro(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def _table(name: str, key: tuple[str, ...], *rest: SchemaItem) -> Table:
    """A table of a workspace: the key begins with it."""
    workspace: Column[Any] = Column("workspace_id", Uuid, ForeignKey("workspaces.id"), nullable=False)
    return Table(name, tables, workspace, *rest, PrimaryKeyConstraint("workspace_id", *key))


def _belongs(parent: str, *columns: str, to: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """Rows that go when their parent, in the same workspace, goes."""
    return ForeignKeyConstraint(
        ("workspace_id", *columns), [f"{parent}.{name}" for name in ("workspace_id", *to)], ondelete="CASCADE"
    )


workspaces = Table(
    "workspaces",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("name", Words, nullable=False),
    _time("created_at"),
)

# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

runs = _table(
    "runs",
    ("id",),
    Column("id", Uuid, nullable=False),
    _document(),  # the brief
    _version(),
    Column("model", Words, nullable=False),
    Column("embedder", Words, nullable=False),
    _micro("budget", nullable=True),
    Column("out", Words),
    Column("status", String(16), nullable=False),
    Column("reason", Words),
    Column("article_id", Uuid),  # no reference: a run's history outlives the article it made
    Column("attempts", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("lease_owner", Words),
    _time("lease_until", nullable=True),
    Column("fence_secret", LargeBinary, nullable=False),
    _time("created_at"),
    _time("finished_at", nullable=True),
    Index(None, "workspace_id", "created_at"),
)

run_events = _table(
    "run_events",
    ("run_id", "seq"),
    Column("run_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    _document(),
    _time("at"),
    _belongs("runs", "run_id"),
)

stage_records = _table(
    "stage_records",
    ("run_id", "stage", "item"),
    Column("run_id", Uuid, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("item", String(255), nullable=False),
    _document(),
    _version(),
    Column("fingerprint", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    _time("created_at"),
    _belongs("runs", "run_id"),
)

# The ledger refers to no run: what was spent stays written down whatever becomes of the run.
model_calls = _table(
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
    _micro("reserved"),
    _micro("cost"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("estimated", Boolean, nullable=False),
    Column("reply", JSON(none_as_null=True)),  # a JSON string: a reply may hold NUL, which text columns refuse
    Column("answered_by", Words),
    Column("error", Words),
    Column("seconds", Float, nullable=False),
    _time("begun_at"),
    _time("finished_at", nullable=True),
    Index(None, "workspace_id", "call_key"),
    Index(None, "workspace_id", "run_id"),
)

budgets = _table(
    "budgets",
    ("scope", "scope_id"),
    Column("scope", String(16), nullable=False),
    Column("scope_id", String(255), nullable=False),
    _micro("cap", nullable=True),  # NULL: counted, not capped
    _micro("spent"),
    _micro("reserved"),
    CheckConstraint("spent >= 0 AND reserved >= 0", name="not_negative"),
)

content_metrics = _table(
    "content_metrics",
    ("run_id",),
    Column("run_id", Uuid, nullable=False),
    Column("article_id", Uuid),
    Column("status", String(16), nullable=False),
    Column("format", Words, nullable=False),
    Column("kind", String(16)),
    Column("words", Integer, nullable=False),
    _micro("cost"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("model_calls", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("score", Float),
    _document(),
    _version(),
    _time("created_at"),
    _belongs("runs", "run_id"),
    Index(None, "workspace_id", "created_at"),
)

# ── sources and articles ─────────────────────────────────────────────────────────────────────────────────────────────

sources = _table(
    "sources",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("identity", String(64), nullable=False),  # hash of content and location
    Column("content_hash", String(64), nullable=False),
    Column("location", Words, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Words, nullable=False),
    _time("retrieved_at"),
    _document(),
    _version(),
    UniqueConstraint("workspace_id", "identity"),
    Index(None, "workspace_id", "content_hash"),
)

# Passages that articles cite. They stay when an article goes: they are spans of sources, which stay too.
passages = _table(
    "passages",
    ("id",),
    Column("id", String(16), nullable=False),
    Column("source_hash", String(64), nullable=False),
    Column("begins", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    _document(),
    _version(),
    Index(None, "workspace_id", "source_hash"),
)

articles = _table(
    "articles",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("latest_version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Words, nullable=False),
    Column("slug", Words, nullable=False),
    Column("index_state", String(16), nullable=False),  # pending, indexed
    _time("created_at"),
    _time("updated_at"),
    Index(None, "workspace_id", "updated_at"),
    Index(None, "workspace_id", "slug"),
)

article_versions = _table(
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
    _document(),
    _version(),
    _time("created_at"),
    _belongs("articles", "article_id"),
)

_OF_VERSION = ("article_id", "version")

citations = _table(
    "citations",
    ("article_id", "version", "sentence_id", "position"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sentence_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("passage_id", String(16), nullable=False),
    _belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
    ForeignKeyConstraint(("workspace_id", "passage_id"), ["passages.workspace_id", "passages.id"]),
    Index(None, "workspace_id", "passage_id"),
)

quality_results = _table(
    "quality_results",
    ("article_id", "version"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("parts", JSON(none_as_null=True), nullable=False),  # name → score
    _belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
)

findings = _table(
    "findings",
    ("article_id", "version", "position"),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("message", Words, nullable=False),
    Column("sentence_id", Uuid),
    _belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
    Index(None, "workspace_id", "rule"),
)

# What can be searched of the latest versions: the title at position 0, then each sentence, case-folded.
article_sentences = _table(
    "article_sentences",
    ("article_id", "position"),
    Column("article_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("folded", Words, nullable=False),
    _belongs("articles", "article_id"),
)

# What was embedded before: a cache, which may be emptied.
embeddings = _table(
    "embeddings",
    ("embedder", "text_hash"),
    Column("embedder", String(255), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float32
    _time("created_at"),
)
