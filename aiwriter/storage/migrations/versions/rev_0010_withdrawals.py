"""A publication says who took it away, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for column in (
        sa.Column("withdrawn_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("publications", column)


def downgrade() -> None:
    for column in ("withdrawn_why", "withdrawn_at", "withdrawn_by"):
        op.drop_column("publications", column)
