"""The tables of what is known: feeds, sources that count, their passages and stems; and studies."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid

from aiwriter.storage.columns import Words, belongs, document, table, tables, time, version

feeds = table(
    "feeds",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("location", Words, nullable=False),
    Column("location_hash", String(64), nullable=False),  # PostgreSQL's indexes hold no key above 2,700 bytes
    Column("kind", String(16), nullable=False),
    Column("name", Words, nullable=False),
    Column("limit", Integer, nullable=False),
    Column("every_hours", Integer, nullable=False),
    time("checked_at", nullable=True),
    Column("error", Words),
    Column("told", Words),
    time("created_at"),
    UniqueConstraint("workspace_id", "location_hash"),
)

# A place that somebody asked to have read once, and what came of it.
looks = table(
    "looks",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("location", Words, nullable=False),
    Column("state", String(16), nullable=False),  # waiting, reading, done, failed
    Column("told", Words),
    time("asked_at"),
    time("told_at"),
    Index(None, "workspace_id", "asked_at"),
)

# A location that belongs to the knowledge, with the version of it that counts; the older ones stay in `sources`.
known_sources = table(
    "known_sources",
    ("source_id",),
    Column("source_id", Uuid, nullable=False),
    Column("location", Words, nullable=False),
    Column("location_hash", String(64), nullable=False),
    Column("location_folded", Words, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("title", Words, nullable=False),
    Column("title_folded", Words, nullable=False),
    Column("domain", String(255), nullable=False),
    Column("language", String(16)),
    time("published_at", nullable=True),
    Column("licence", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("said_at", Words),  # the address that said so
    Column("feed_id", Uuid),  # no reference: sources outlive the feed they came from
    Column("passages", Integer, nullable=False),
    Column("index_state", String(16), nullable=False),  # pending, indexed
    time("checked_at"),
    time("kept_at"),
    belongs("sources", "source_id"),
    UniqueConstraint("workspace_id", "location_hash"),
    Index(None, "workspace_id", "content_hash"),
    Index(None, "workspace_id", "kept_at"),
    Index(None, "workspace_id", "domain", "language", "published_at", "passages", "source_id"),  # all a filter asks for
)

# Its key is a number for the same reason as that of `article_sentences`: SQLite's index of stems refers to it.
known_passages = Table(
    "known_passages",
    tables,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("workspace_id", Uuid, ForeignKey("workspaces.id"), nullable=False),
    Column("id", String(16), nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("stems", Words, nullable=False),  # tokens with a space between: passage_search.py
    Column("text_hash", String(64), nullable=False),
    document(),
    version(),
    belongs("known_sources", "source_id", to=("source_id",)),
    UniqueConstraint("workspace_id", "id"),
    Index(None, "workspace_id", "source_id", "id"),  # `id`: what passes a filter is told without reading any passage
)

# How many passages hold a stem; "" counts the passages, " " their stems. Kept by who writes passages.
stem_counts = table(
    "stem_counts",
    ("stem",),
    Column("stem", Words, nullable=False),
    Column("passages", BigInteger, nullable=False),
)

studies = table(
    "studies",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("kind", String(16), nullable=False, server_default="topic"),  # topic, text
    Column("topic", Words, nullable=False),
    Column("topic_folded", Words, nullable=False),
    Column("status", String(16), nullable=False),
    Column("stage", String(32)),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("reason", Words),
    Column("requested_by", Words, nullable=False),
    Column("sources", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("questions", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    time("created_at"),
    time("told_at"),
    time("finished_at", nullable=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_owner", Words),
    time("lease_until", nullable=True),
    time("submitted_at", nullable=True),  # when it was last handed to the orchestrator; NULL: it is to be
    document(),
    version(),
    Index(None, "workspace_id", "created_at"),
    Index(None, "workspace_id", "status", "created_at"),
)
