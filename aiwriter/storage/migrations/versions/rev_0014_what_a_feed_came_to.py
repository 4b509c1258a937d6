"""A feed keeps what its last look came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("feeds", sa.Column("told", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("feeds", "told")
