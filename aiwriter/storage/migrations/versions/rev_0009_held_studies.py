"""Studies are held by leases and handed on like runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    for column in (
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("studies", column)
    op.create_index(op.f("ix_studies_status"), "studies", ["workspace_id", "status", "created_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_studies_status"), "studies")
    for column in ("submitted_at", "lease_until", "lease_owner", "attempts"):
        op.drop_column("studies", column)
