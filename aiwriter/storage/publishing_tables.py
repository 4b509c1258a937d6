"""The tables of publishing: publications, approvals, and the versions that the gate has blocked."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, UniqueConstraint, Uuid

from aiwriter.storage.columns import Words, belongs, table, time

_OF_VERSION = ("article_id", "version")

publications = table(
    "publications",
    ("id",),
    Column("id", Uuid, nullable=False),
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("target", Words, nullable=False),
    Column("target_hash", String(64), nullable=False),  # PostgreSQL's indexes hold no key above 2,700 bytes
    Column("title", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("language", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("address", Words),
    Column("error", Words),
    Column("requested_by", Words, nullable=False),
    time("due_at", nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("withdrawn_by", Words, nullable=False, server_default=""),
    time("withdrawn_at", nullable=True),
    Column("withdrawn_why", Words, nullable=False, server_default=""),
    Column("owner", Words),  # the lease of who is at it
    time("until", nullable=True),
    time("created_at"),
    time("updated_at"),
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
    UniqueConstraint("workspace_id", *_OF_VERSION, "target_hash"),
    Index(None, "workspace_id", "status"),
    Index(None, "workspace_id", "target_hash"),
)

approvals = table(
    "approvals",
    _OF_VERSION,
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("approved_by", Words, nullable=False),
    Column("note", Words, nullable=False),
    time("created_at"),
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
)

gate_blocks = table(
    "gate_blocks",
    _OF_VERSION,
    Column("article_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reasons", JSON(none_as_null=True), nullable=False),
    time("since"),
    belongs("article_versions", *_OF_VERSION, to=_OF_VERSION),
)
