"""A source that is a file is found by where it was read, and says what told that version of it from the next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
INDEX = "ix_sources_place"


def upgrade() -> None:
    op.add_column("sources", sa.Column("place", sa.String(64), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("etag", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f(INDEX), "sources", ["workspace_id", "place"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "sources")
    op.drop_column("sources", "etag")
    op.drop_column("sources", "place")
