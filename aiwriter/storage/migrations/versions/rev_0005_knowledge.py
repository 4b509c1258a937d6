"""Known sources, their passages found by stems, and the feeds they come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INDEX_OF_SQLITE = (
    "CREATE VIRTUAL TABLE passage_stems USING fts5(stems, content='known_passages', content_rowid='number',"
    " detail=none, columnsize=0)",
    "CREATE TRIGGER passage_added AFTER INSERT ON known_passages BEGIN"
    " INSERT INTO passage_stems (rowid, stems) VALUES (new.number, new.stems); END",
    "CREATE TRIGGER passage_removed AFTER DELETE ON known_passages BEGIN"
    " INSERT INTO passage_stems (passage_stems, rowid, stems) VALUES ('delete', old.number, old.stems); END",
    "CREATE TRIGGER passage_changed AFTER UPDATE OF number, stems ON known_passages BEGIN"
    " INSERT INTO passage_stems (passage_stems, rowid, stems) VALUES ('delete', old.number, old.stems);"
    " INSERT INTO passage_stems (rowid, stems) VALUES (new.number, new.stems); END",
)


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("location_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_feeds_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("workspace_id", "location_hash", name=op.f("uq_feeds_workspace_id")),
    )
    op.create_table(
        "stem_counts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("passages", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_stem_counts_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "stem", name=op.f("pk_stem_counts")),
    )
    op.create_table(
        "known_sources",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("location_hash", sa.String(length=64), nullable=False),
        sa.Column("location_folded", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("said_at", sa.Text(), nullable=True),
        sa.Column("feed_id", sa.Uuid(), nullable=True),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("index_state", sa.String(length=16), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "source_id"],
            ["sources.workspace_id", "sources.id"],
            name=op.f("fk_known_sources_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_known_sources_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "source_id", name=op.f("pk_known_sources")),
        sa.UniqueConstraint("workspace_id", "location_hash", name=op.f("uq_known_sources_workspace_id")),
    )
    op.create_index(op.f("ix_known_sources_content_hash"), "known_sources", ["workspace_id", "content_hash"])
    op.create_index(op.f("ix_known_sources_kept_at"), "known_sources", ["workspace_id", "kept_at"])
    op.create_table(
        "known_passages",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "source_id"],
            ["known_sources.workspace_id", "known_sources.source_id"],
            name=op.f("fk_known_passages_known_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_known_passages_workspaces")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_known_passages")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_known_passages_workspace_id")),
    )
    op.create_index(op.f("ix_known_passages_source_id"), "known_passages", ["workspace_id", "source_id"])
    if op.get_bind().dialect.name == "sqlite":
        _index_on_sqlite()
    else:
        array = "string_to_array(stems, ' ')"
        op.execute(f"ALTER TABLE known_passages ADD COLUMN stem_array text[] GENERATED ALWAYS AS ({array}) STORED")
        op.execute(  # what a fast update puts off, every search would have to look through
            "CREATE INDEX ix_known_passages_stem_array ON known_passages USING gin (stem_array) WITH (fastupdate = off)"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS passage_stems")
    for name in ("known_passages", "known_sources", "stem_counts", "feeds"):
        op.drop_table(name)


def _index_on_sqlite() -> None:
    """Where FTS5 is compiled in; without it every passage is looked through."""
    if op.get_bind().exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar():
        for statement in _INDEX_OF_SQLITE:
            op.get_bind().exec_driver_sql(statement)
