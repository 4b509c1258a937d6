"""Single claims held against texts of their sources: many of them, as lines of JSON, on every core.

The same judgement as of a draft's sentences (`quality.support`), without a draft round it.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from aiwriter.documents import Finding, Severity, Support
from aiwriter.documents.base import Share
from aiwriter.errors import BadInput
from aiwriter.pipeline.quality import meaning, support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import Examined, Judgement
from aiwriter.ports import Embedder
from aiwriter.text.languages import language_code, language_of, likely_language
from aiwriter.threads import computed

_AT_ONCE = 16  # claims that one process is handed
_SHOWN = 40  # characters of a value that cannot be used
_FEW = 64  # claims for which no other process is started: that takes about a second


class Claim(BaseModel):
    """One line of input. Without sources it is unsupported; without a language it is read in that of its own words, or
    of its sources', or in English; other fields of the line are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    claim: str = Field(pattern=r"\S")
    sources: tuple[str, ...]
    language: str | None = None

    @field_validator("language")
    @classmethod
    def _code(cls, tag: str | None) -> str | None:
        if tag is not None and language_code(tag) is None:
            raise ValueError("no language")
        return language_code(tag)

    @property
    def has_source(self) -> bool:
        """Whether any of its sources holds text."""
        return any(map(str.strip, self.sources))

    @property
    def spoken(self) -> str:
        """The language that it is read in."""
        told = self.language or language_of(self.claim) or language_of("\n".join(self.sources))
        return told or likely_language(self.claim, *self.sources) or "en"


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


def read_claims(lines: Iterable[str], language: str | None = None) -> list[Claim]:
    """The claims of all lines, empty ones left out; `language` is that of claims which name none. Raises BadInput with
    the number of the first bad line."""
    found = [_claim(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [claim if claim.language else claim.model_copy(update={"language": language}) for claim in found]


_WANTED = {
    "id": "give a text or a whole number",
    "claim": "give a text with words in it",
    "sources": "give a list of texts",
    "language": "give its code, such as en or de",
}


def _claim(number: int, line: str) -> Claim:
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            raise _unusable(number, f"it is {_shown(fields)}, not an object")
        return Claim.model_validate(fields)
    except json.JSONDecodeError as error:
        raise _unusable(number, f"it is no JSON: {error.msg} at column {error.colno}") from error
    except ValidationError as error:
        raise _unusable(number, _reason(fields, error.errors()[0]["loc"])) from error


def _unusable(number: int, reason: str) -> BadInput:
    hint = 'each line is {"id": …, "claim": "…", "sources": ["…"]}; nothing was checked'
    return BadInput(f"line {number} cannot be used: {reason}", hint=hint)


def _reason(fields: Mapping[str, Any], place: Sequence[int | str]) -> str:
    name = str(place[0])
    if name not in fields:
        return f"it has no “{name}”: {_WANTED[name]}"
    value, at = fields[name], place[1] if len(place) > 1 else ""
    if isinstance(at, int):
        return f"“{name}” has {_shown(value[at])} at place {at + 1}: {_WANTED[name]}"
    return f"“{name}” is {_shown(value)}: {_WANTED[name]}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


async def check_claims(claims: Sequence[Claim], embedder: Embedder | None = None) -> AsyncIterator[ClaimVerdict]:
    """A verdict on each claim, in their order, as soon as it is known; by words alone unless the embedder is the one
    that the score was fitted for."""
    chunks = [claims[start : start + _AT_ONCE] for start in range(0, len(claims), _AT_ONCE)]
    words = meaning.knows_words(embedder)
    with _workers(len(claims)) as (executor, count):
        async for chunk, examined in _in_order(executor, 2 * count + 1, chunks):
            compared = await meaning.compare(examined, words)
            for claim, one, numbers in zip(chunk, examined, compared, strict=True):
                yield _verdict(claim, support.decide(one, numbers))


async def _in_order(
    executor: Executor | None, ahead: int, chunks: Iterable[Sequence[Claim]]
) -> AsyncIterator[tuple[Sequence[Claim], list[Examined | None]]]:
    """Each chunk and what was examined of it, in their order, with so many of them begun ahead."""
    loop = asyncio.get_running_loop()
    begun: deque[tuple[Sequence[Claim], asyncio.Future[list[Examined | None]]]] = deque()
    for chunk in chunks:
        work = loop.run_in_executor(executor, examine, chunk) if executor else computed(examine, chunk)
        begun.append((chunk, asyncio.ensure_future(work)))
        if len(begun) > ahead:
            done, future = begun.popleft()
            yield done, await future
    for done, future in begun:
        yield done, await future


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


def examine(claims: Sequence[Claim]) -> list[Examined | None]:
    """What rules and shared words say of each claim, one after another in this thread."""
    return [_examined(claim) for claim in claims]


def _examined(claim: Claim) -> Examined | None:
    language = claim.spoken
    texts = [(str(place), source) for place, source in enumerate(claim.sources) if source.strip()]
    cited = [Ground(place, source, language=language) for place, source in texts]
    return support.examine(claim.claim, cited, known_names(claim.sources), language)


def _verdict(claim: Claim, judgement: Judgement) -> ClaimVerdict:
    return ClaimVerdict(
        id=claim.id,
        outcome=judgement.outcome,
        probability=round(judgement.probability, 4),
        findings=tuple(support.findings(claim.claim, judgement)) if claim.has_source else (_without_source(claim),),
    )


def _without_source(claim: Claim) -> Finding:
    """What is said of a claim that nothing can be compared with."""
    return Finding(
        rule=support.UNCITED,
        severity=Severity.ERROR,
        message="No source was given with this claim, so nothing supports it.",
        span=(0, len(claim.claim)),
        fix="put the texts that it rests on into “sources”",
    )
