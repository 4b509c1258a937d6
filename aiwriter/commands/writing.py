"""`write` and `resume`: from a brief to the report of a run."""

from __future__ import annotations

import asyncio
import json
import os
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from aiwriter import choices, offered, servers
from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge
from aiwriter.commands.progress import Progress
from aiwriter.documents import (
    Answered,
    Article,
    Brief,
    Run,
    RunEvent,
    RunStatus,
    SourcesRecord,
    Stage,
    StoredRecord,
)
from aiwriter.errors import AIWriterError, BadInput, Conflict, NotFound
from aiwriter.pipeline import formats, places
from aiwriter.services import answered, articles, caps, estimates, looking, runs, stages, voices
from aiwriter.text.dollars import MICRO

POLL_SECONDS = 0.15
AMOUNT_HINT = "Write US dollars, such as 0.50."
EXIT_CODES = {RunStatus.DONE: 0, RunStatus.WAITING: 0, RunStatus.REFUSED: 1, RunStatus.CANCELLED: 1}


async def write(
    tools: Tools, brief: Brief, *, model: str | None, budget: str | None, out: Path | None, as_json: bool
) -> int:
    """Refuse what can be refused before work begins, then carry a new run to its end; the exit code."""
    chosen = await checked(tools, brief, model)
    tools.launcher()  # a run that nothing here can carry is not stored
    found = await already_answered(tools, brief)
    tell_answered(brief, found, as_json=as_json)
    run = await runs.ask(
        tools.database,
        tools.principal,
        brief,
        model=chosen,
        embedder=tools.settings.embedder,
        budget_usd=amount(budget) or tools.settings.budget_usd,
        out=_writable(out),
        in_hand=True,
    )
    await answered.note(tools.database, tools.principal, {run.id: found})
    if not as_json:
        for line in (*tools.announcements(chosen), *choices.paced(tools, chosen)):
            console.tell(line)
    await _tell_budget(tools, run, as_json=as_json)
    return await carry(tools, run, as_json=as_json)


async def _tell_budget(tools: Tools, run: Run, *, as_json: bool) -> None:
    """Say before anything is paid for when the budgets have not room for all of it."""
    asked = (run.brief, tools.model_for(run), run.budget_usd, tools.checker(), choices.cheaper(tools))
    found = await estimates.estimate(tools.database, tools.principal, tools.clock, *asked)
    if found.caps:
        console.tell(json.dumps({"kind": "budget", "text": found.caps}) if as_json else f"! {found.caps}")


async def estimate(tools: Tools, brief: Brief, *, model: str | None, budget: str | None, as_json: bool) -> int:
    """Say what a run for this brief would probably take, and start nothing."""
    chosen = tools.model(await checked(tools, brief, model))
    cap = amount(budget) or tools.settings.budget_usd
    asked = (brief, chosen, cap, tools.checker(), choices.cheaper(tools))
    found = await estimates.estimate(tools.database, tools.principal, tools.clock, *asked)
    found = found.model_copy(update={"answered": await already_answered(tools, brief)})
    if as_json:
        console.give(found.model_dump(mode="json"))
        return 0
    varies = found.fewest_calls < found.most_calls
    mended = f", {found.fewest_calls} to {found.most_calls} depending on rewriting" if varies else ""
    console.say(f"{found.model} would write this with {found.model_calls} model calls{mended}")
    console.say(f"  tokens     {found.input_tokens} read, {found.output_tokens} written")
    least, likely, most = map(console.money, (found.least_usd, found.likely_usd, found.most_usd))
    unmended = f", ${least} without rewriting" if varies else ""
    bound = f"${most} at most" if found.likely_usd <= found.most_usd else f"of which the budgets allow ${most}"
    console.say(f"  cost       ${likely} likely{unmended}, {bound}")
    if found.caps:
        console.say(f"  budget     {found.caps}")
    if found.seconds is not None:
        console.say(f"  time       {found.seconds:.0f} s")
    console.say(f"  based on   {found.basis}")
    if found.error is not None:
        console.say(f"  accuracy   past estimates were off by {found.error:.0%} (median)")
    for one in found.answered:
        console.say(console.answered(one))
    return 0


async def already_answered(tools: Tools, brief: Brief) -> tuple[Answered, ...]:
    """Articles of ours that seem to answer the topic already."""
    name = tools.settings.embedder
    return await answered.already(tools.database, tools.principal, brief, tools.vectors(name), tools.embedder(name))


def tell_answered(brief: Brief, found: Iterable[Answered], *, as_json: bool, of_batch: bool = False) -> None:
    """Say beside the result which articles answer a brief already; of a batch, which brief."""
    about = f"{brief.topic}: " if of_batch else ""
    for one in found:
        told = {"kind": "answered", "topic": brief.topic, **one.model_dump(mode="json")}
        console.tell(json.dumps(told) if as_json else f"{about}{console.answered(one)}")


async def checked(tools: Tools, brief: Brief, model: str | None) -> str:
    """The model that will write. Raises BadInput for whatever of a wish can be refused before work begins."""
    formats.load(brief.format)
    await check_places(tools, brief)
    return choices.checked(tools, model, [brief])


async def check_places(tools: Tools, brief: Brief) -> None:
    """Raises BadInput for a source that can be neither read nor searched, before anything is stored."""
    for location in brief.sources:
        await asyncio.to_thread(places.check, location, tools.finder, tools.engines)


async def resume(tools: Tools, prefix: str, *, budget: str | None = None, as_json: bool) -> int:
    """Go on with a run, or with a batch; a run that has ended or waits is only shown again.

    One that was refused for its own budget goes on with a larger `budget`. Raises BadInput where that would not be
    heeded, and BudgetSpent while the budget that refused the run, which runs share, has no room for it.
    """
    allowed = amount(budget)
    try:
        run = await runs.find(tools.database, tools.principal, prefix)
    except NotFound:
        from aiwriter.commands import batches

        batch_id = await batches.find(tools, prefix)
        if batch_id is None:
            raise
        if allowed is not None:
            raise _not_changed(f"batch {batch_id}", "each of its runs has one") from None
        return await batches.resume(tools, batch_id, as_json=as_json)
    if runs.is_resumable(run) or (allowed is not None and runs.is_resumable_with_more(run)):
        choices.checked(tools, run.model)
        await caps.require_room(tools.database, tools.principal, tools.clock, run)
        run = await runs.resume(tools.database, tools.principal, run.id, budget_usd=allowed, in_hand=True)
        await offered.ask_again(tools, f"{run.model}, {run.embedder}")  # a person wants to know
    elif allowed is not None:
        raise _not_changed(f"run {run.id}", f"it is {run.status}")
    if run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
        return await carry(tools, run, as_json=as_json)
    return await finish(tools, run, as_json=as_json)


def _not_changed(what: str, why: str) -> BadInput:
    return BadInput(
        f"the budget of {what} cannot be changed: {why}",
        hint="That of a run that failed can be, or of one that was refused before it had an article.",
    )


async def carry(tools: Tools, run: Run, *, as_json: bool) -> int:
    """Carry a stored run to its end, then show its report."""
    ended = await followed(tools, run, Progress(as_json=as_json))
    return await finish(tools, ended, as_json=as_json)


async def followed(tools: Tools, run: Run, progress: Progress) -> Run:
    """Run the flow for a stored run while its events are shown; the run as it ended."""
    edge.at_interrupt[:] = _if_ended_at_once(tools, run.id)
    progress.waiting("starting the orchestrator …")
    last_seen = max((event.seq for event in await _events(tools, run)), default=0)
    following = asyncio.ensure_future(follow(tools, run, progress, last_seen))
    try:
        ended = await _carried(tools, run.id)
    except asyncio.CancelledError:
        with suppress(AIWriterError):
            edge.at_interrupt[:] = [await _who_goes_on(tools, run.id)]
        raise
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        progress.close()
    return ended


async def _carried(tools: Tools, run_id: UUID) -> Run:
    """Carry the run, or wait while another process does; the run as it ended or waits for a person."""
    while True:
        try:
            return await tools.launcher().run(run_id)
        except Conflict:
            run = await _given_up_elsewhere(tools, run_id)
        if run.status is not RunStatus.QUEUED:
            return run


async def _given_up_elsewhere(tools: Tools, run_id: UUID) -> Run:
    """The run as soon as no other process works on it; queued, when it is still to be carried to its end."""
    while True:
        run = await runs.taken_back(tools.database, tools.principal, run_id)
        if run.status is not RunStatus.RUNNING:
            return run
        await asyncio.sleep(POLL_SECONDS)


def _if_ended_at_once(tools: Tools, run_id: UUID) -> list[str]:
    """What to do about a run of which nobody could say any more how it stands."""
    lines = [f"go on with: aiwriter resume {run_id}"]
    if "worker" in servers.read(tools.settings.home_folder):
        lines.append(f"a worker of `aiwriter up` may go on with it before that; end it with: aiwriter cancel {run_id}")
    return lines


async def _who_goes_on(tools: Tools, run_id: UUID) -> str:
    """What becomes of a run that a person stopped waiting for, and what to do about it."""
    run = await runs.put_aside(tools.database, tools.principal, run_id)
    if run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
        who = "a worker of `aiwriter up`" if "worker" in servers.read(tools.settings.home_folder) else "another process"
        return f"{who} goes on with it; end it with: aiwriter cancel {run_id}"
    return f"go on with: aiwriter resume {run_id}"


async def follow(tools: Tools, run: Run, progress: Progress, seq: int = 0) -> None:
    """Show the run's events as they come, until it has ended or we are cancelled; those already there come at once."""
    try:
        while True:
            for event in await _events(tools, run, seq):
                progress.show(event)
                seq = event.seq
                if event.kind in ("run.finished", "run.waiting"):
                    return
            progress.tick()
            await asyncio.sleep(POLL_SECONDS)
    except asyncio.CancelledError:
        for event in await _events(tools, run, seq):
            progress.show(event)
        raise


async def finish(tools: Tools, run: Run, *, as_json: bool) -> int:
    """Show how a run ended; the exit code."""
    result = await result_of(tools, run)
    if as_json:
        console.give(result)
    else:
        console.say(console.run_report(result))
    return EXIT_CODES.get(run.status, 3)


async def result_of(tools: Tools, run: Run) -> dict[str, Any]:
    """Everything there is to say of a run that has ended, as one JSON object."""
    stored = await _left_by(tools, run, Stage.STORE, StoredRecord)
    read = await _left_by(tools, run, Stage.RESEARCH, SourcesRecord)
    article: Article | None = None
    if stored is not None:
        article = await articles.find(tools.database, tools.principal, str(stored.article_id), stored.version)
    seen = await looking.at(tools.database, tools.principal, run.id)
    found = read or SourcesRecord(source_ids=())
    paths = stored.paths if stored else {}
    return console.run_result(run, article, seen.facts, paths, found.problems, found.searches, seen.answered)


async def _left_by(tools: Tools, run: Run, stage: Stage, kind: Any) -> Any:
    try:
        return await stages.kept(tools.database, tools.principal, run.id, stage, kind)
    except NotFound:
        return None


async def _events(tools: Tools, run: Run, seq: int = 0) -> list[RunEvent]:
    return await runs.events_after(tools.database, tools.principal, run.id, seq)


def brief_from(file: Path | None, given: dict[str, Any], *, command: str = "write") -> Brief:
    """The brief in a TOML file, overridden by what was given. Raises BadInput that names the field, and the command.

    Relative sources in the file are relative to the file, those given to the working folder; both become absolute, so
    that the run can be resumed from anywhere.
    """
    values = _read_brief(file) if file is not None else {}
    values |= {name: value for name, value in given.items() if value not in (None, [], ())}
    if isinstance(values.get("voice"), list):
        language = str(values.get("language") or Brief.model_fields["language"].default)
        values["voice"] = voices.learned([Path(sample) for sample in values["voice"]], language)
    if isinstance(values.get("sources"), list):
        values["sources"] = [places.lasting(str(location)) for location in values["sources"]]
    if not values.get("topic"):
        raise BadInput("there is no topic", hint=f'Give one: aiwriter {command} "TOPIC" --source FOLDER.')
    if not values.get("sources"):
        raise BadInput(
            "there are no sources", hint="Give a file, folder, page or search with --source; web: searches the web."
        )
    try:
        return Brief.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        reason = first["msg"].removeprefix("Value error, ")  # ours, and pydantic's name for it
        known = "A language is named by its code, such as en; " if field == "language" else ""
        raise BadInput(
            f"the brief's {field} cannot be used: {reason} (got {first['input']!r})",
            hint=f"{known}`aiwriter {command} --help` describes every option.",
        ) from error


def _read_brief(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"the brief {str(file)!r} cannot be read: {error.strerror}", hint="Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"the brief {str(file)!r} is not TOML: {error}", hint="See examples/briefs/demo.toml."
        ) from error
    locations = values.get("sources", [])
    if isinstance(locations, list):
        values["sources"] = [places.lasting(str(location), file.parent) for location in locations]
    if isinstance(values.get("voice"), list):
        values["voice"] = [places.lasting(str(sample), file.parent) for sample in values["voice"]]
    return values


def amount(text: str | None) -> Decimal | None:
    """The US dollars of an option. Raises BadInput."""
    if text is None:
        return None
    try:
        dollars = Decimal(text.lstrip("$"))
    except InvalidOperation as error:
        raise BadInput(f"the budget {text!r} is not an amount of money", hint=AMOUNT_HINT) from error
    if not dollars.is_finite() or dollars <= 0:
        raise BadInput(f"the budget {text!r} must be above zero", hint=AMOUNT_HINT)
    if dollars < MICRO:
        raise BadInput(f"the budget {text!r} is below the minimum of a millionth of a dollar", hint=AMOUNT_HINT)
    return dollars


def _writable(out: Path | None) -> str | None:
    """The folder as an absolute path, made if need be. Raises BadInput when nothing can be written there."""
    if out is None:
        return None
    folder = out.expanduser().absolute()
    probe = folder / f".aiwriter-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise BadInput(
            f"the folder {str(out)!r} cannot be written: {error.strerror}",
            hint="Choose another with --out, or omit it to write under AIWRITER_HOME.",
        ) from error
    return str(folder)
