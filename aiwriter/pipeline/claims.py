"""Single claims held against texts of their sources: many of them, as lines of JSON, on every core.

The same judgement as of a draft's sentences (`quality.support`), without a draft round it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aiwriter.documents import Finding, Support
from aiwriter.documents.base import Share
from aiwriter.errors import BadInput
from aiwriter.pipeline.quality import support
from aiwriter.pipeline.quality.statements import Ground, known_names

_AT_ONCE = 16  # claims that one process is handed
_FEW = 64  # claims for which no other process is started: that takes about a second
_MARK = re.compile(r"\[\d{1,3}\]")


class Claim(BaseModel):
    """One line of input. Without sources it is unsupported; other fields of the line are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    claim: str = Field(pattern=r"\S")
    sources: tuple[str, ...]


class ClaimVerdict(BaseModel):
    """One line of output; spans of findings are places in the claim."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    outcome: Support
    probability: Share
    findings: tuple[Finding, ...]

    def line(self) -> str:
        """The verdict as one line of JSON."""
        shown = {"findings": {"__all__": {"rule", "severity", "message", "fix", "span"}}}
        return self.model_dump_json(include={"id": True, "outcome": True, "probability": True, **shown})


def read_claims(lines: Iterable[str]) -> list[Claim]:
    """The claims of all lines, empty ones left out. Raises BadInput with the number of the first bad line."""
    return [_claim(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _claim(number: int, line: str) -> Claim:
    try:
        return Claim.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        reason = f"it is no JSON: {error.msg} at column {error.colno}"
        cause: Exception = error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        cause = error
    hint = 'each line is {"id": …, "claim": "…", "sources": ["…"]}; nothing was checked'
    raise BadInput(f"line {number} cannot be used: {reason}", hint=hint) from cause


async def check_claims(claims: Sequence[Claim]) -> AsyncIterator[ClaimVerdict]:
    """A verdict on each claim, in their order, as soon as it is known."""
    chunks = [claims[start : start + _AT_ONCE] for start in range(0, len(claims), _AT_ONCE)]
    with _workers(len(claims)) as (executor, count):
        async for verdicts in _in_order(executor, count + 1, judge, chunks):
            for verdict in verdicts:
                yield verdict


async def _in_order(
    executor: Executor | None,
    ahead: int,
    work: Callable[[Sequence[Claim]], list[ClaimVerdict]],
    chunks: Iterable[Sequence[Claim]],
) -> AsyncIterator[list[ClaimVerdict]]:
    """What `work` makes of each chunk, in their order, with so many of them begun ahead."""
    loop = asyncio.get_running_loop()
    begun: deque[asyncio.Future[list[ClaimVerdict]]] = deque()
    for chunk in chunks:
        begun.append(loop.run_in_executor(executor, work, chunk))
        if len(begun) > ahead:
            yield await begun.popleft()
    while begun:
        yield await begun.popleft()


@contextmanager
def _workers(claims: int) -> Iterator[tuple[Executor | None, int]]:
    """Processes, one a core, and how many; for few claims the threads of this one."""
    cores = os.cpu_count() or 1
    if claims <= _FEW or cores == 1:
        yield None, 1
        return
    with ProcessPoolExecutor(cores, get_context("spawn"), _end_with_parent) as pool:
        try:
            yield pool, cores
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def judge(claims: Sequence[Claim]) -> list[ClaimVerdict]:
    """A verdict on each claim, one after another in this thread."""
    return [_judged(claim) for claim in claims]


def _judged(claim: Claim) -> ClaimVerdict:
    text = _MARK.sub(lambda mark: " " * len(mark.group()), claim.claim)  # "[1]" is no number that it states
    cited = [Ground(str(place), source) for place, source in enumerate(claim.sources) if source.strip()]
    judgement = support.judge_claim(text, cited, known_names(claim.sources))
    return ClaimVerdict(
        id=claim.id,
        outcome=judgement.outcome,
        probability=round(judgement.probability, 4),
        findings=tuple(support.findings(claim.claim, judgement)),
    )
