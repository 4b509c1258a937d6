"""The tools of the flow run at hand: opened once by the flow, found by its tasks; never an argument of either.

Values travel, handles stay: tasks take ids and open nothing of their own.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

import httpx
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.documents import Article, RunStatus, Shortage, Stage
from aiwriter.errors import AIWriterError, BudgetSpent, Conflict, Refused, Unavailable
from aiwriter.ports import Principal
from aiwriter.services import analytics, holding, runs, stages
from tasks import policies

T = TypeVar("T")
# What Prefect's client raises; the HTTP errors of other clients are translated where they are raised.
STUMBLED = (httpx.HTTPError, ConcurrencySlotAcquisitionError)
RESUME = "Resume the run when it answers again."
_log = logging.getLogger(__name__)
_tools: ContextVar[Tools] = ContextVar("tools")
_in_hand: dict[UUID, dict[object, object]] = {}  # what is known of the runs that this process carries


async def known(run_id: UUID, what: object, load: Callable[[], Awaitable[T]]) -> T:
    """What does not change of a run while we hold it: loaded once, however many of its tasks ask. Of a run that is not
    in hand, such as a task's that is called alone, it is loaded each time."""
    memory = _in_hand.get(run_id, {})
    if what not in memory:
        memory[what] = await load()
    return cast("T", memory[what])


def tools() -> Tools:
    """The tools of the flow run this task belongs to."""
    return _tools.get()


@asynccontextmanager
async def opened(workspace: UUID | None = None) -> AsyncIterator[Tools]:
    """The tools of this flow run, in the hands of its workspace (that of the local owner when none is named)."""
    with _orderly_sigterm():
        async with bootstrap.open_tools(settings.load()) as fresh:
            acting = fresh if workspace is None else fresh.acting_for(Principal("worker", workspace))
            token = _tools.set(acting)
            try:
                yield acting
            finally:
                _tools.reset(token)


@contextmanager
def _orderly_sigterm() -> Iterator[None]:
    """Within the block SIGTERM cancels the flow, which lets its run go and ends; an attended one is cancelled by who
    started it. Prefect's own handler, installed as the flow began, raises wherever the process is at that moment: in
    the middle of an answer of the database, or in a part that nobody waits for, and then the flow goes on."""
    theirs = signal.getsignal(signal.SIGTERM)
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if threading.current_thread() is not threading.main_thread() or task is None:
        yield
        return
    if policies.attended.get():
        if (ours := policies.stopped_by.get()) is not None:
            signal.signal(signal.SIGTERM, ours)
        yield
        return

    def cancel() -> None:
        if not task.cancelling():  # a second one, from the worker's end, must not disturb how it lets go
            task.cancel()

    with suppress(NotImplementedError):  # Windows
        loop.add_signal_handler(signal.SIGTERM, cancel)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, theirs or signal.SIG_DFL)


@contextmanager
def _remembered(run_id: UUID) -> Iterator[None]:
    _in_hand[run_id] = {}
    try:
        yield
    finally:
        del _in_hand[run_id]


@dataclass
class Ending:
    """How the run ended, for the flow to tell Prefect."""

    status: RunStatus = RunStatus.FAILED
    reason: str | None = None
    article_id: UUID | None = None
    short: Shortage | None = None
    waits_for: str | None = None  # what a person must do before the run goes on
    skipped: bool = False  # the run was not ours to work on: it had ended, waits, or another process holds it


async def not_ours(run_id: UUID, error: Conflict) -> Ending:
    """How it stands with a run that could not be taken, or was lost on the way."""
    held = tools()
    run = await runs.get(held.database, held.principal, run_id)
    if run.status is RunStatus.CANCELLED:  # what it cost until we noticed belongs to its figures
        await analytics.record_run(held.database, held.principal, run_id, run.status, None)
        return Ending(RunStatus.CANCELLED, "the run was cancelled")
    return Ending(run.status, _told(error), run.article_id, skipped=True)


@asynccontextmanager
async def run_in_hand(run_id: UUID) -> AsyncIterator[Ending]:
    """Hold the run by its lease, and end it as the block ends, or let it wait when the block says for what.

    Errors of ours end the run (refused or failed, resumable) and are not raised further, but for Conflict when the run
    is not ours (any more). Anything else is a defect: the run is marked as failed and the error goes on to Prefect.
    """
    held = tools()
    ending = Ending()
    async with holding.held(held.database, held.principal, run_id, held.clock) as owner:
        try:
            with _remembered(run_id):
                yield ending
            if ending.waits_for is None:
                article = await _finished_article(run_id)
                ending.status = holding.status_for(article.status)
                ending.article_id = article.id
                ending.reason = "; ".join(article.quality.reasons) or None
        except Refused as error:
            ending.status, ending.reason = RunStatus.REFUSED, _told(error)
            if isinstance(error, BudgetSpent):
                ending.short = Shortage(budget=error.budget, needs_usd=error.needs_usd)
        except AIWriterError as error:
            ending.status, ending.reason = RunStatus.FAILED, _told(error)
        except TimeoutError as error:  # a task's time limit, as Prefect raises it
            ending.reason = f"a stage took longer than its limit: {error}"
        except Exception as error:  # a defect: the run must not stay "running" behind us
            await _end(run_id, owner, Ending(reason=f"a defect: {_with_causes(error)}"))
            raise
        except BaseException:  # interrupted
            await _interrupted(run_id, owner)
            raise
        if ending.waits_for is None:
            await _end(run_id, owner, ending)
        else:
            ending.status = RunStatus.WAITING
            await holding.put_down(held.database, held.principal, run_id, owner, ending.waits_for)


async def _end(run_id: UUID, owner: str, ending: Ending) -> None:
    held = tools()
    await holding.end(
        held.database,
        held.principal,
        run_id,
        owner,
        ending.status,
        reason=ending.reason,
        article_id=ending.article_id,
        short=ending.short,
    )
    if ending.article_id is None:  # no task recorded figures for a run that made no article
        await analytics.record_run(held.database, held.principal, run_id, ending.status, None)


async def _interrupted(run_id: UUID, owner: str) -> None:
    """Somebody at a terminal stopped the run, and is told how to go on; one that nobody watches is left to be taken up
    by another worker at once. A run that is not ours any more is left as it is."""
    held = tools()
    try:
        if policies.attended.get():
            await _end(run_id, owner, Ending(reason="interrupted"))
        else:
            await holding.let_go(held.database, held.principal, run_id, owner)
    except Conflict:
        return


async def _finished_article(run_id: UUID) -> Article:
    held = tools()
    return await stages.kept(held.database, held.principal, run_id, Stage.FINISH, Article)


async def step(task: Callable[..., Awaitable[T]], *arguments: object) -> T:
    """A task of a run, done again after seconds while the orchestrator stumbles: a stage that was kept is found again.

    Raises Unavailable when it does not come to itself.
    """
    waits = iter(policies.STUMBLES)
    while True:
        try:
            return await task(*arguments)
        except STUMBLED as error:
            cause, wait = _with_causes(error), next(waits, None)
            if wait is None:
                raise Unavailable(f"the orchestrator stumbled again and again: {cause}", hint=RESUME) from error
            _log.warning("the orchestrator stumbled, and is asked again in %.0f s: %s", wait, cause)
            await policies.clock.get().sleep(wait)


def _with_causes(error: BaseException) -> str:
    """An error of others and what it came from, in one line."""
    said = f"{type(error).__name__}: {error}"
    return f"{said}, from {_with_causes(error.__cause__)}" if error.__cause__ else said


def _told(error: AIWriterError) -> str:
    cause = str(error).rstrip(".")
    return f"{cause}. {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else cause
