"""The tools of the run at hand: opened by the flow, found by its tasks; never an argument of either.

Values travel, handles stay: tasks take ids and open nothing of their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.documents import Article, RunStatus, Stage
from aiwriter.errors import AIWriterError, Refused
from aiwriter.services import analytics, holding, stages

_tools: ContextVar[Tools] = ContextVar("tools")


def tools() -> Tools:
    """The tools of the flow run this task belongs to."""
    return _tools.get()


@dataclass
class Ending:
    """How the run ended, for the flow to tell Prefect."""

    status: RunStatus = RunStatus.FAILED
    reason: str | None = None
    article_id: UUID | None = None


@asynccontextmanager
async def run_in_hand(run_id: UUID) -> AsyncIterator[Ending]:
    """Open the tools, hold the run by its lease, and end it as the block ends.

    Errors of ours end the run (refused or failed, resumable) and are not raised further; anything else is a defect: the
    run is marked as failed and the error goes on to Prefect.
    """
    async with bootstrap.open_tools(settings.load()) as opened:
        token = _tools.set(opened)
        ending = Ending()
        try:
            async with holding.held(opened.database, opened.principal, run_id, opened.clock) as owner:
                try:
                    yield ending
                    article = await _finished_article(run_id)
                    ending.status = holding.status_for(article.status)
                    ending.article_id = article.id
                    ending.reason = "; ".join(article.quality.reasons) or None
                except Refused as error:
                    ending.status, ending.reason = RunStatus.REFUSED, _told(error)
                except AIWriterError as error:
                    ending.status, ending.reason = RunStatus.FAILED, _told(error)
                except TimeoutError as error:  # a task's time limit, as Prefect raises it
                    ending.reason = f"a stage took longer than its limit: {error}"
                except BaseException as error:  # whatever it was, the run must not stay "running" behind us
                    said = (
                        f"a defect: {type(error).__name__}: {error}" if isinstance(error, Exception) else "interrupted"
                    )
                    await _end(run_id, owner, Ending(reason=said))
                    raise
                await _end(run_id, owner, ending)
        finally:
            _tools.reset(token)


async def _end(run_id: UUID, owner: str, ending: Ending) -> None:
    held = tools()
    if ending.article_id is None:  # no task recorded figures for a run that made no article
        await analytics.record_run(held.database, held.principal, run_id, ending.status, None)
    await holding.end(
        held.database,
        held.principal,
        run_id,
        owner,
        ending.status,
        reason=ending.reason,
        article_id=ending.article_id,
    )


async def _finished_article(run_id: UUID) -> Article:
    held = tools()
    return await stages.kept(held.database, held.principal, run_id, Stage.FINISH, Article)


def _told(error: AIWriterError) -> str:
    cause = str(error).rstrip(".")
    return f"{cause}. {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else cause
