"""Studies are held by leases and handed on like runs; what passes a filter is told by indexes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_OF_FILTERS = ["workspace_id", "domain", "language", "published_at", "passages", "source_id"]


def upgrade() -> None:
    for column in (
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("studies", column)
    op.create_index(op.f("ix_studies_status"), "studies", ["workspace_id", "status", "created_at"])
    op.create_index(op.f("ix_known_sources_domain"), "known_sources", _OF_FILTERS)
    op.drop_index(op.f("ix_known_passages_source_id"), "known_passages")
    op.create_index(op.f("ix_known_passages_source_id"), "known_passages", ["workspace_id", "source_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_known_passages_source_id"), "known_passages")
    op.create_index(op.f("ix_known_passages_source_id"), "known_passages", ["workspace_id", "source_id"])
    op.drop_index(op.f("ix_known_sources_domain"), "known_sources")
    op.drop_index(op.f("ix_studies_status"), "studies")
    for column in ("submitted_at", "lease_until", "lease_owner", "attempts"):
        op.drop_column("studies", column)
