"""What Prefect's own pages show of a run: how far it is, the report card, and the way to the article."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.logging import get_run_logger

from aiwriter import servers
from aiwriter.documents import Answered, Article, Finding, Stage, Support
from aiwriter.services.batches import BatchState
from aiwriter.services.ingesting import Ingested
from aiwriter.text.counted import counted
from aiwriter.text.slugs import slug

STAGES = list(Stage)
MOST_ROWS = 500  # of a table


def progress(title: str, run_id: UUID, afterwards: AsyncExitStack) -> Callable[[Stage], None]:
    """One bar for the run. Told which stage has finished, it is drawn beside the work, which never waits for it: what
    is not drawn yet is drawn `afterwards`."""
    finished: asyncio.Queue[Stage | None] = asyncio.Queue()
    drawing = asyncio.create_task(_draw(key("progress", title, run_id), finished))

    async def complete() -> None:
        finished.put_nowait(None)
        await drawing

    afterwards.push_async_callback(complete)
    return finished.put_nowait


async def _draw(name: str, finished: asyncio.Queue[Stage | None]) -> None:
    try:
        bar = await acreate_progress_artifact(0.0, key=name, description="begun")
        while (stage := await finished.get()) is not None:
            share = (STAGES.index(stage) + 1) / len(STAGES) * 100
            await aupdate_progress_artifact(bar, share, description=f"{stage} has finished")
    except Exception as error:  # noqa: BLE001 - a picture of the work is no reason to end the work
        get_run_logger().warning("the progress is not shown any more: %s", error)


async def report_card(article: Article) -> None:
    """The verdict, how its sentences stand, the score by part, what was mended and the findings, as Markdown."""
    report = article.quality
    rows = "\n".join(
        f"| {part.name} | {_bar(part.score)} {part.score:.0f} | {part.weight:.0%} |" for part in report.parts
    )
    findings = "\n".join(map(_finding, report.findings)) or "None."
    reasons = "\n".join(f"- {_plain(reason)}" for reason in report.reasons)
    stands = Counter(one.support for one in report.sentences)
    outcomes = " · ".join(f"{stands[kind]} {kind.value}" for kind in Support if kind is not Support.NOT_NEEDED)
    text = (
        f"# {_plain(article.title)}\n\n{_status(article)} · {counted(article.words, 'word')} · "
        f"{counted(len(article.sources), 'source')} · score **{report.score:.0f}** of 100\n\n"
        f"Sentences: {outcomes} · {len(article.removed)} taken out\n\n"
        f"{reasons}\n\n{_mended(article)}"
        f"| part | score | weight |\n|---|---|---|\n{rows}\n\n## Findings\n\n{findings}\n"
    )
    name = key("report", article.title, article.id)
    await acreate_markdown_artifact(text, key=name, description="what was checked, and what was found")


def _bar(score: float) -> str:
    """The score as ten blocks."""
    full = round(score / 10)
    return "█" * full + "░" * (10 - full)


def _finding(finding: Finding) -> str:
    told = f"`{finding.rule}` {_plain(finding.message)}"
    return f"- ~~{told}~~ {_plain(finding.dismissed.reason)}" if finding.dismissed else f"- {told}"


def _mended(article: Article) -> str:
    done = article.mending
    if done is None:
        return ""
    mended = counted(len(done.rewrites), "sentence")
    return f"Mended: {mended}, score {done.score_before:.0f} to {done.score_after:.0f}\n\n"


async def article_link(article: Article, paths: dict[str, str], home: Path) -> None:
    """The way to the page a person reads: the dashboard's, where there is one, else the file."""
    dashboard, page = servers.known(home, "dashboard"), paths.get("html")
    if dashboard:
        link = f"{dashboard}/article?id={article.id}"
    elif page:
        link = page if "://" in page else Path(page).as_uri()
    else:
        return
    await acreate_link_artifact(
        link,
        link_text=_plain(article.title),
        key=key("article", article.title, article.id),
        description=f"{_status(article)}, {counted(article.words, 'word')}",
    )


async def change_report(name: str, about: UUID, looked: Ingested) -> None:
    """What a look found new, changed, gone and unreadable, as a table; what is unchanged is only counted."""
    rows = [
        {"what": state, "where": _plain(location), "why": ""}
        for state in ("new", "changed", "gone")
        for location in getattr(looked, state)
    ]
    rows += [{"what": "failed", "where": _plain(one.location), "why": _plain(one.reason)} for one in looked.failed]
    rows += [{"what": "left out", "where": _plain(one.location), "why": _plain(one.reason)} for one in looked.ours]
    rows += [{"what": "note", "where": "", "why": _plain(note)} for note in looked.notes]
    description = f"{_plain(name)}: {looked.in_words}"
    await acreate_table_artifact(rows[:MOST_ROWS], key=key("feed", name, about), description=description)


def key(kind: str, title: str, about: UUID) -> str:
    """An artifact's name, such as "report-night-ferries-of-ostrel-db192a61": Prefect takes a-z, 0-9 and hyphens."""
    return f"{kind}-{slug(title)}-{about.hex[-8:]}"


def _status(article: Article) -> str:
    return article.status.value.replace("_", " ")


def _plain(text: str) -> str:
    """Text as text: a source's words must not become markup on Prefect's page."""
    return "".join(f"\\{mark}" if mark in r"\`*_[]<>#|!" else mark for mark in text).replace("\n", " ")


async def batch_table(state: BatchState, answered: Mapping[UUID, Sequence[Answered]]) -> None:
    """How each article of a batch ended, and which of ours had `answered` its topic before, as a table."""
    rows = [
        {
            "article": _plain(run.brief.topic),
            "status": run.status.value,
            "why": _plain(run.reason or ""),
            "answered before by": _plain("; ".join(one.title for one in answered.get(run.id, ()))),
            "run": str(run.id),
        }
        for run in state.runs
    ]
    description = f"{_plain(state.batch.name)}: {state.in_words}"
    await acreate_table_artifact(rows, key=key("batch", state.batch.name, state.batch.id), description=description)
