"""What Prefect's pages call the runs of our flows: what they are about, not only an id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

TITLE_LETTERS = 60


def article(title: str, run_id: UUID | str) -> str:
    """Such as "Night ferries of Ostrel · 0193a2f0-7c1b": the end is what `aiwriter resume` understands."""
    return f"{short(title) or 'article'} · {str(run_id)[:13]}"


def batch(title: str, batch_id: UUID | str) -> str:
    """Such as "briefs.csv · batch 0193a2f0-7c1b"."""
    return f"{short(title) or 'briefs'} · batch {str(batch_id)[:13]}"


def of_article() -> str:
    """The name of the flow run at hand, from its parameters."""
    given = _parameters()
    return article(given.get("title", ""), given["run_id"])


def of_batch() -> str:
    """The name of the flow run at hand, from its parameters."""
    from prefect import runtime

    given = _parameters()
    return batch(given.get("title", ""), given.get("batch_id") or runtime.flow_run.id)


def short(title: str) -> str:
    """A title that fits on a line of Prefect's pages."""
    title = " ".join(title.split())
    return title if len(title) <= TITLE_LETTERS else f"{title[: TITLE_LETTERS - 1].rstrip()}…"


def _parameters() -> dict[str, Any]:
    from prefect import runtime

    return dict(runtime.flow_run.parameters or {})
