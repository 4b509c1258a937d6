"""`schedule add|list|pause|resume|remove`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiwriter import choices
from aiwriter.bootstrap import Tools
from aiwriter.commands import console, writing
from aiwriter.documents import Brief
from aiwriter.errors import BadInput
from aiwriter.ports import Schedule
from aiwriter.services import batches


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `schedule add`, as they were given."""

    name: str
    cron: str
    timezone: str
    batch: Path | None
    brief: Path | None
    model: str | None
    budget: str | None


async def add(tools: Tools, wanted: Wanted, *, as_json: bool) -> int:
    """Refuse what could never run, then keep the schedule."""
    briefs = await _briefs(tools, wanted)
    model = choices.checked(tools, wanted.model, briefs)
    file = None if wanted.batch is None else str(wanted.batch.expanduser().absolute())
    kept = await tools.scheduler().add(
        wanted.name,
        wanted.cron,
        wanted.timezone,
        briefs=briefs,
        file=file,
        model=model,
        budget_usd=writing.amount(wanted.budget) or tools.settings.budget_usd,
    )
    if as_json:
        console.give(_json(kept))
    else:
        console.say(
            f"Scheduled: {kept.name}, next at {_when(kept)}. It needs a worker then: keep `aiwriter up` running."
        )
    return 0


async def _briefs(tools: Tools, wanted: Wanted) -> list[Brief]:
    if (wanted.batch is None) == (wanted.brief is None):
        raise BadInput("a schedule needs either --batch or --brief", hint="Give --batch FILE.csv or --brief FILE.toml.")
    if wanted.batch is not None:
        briefs = await batches.read_csv(wanted.batch.expanduser(), tools.finder, tools.engines)
    else:
        briefs = [writing.brief_from(wanted.brief, {})]
        if wrong := list(batches.problems_of(briefs[0], tools.finder, tools.engines)):
            raise BadInput(f"the brief cannot be used: {'; '.join(wrong)}", hint="Correct the file.")
    return briefs


async def show(tools: Tools, *, as_json: bool) -> int:
    found = await tools.scheduler().all()
    if as_json:
        console.give([_json(one) for one in found])
    elif not found:
        console.say('No schedules. Add one: aiwriter schedule add NAME --cron "0 6 * * 1" --batch FILE.csv')
    else:
        rows = [(one.name, one.cron, one.timezone, _when(one), _what(one)) for one in found]
        console.say(console.table(rows, ("schedule", "cron", "timezone", "next", "what")))
    return 0


async def pause(tools: Tools, name: str, *, paused: bool, as_json: bool) -> int:
    changed = await tools.scheduler().pause(name, paused=paused)
    if as_json:
        console.give(_json(changed))
    else:
        console.say(f"Paused: {name}" if paused else f"Resumed: {name}, next at {_when(changed)}")
    return 0


async def remove(tools: Tools, name: str, *, as_json: bool) -> int:
    await tools.scheduler().remove(name)
    if as_json:
        console.give({"removed": name})
    else:
        console.say(f"Removed: {name}")
    return 0


def _json(schedule: Schedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "paused": schedule.paused,
        "briefs": schedule.briefs,
        "file": schedule.file,
        "next_start": schedule.next_start.isoformat() if schedule.next_start else None,
    }


def _when(schedule: Schedule) -> str:
    if schedule.paused:
        return "paused"
    return f"{schedule.next_start:%Y-%m-%d %H:%M} UTC" if schedule.next_start else "never"


def _what(schedule: Schedule) -> str:
    return schedule.file or f"{schedule.briefs} {'brief' if schedule.briefs == 1 else 'briefs'}"
