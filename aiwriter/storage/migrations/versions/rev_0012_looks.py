"""A look at a place that was asked for is remembered with what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_looks_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_asked_at"), "looks", ["workspace_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("looks")
