"""A study is of a topic, or of a text that is checked against sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("studies", sa.Column("kind", sa.String(16), nullable=False, server_default="topic"))


def downgrade() -> None:
    op.execute("DELETE FROM studies WHERE kind <> 'topic'")  # nothing of it could be read by what knew topics alone
    op.drop_column("studies", "kind")
