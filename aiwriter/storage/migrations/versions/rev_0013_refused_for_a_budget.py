"""A run that a budget refused says which, so that it can go on when there is room; those of before are told by their
words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
SAID = {"--budget": "run", "Raise the cap of the day and": "day", "Raise the cap of the workspace and": "workspace"}
SAID |= {f"of the provider {name}'s": name for name in ("openai", "gemini", "anthropic", "huggingface")}


def upgrade() -> None:
    op.add_column("runs", sa.Column("short_of", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("short", sa.BigInteger(), nullable=True))
    refused = sa.text(
        "UPDATE runs SET short_of = :budget, short = 0 WHERE status = 'refused' AND article_id IS NULL "
        "AND reason LIKE :said"
    )
    for said, budget in SAID.items():
        op.get_bind().execute(refused, {"budget": budget, "said": f"%{said}%"})


def downgrade() -> None:
    op.drop_column("runs", "short")
    op.drop_column("runs", "short_of")
