"""Batches: several briefs asked for together, from a list or a CSV file, and how they stand."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from aiwriter.documents import Answered, Batch, Brief, Run, RunStatus, Voice, utc_now
from aiwriter.errors import BadInput, Unavailable
from aiwriter.pipeline import formats, places
from aiwriter.ports import Clock, Database, Principal, SearchEngines, SourceFinder
from aiwriter.services import analytics, answered, holding, runs, voices

MOST_BRIEFS = 1000
SAY_SECONDS = 20.0  # well below dispatch.AGAIN_SECONDS: two words may get lost
LISTS = ("sources", "keywords", "domains", "without_domains")  # columns with several values, separated by ";"
VOICE = "voice"  # a column with files as well, from which one voice is learned


async def ask(
    database: Database,
    principal: Principal,
    briefs: Sequence[Brief],
    *,
    name: str,
    model: str,
    embedder: str,
    budget_usd: Decimal | None,
    batch_id: UUID | None = None,
) -> Batch:
    """Store a batch and a queued run for each brief, in one transaction; `budget_usd` caps each run.

    With the id of a stored batch that one is returned and nothing is stored: a start that is repeated asks once.
    """
    principal.require("write")
    if not 1 <= len(briefs) <= MOST_BRIEFS:
        raise BadInput(f"a batch of {len(briefs)} briefs", hint=f"Give 1 to {MOST_BRIEFS}.")
    given = {} if batch_id is None else {"id": batch_id}
    same = {"model": model, "embedder": embedder, "budget_usd": budget_usd}
    batch = Batch.model_validate({**given, "name": name, "briefs": tuple(briefs), **same})
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.batches.add(batch):
            return await work.batches.get(batch.id)
        for item, brief in enumerate(batch.briefs):
            run = Run.model_validate({"brief": brief, **same, "batch_id": batch.id, "batch_item": item})
            await runs.add(work, principal, run)
        await work.runs.batch_submitted(batch.id, utc_now())  # whoever asks carries it
        await work.commit()
    return batch


# ── how it stands ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch with its runs, in its order."""

    batch: Batch
    runs: list[Run]

    @property
    def counts(self) -> dict[str, int]:
        """How many runs there are by status; none that are zero."""
        return dict(Counter(run.status.value for run in self.runs))

    @property
    def to_do(self) -> list[Run]:
        """The runs that nobody has ended and that wait for nobody."""
        return [run for run in self.runs if run.status in (RunStatus.QUEUED, RunStatus.RUNNING)]

    @property
    def in_words(self) -> str:
        """Such as "8 done, 1 refused, 1 failed of 10"."""
        counts = self.counts
        said = ", ".join(f"{counts[status]} {status}" for status in RunStatus if status in counts)
        return f"{said} of {len(self.runs)}"


async def state(database: Database, principal: Principal, batch_id: UUID) -> BatchState:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return BatchState(await work.batches.get(batch_id), await work.runs.of_batch(batch_id))


async def answered_by(database: Database, principal: Principal, state: BatchState) -> dict[UUID, tuple[Answered, ...]]:
    """By run what was found to answer its topic already; those with nothing are left out."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        told = {run.id: await answered.told(work, run.id) for run in state.runs}
    return {run_id: found for run_id, found in told.items() if found}


async def resume(database: Database, principal: Principal, batch_id: UUID) -> BatchState:
    """Queue the runs of a batch again that failed or were refused by a budget that runs share, in its hand; those that
    ended otherwise stay as they are."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.batches.get(batch_id)
        for run in await work.runs.of_batch(batch_id):
            if runs.is_resumable(run) and await work.runs.requeue(run.id, (run.status,)):
                await work.events.append(run.id, "run.resumed", {"by": principal.name})
        await work.runs.batch_submitted(batch_id, utc_now())
        await work.commit()
    return await state(database, principal, batch_id)


# ── who carries it ───────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def in_hand(database: Database, principal: Principal, batch_id: UUID, clock: Clock) -> AsyncIterator[None]:
    """While the block runs, its queued runs wait for their turn in it; when its process dies, dispatch hands them on a
    minute after the last word of it."""

    async def say_so() -> None:
        while True:
            with suppress(Unavailable):  # the next word may get through
                async with database.unit_of_work(principal.workspace_id) as work:
                    await work.runs.batch_submitted(batch_id, clock.now())
                    await work.commit()
            await clock.sleep(SAY_SECONDS)

    saying = asyncio.create_task(say_so())
    try:
        yield
    finally:
        saying.cancel()


async def stop(database: Database, principal: Principal, batch_id: UUID, reason: str) -> None:
    """End its queued runs as failed, so that nobody takes them up until somebody resumes the batch."""
    async with database.unit_of_work(principal.workspace_id) as work:
        of_batch = await work.runs.of_batch(batch_id)
        stopped = [run.id for run in of_batch if await holding.bury(work, run.id, reason)]
        await work.commit()
    for run_id in stopped:
        await analytics.record_run(database, principal, run_id, RunStatus.FAILED, None)


# ── a CSV file ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def read_csv(file: Path, finder: SourceFinder, engines: SearchEngines | None = None) -> list[Brief]:
    """The briefs in a CSV file: a line each, columns named like a brief's fields, ";" within lists; `voice` names files
    with texts that sound as the article should.

    Relative files are relative to it. Raises one BadInput that names every line and field that cannot be used, those
    included whose format, source or voice does not exist.
    """
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"the file {str(file)!r} cannot be read: {error.strerror}", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the file {str(file)!r} is not UTF-8: {error}", hint="Save it as UTF-8 CSV.") from error
    return await asyncio.to_thread(briefs_in, text, file, finder, engines)


def briefs_in(text: str, file: Path, finder: SourceFinder, engines: SearchEngines | None = None) -> list[Brief]:
    """What `read_csv` promises, of a text that was read from `file`."""
    briefs: list[Brief] = []
    wrong: list[str] = []
    lines = csv.reader(io.StringIO(text), strict=True)
    look, learn = partial(problems_of, finder=finder, engines=engines), cache(voices.learned)
    try:
        columns = _columns(next(lines, []), file)
        start = lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                brief, problems = _read(columns, cells, file, look, learn)
                briefs += [brief] if brief else []
                wrong += [f"line {start}, {problem}" for problem in problems]
            start = lines.line_num + 1
    except csv.Error as error:
        wrong.append(f"line {lines.line_num}: {error}")
    if not briefs and not wrong:
        wrong.append("there is no brief in it")
    if len(briefs) > MOST_BRIEFS:
        wrong.append(f"it has {len(briefs)} briefs; at most {MOST_BRIEFS} can be asked for at once")
    if wrong:
        raise BadInput(f"{file.name} cannot be used:\n  " + "\n  ".join(wrong), hint="Nothing was stored or begun.")
    return briefs


def problems_of(brief: Brief, finder: SourceFinder, engines: SearchEngines | None = None) -> Iterator[str]:
    """What cannot be used of a brief although it is well formed: "field: reason"."""
    try:
        formats.load(brief.format)
    except BadInput as error:
        yield f"format: {error}; {error.hint}"
    if not brief.sources:
        yield "sources: there are none"
    for location in brief.sources:
        try:
            places.check(location, finder, engines)
        except BadInput as error:
            yield f"sources: {error}"


def _columns(names: list[str], file: Path) -> list[str]:
    columns = [name.strip().lower() for name in names]
    unknown = [name for name in columns if name not in Brief.model_fields]
    missing = [name for name in ("topic", "sources") if name not in columns]
    twice = [name for name, times in Counter(columns).items() if times > 1]
    said = [f"no column {name}" for name in missing] + [f"the column {name} twice" for name in twice]
    said += [f"an unknown column {name!r}" for name in unknown]
    if said:
        known = ", ".join(Brief.model_fields)
        raise BadInput(f"{file.name} has {', '.join(said)} in its first line", hint=f"Columns are: {known}.")
    return columns


def _read(
    columns: list[str],
    cells: list[str],
    file: Path,
    look: Callable[[Brief], Iterable[str]],
    learn: Callable[[tuple[Path, ...], str], Voice],
) -> tuple[Brief | None, list[str]]:
    """The brief in one line of the file, or None, and what is wrong with it."""
    if len(cells) > len(columns):
        return None, [f"there are {len(cells)} values for {len(columns)} columns: quote a value that has a comma"]
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
    samples = tuple(Path(places.lasting(part, file.parent)) for part in _parts(given.pop(VOICE, "")))
    lists = {name: _parts(given.get(name, "")) for name in LISTS}
    lists["sources"] = [places.lasting(location, file.parent) for location in lists["sources"]]
    try:
        brief = Brief.model_validate({**given, **lists})
    except ValidationError as error:
        return None, [f"{'.'.join(map(str, one['loc']))}: {_told(one)}" for one in error.errors()]
    problems = list(look(brief))
    try:
        voice = learn(samples, brief.language) if samples else None
    except BadInput as error:
        return brief, [*problems, f"voice: {error}"]
    return brief.model_copy(update={"voice": voice}), problems


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _told(error: Mapping[str, object]) -> str:
    return "there is none" if error["type"] == "missing" else f"{error['msg']} (got {error['input']!r})"
