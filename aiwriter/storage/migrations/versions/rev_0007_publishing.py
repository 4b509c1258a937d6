"""Publications, approvals, and the versions that the gate over what is stored has blocked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *_of_version("publications"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_publications")),
        sa.UniqueConstraint(
            "workspace_id", "article_id", "version", "target_hash", name=op.f("uq_publications_workspace_id")
        ),
    )
    op.create_index(op.f("ix_publications_status"), "publications", ["workspace_id", "status"])
    op.create_index(op.f("ix_publications_target_hash"), "publications", ["workspace_id", "target_hash"])
    op.create_table(
        "approvals",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_of_version("approvals"),
        sa.PrimaryKeyConstraint("workspace_id", "article_id", "version", name=op.f("pk_approvals")),
    )
    op.create_table(
        "gate_blocks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        *_of_version("gate_blocks"),
        sa.PrimaryKeyConstraint("workspace_id", "article_id", "version", name=op.f("pk_gate_blocks")),
    )


def downgrade() -> None:
    for name in ("gate_blocks", "approvals", "publications"):
        op.drop_table(name)


def _of_version(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    """Rows that go when their version goes."""
    return (
        sa.ForeignKeyConstraint(
            ["workspace_id", "article_id", "version"],
            ["article_versions.workspace_id", "article_versions.article_id", "article_versions.version"],
            name=op.f(f"fk_{table}_article_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{table}_workspaces")),
    )
