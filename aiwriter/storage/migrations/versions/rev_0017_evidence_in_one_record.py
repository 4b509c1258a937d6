"""Where the passages of a run disagree stands in its evidence again; for one version it was a record of its own.

A run that had chosen its passages and was stopped before they were compared chooses them anew, which costs nothing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_records = sa.table(
    "stage_records",
    *(sa.column(name, sa.Uuid()) for name in ("workspace_id", "run_id")),
    *(sa.column(name, sa.Text()) for name in ("stage", "item", "fingerprint")),
    sa.column("document", sa.JSON()),
)
_compared = _records.alias("compared")
_outlines = _records.alias("outlines")


def upgrade() -> None:
    chosen = (_records.c.stage == "evidence") & (_records.c.item == "")
    compared = _beside(_compared) & (_compared.c.stage == "evidence") & (_compared.c.item == "compared")
    planned = _beside(_outlines) & (_outlines.c.stage == "outline")
    bind = op.get_bind()
    both = sa.select(_records, _compared.c.document.label("found")).join_from(_records, _compared, compared)
    for row in bind.execute(both.where(chosen)).all():
        whole = _with(row.document, row.found)
        this = chosen & (_records.c.workspace_id == row.workspace_id) & (_records.c.run_id == row.run_id)
        kept = {"document": whole, "fingerprint": hashlib.sha256(whole.encode()).hexdigest()}
        bind.execute(sa.update(_records).where(this).values(kept))
    stopped = ~sa.exists().where(compared) & ~sa.exists().where(planned)
    bind.execute(sa.delete(_records).where(chosen & stopped))
    bind.execute(sa.delete(_records).where((_records.c.stage == "evidence") & (_records.c.item == "compared")))


def downgrade() -> None:
    """The version before compares nothing that says where it disagrees."""


def _beside(other: Any) -> sa.ColumnElement[bool]:
    return sa.and_(other.c.workspace_id == _records.c.workspace_id, other.c.run_id == _records.c.run_id)


def _with(chosen: str, compared: str) -> str:
    evidence, found = json.loads(chosen), json.loads(compared)
    evidence["disagreements"] = [*evidence["disagreements"], *found["disagreements"]]
    evidence["notes"] = [*evidence["notes"], *found["notes"]]
    return json.dumps(evidence)
