"""What Prefect's own pages show of a run: how far it is, the report card, and the way to the article."""

from __future__ import annotations

from uuid import UUID

from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
)

from aiwriter.documents import Article, Stage
from aiwriter.services.batches import BatchState

STAGES = list(Stage)


async def progress(run_id: UUID, stage: Stage) -> None:
    """Say that a stage has finished, as a share of all stages."""
    share = (STAGES.index(stage) + 1) / len(STAGES) * 100
    await acreate_progress_artifact(share, key=f"progress-{run_id}", description=f"{stage} has finished")


async def report_card(article: Article) -> None:
    """The verdict, the score by part and the findings, as Markdown."""
    report = article.quality
    rows = "\n".join(f"| {part.name} | {part.score:.0f} | {part.weight:g} |" for part in report.parts)
    findings = "\n".join(f"- `{finding.rule}` {_plain(finding.message)}" for finding in report.findings) or "None."
    reasons = "\n".join(f"- {_plain(reason)}" for reason in report.reasons)
    text = (
        f"# {_plain(article.title)}\n\n{article.status} · {article.words} words · {len(article.sources)} sources · "
        f"score **{report.score:.0f}** of 100\n\n{reasons}\n\n"
        f"| part | score | weight |\n|---|---|---|\n{rows}\n\n## Findings\n\n{findings}\n"
    )
    await acreate_markdown_artifact(text, key=f"report-{article.id}", description=f"Report card of {article.slug}")


async def article_link(article: Article, paths: dict[str, str]) -> None:
    """The way to the page a person reads, where the files are."""
    page = paths.get("html")
    if page is not None:
        link = page if "://" in page else f"file://{page}"
        await acreate_link_artifact(link, link_text=article.title, key=f"article-{article.id}")


def _plain(text: str) -> str:
    """Text as text: a source's words must not become markup on Prefect's page."""
    return "".join(f"\\{mark}" if mark in r"\`*_[]<>#|!" else mark for mark in text).replace("\n", " ")


async def batch_table(state: BatchState) -> None:
    """How each article of a batch ended, as a table."""
    rows = [
        {
            "article": _plain(run.brief.topic),
            "status": run.status.value,
            "why": _plain(run.reason or ""),
            "run": str(run.id),
        }
        for run in state.runs
    ]
    description = f"{_plain(state.batch.name)}: {state.in_words}"
    await acreate_table_artifact(rows, key=f"batch-{state.batch.id}", description=description)
