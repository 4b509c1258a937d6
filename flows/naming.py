"""What Prefect's pages call the runs of our flows: what they are about, not only an id."""

from __future__ import annotations

from typing import Any

from prefect import runtime

TITLE_LETTERS = 60


def of_article() -> str:
    """Such as "Night ferries of Ostrel · 0193a2f0-7c1b"."""
    given = _parameters()
    run = str(given.get("run_id", ""))[:13]
    return f"{short(str(given.get('title') or 'write-article'))} · {run}"


def of_batch() -> str:
    """Such as "briefs.csv · batch 0193a2f0-7c1b"."""
    given = _parameters()
    batch = str(given.get("batch_id") or runtime.flow_run.id)[:13]
    return f"{short(str(given.get('title') or 'write-batch'))} · batch {batch}"


def short(title: str) -> str:
    """A title that fits on a line of Prefect's pages."""
    title = " ".join(title.split())
    return title if len(title) <= TITLE_LETTERS else f"{title[: TITLE_LETTERS - 1].rstrip()}…"


def _parameters() -> dict[str, Any]:
    return dict(runtime.flow_run.parameters or {})
