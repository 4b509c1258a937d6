"""Lists that read one table, runs that are submitted and belong to batches, daily figures, API and idempotency keys."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_AT_ONCE = 50  # rows: documents of articles are large

_NEW_INDEXES = {
    "ix_articles_score": ("articles", ["workspace_id", "score"]),
    "ix_sources_retrieved_at": ("sources", ["workspace_id", "retrieved_at"]),
    "ix_runs_status": ("runs", ["workspace_id", "status", "created_at"]),
    "ix_runs_batch_id": ("runs", ["workspace_id", "batch_id"]),
    "ix_runs_article_id": ("runs", ["workspace_id", "article_id"]),
}


def upgrade() -> None:
    for table, columns in _new_columns().items():
        for column in columns:
            op.add_column(table, column)
    _fill_articles()
    _fill_sources()
    for name, (table, names) in _NEW_INDEXES.items():
        op.create_index(op.f(name), table, names, unique=False)
    op.create_table(
        "batches",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_batches_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_batches")),
    )
    op.create_table(
        "rolled_up_days",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rolled_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_rolled_up_days_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "day", name=op.f("pk_rolled_up_days")),
    )
    op.create_table(
        "daily_figures",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "day"],
            ["rolled_up_days.workspace_id", "rolled_up_days.day"],
            name=op.f("fk_daily_figures_rolled_up_days"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_daily_figures_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "day", "format", "model", name=op.f("pk_daily_figures")),
    )
    op.create_table(
        "api_keys",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_api_keys_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_api_keys_id")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_idempotency_keys_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "who", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["workspace_id", "created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    for table in ("idempotency_keys", "api_keys", "daily_figures", "rolled_up_days", "batches"):
        op.drop_table(table)
    for name, (table, _) in _NEW_INDEXES.items():
        op.drop_index(op.f(name), table_name=table)
    for table, columns in _new_columns().items():
        for column in columns:
            op.drop_column(table, column.name)


def _new_columns() -> dict[str, list[sa.Column[Any]]]:
    return {
        "articles": [
            sa.Column("title_folded", sa.Text(), nullable=False, server_default=""),
            sa.Column("description", sa.Text(), nullable=False, server_default=""),
            sa.Column("format", sa.Text(), nullable=False, server_default=""),
            sa.Column("language", sa.String(length=16), nullable=False, server_default=""),
            sa.Column("author", sa.String(length=16), nullable=False, server_default=""),
            sa.Column("words", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("score", sa.Float(), nullable=False, server_default="0"),
            sa.Column("run_id", sa.Uuid(), nullable=False, server_default="0" * 32),
        ],
        "sources": [
            sa.Column("title_folded", sa.Text(), nullable=False, server_default=""),
            sa.Column("location_folded", sa.Text(), nullable=False, server_default=""),
        ],
        "runs": [
            sa.Column("batch_id", sa.Uuid(), nullable=True),
            sa.Column("batch_item", sa.Integer(), nullable=True),
            sa.Column("requested_by", sa.Text(), nullable=False, server_default=""),
            sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        ],
    }


# ── what the new columns say of old rows ─────────────────────────────────────────────────────────────────────────────

_articles = sa.table(
    "articles",
    *(sa.column(name, sa.Uuid()) for name in ("workspace_id", "id", "run_id")),
    *(sa.column(name) for name in ("latest_version", "title", "title_folded", "description", "format", "language")),
    *(sa.column(name) for name in ("author", "words", "score")),
)
_versions = sa.table(
    "article_versions",
    *(sa.column(name, sa.Uuid()) for name in ("workspace_id", "article_id", "run_id")),
    *(sa.column(name) for name in ("version", "author", "format", "language", "words")),
    sa.column("document", sa.JSON()),
)
_results = sa.table(
    "quality_results",
    *(sa.column(name, sa.Uuid()) for name in ("workspace_id", "article_id")),
    *(sa.column(name) for name in ("version", "score")),
)
_sources = sa.table(
    "sources",
    *(sa.column(name, sa.Uuid()) for name in ("workspace_id", "id")),
    *(sa.column(name) for name in ("title", "location", "title_folded", "location_folded")),
)


def _fill_articles() -> None:
    latest = sa.and_(
        _versions.c.workspace_id == _articles.c.workspace_id,
        _versions.c.article_id == _articles.c.id,
        _versions.c.version == _articles.c.latest_version,
    )
    judged = sa.and_(
        _results.c.workspace_id == _versions.c.workspace_id,
        _results.c.article_id == _versions.c.article_id,
        _results.c.version == _versions.c.version,
    )
    of_version = [_versions.c[name] for name in ("run_id", "author", "format", "language", "words", "document")]
    rows = (
        sa.select(_articles.c.workspace_id, _articles.c.id, _articles.c.title, *of_version, _results.c.score)
        .join_from(_articles, _versions, latest)
        .join(_results, judged)
    )
    for row in _in_parts(rows, _articles):
        _update(
            _articles,
            row,
            title_folded=_fold(row.title),
            description=_holdable(json.loads(row.document)["description"]),
            **{name: getattr(row, name) for name in ("run_id", "author", "format", "language", "words", "score")},
        )


def _fill_sources() -> None:
    rows = sa.select(_sources.c.workspace_id, _sources.c.id, _sources.c.title, _sources.c.location)
    for row in _in_parts(rows, _sources):
        _update(_sources, row, title_folded=_fold(row.title), location_folded=_fold(row.location))


def _in_parts(rows: sa.Select[Any], table: sa.TableClause) -> Iterator[sa.Row[Any]]:
    """The rows in the order of their keys, a few at a time: memory does not grow with the database."""
    key = (table.c.workspace_id, table.c.id)
    part = op.get_bind().execute(rows.order_by(*key).limit(_AT_ONCE)).all()
    while part:
        yield from part
        last = (part[-1].workspace_id, part[-1].id)
        later = sa.or_(key[0] > last[0], sa.and_(key[0] == last[0], key[1] > last[1]))
        part = op.get_bind().execute(rows.where(later).order_by(*key).limit(_AT_ONCE)).all()


def _update(table: sa.TableClause, row: sa.Row[Any], **values: object) -> None:
    this = sa.and_(table.c.workspace_id == row.workspace_id, table.c.id == row.id)
    op.get_bind().execute(sa.update(table).where(this).values(values))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _holdable(text: str) -> str:
    return text.replace("\0", "\ufffd")
