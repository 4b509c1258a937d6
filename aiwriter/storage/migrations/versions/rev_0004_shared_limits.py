"""All processes keep to a provider's rates together, and leave it alone together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "provider_states",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("lived_ms", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_states_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_provider_states")),
    )
    op.create_table(
        "turns",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_turns_workspaces")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "name"],
            ["provider_states.workspace_id", "provider_states.name"],
            name=op.f("fk_turns_provider_states"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_turns")),
    )
    op.create_index(op.f("ix_turns_name"), "turns", ["workspace_id", "name", "at_ms"])


def downgrade() -> None:
    op.drop_table("turns")
    op.drop_table("provider_states")
