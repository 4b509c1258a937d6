"""`cancel` and `approve`: what a person decides about a run, or an article."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aiwriter.bootstrap import Tools
from aiwriter.commands import batches, console, publishing, writing
from aiwriter.documents import Outline, RunStatus
from aiwriter.errors import BadInput, NotFound
from aiwriter.services import articles, runs
from aiwriter.services import batches as batch_services
from aiwriter.services.runs import PlannedOutline


async def cancel(tools: Tools, prefix: str, *, as_json: bool) -> int:
    """End a run for good, or every run of a batch that has not ended. Raises Conflict for one that ended otherwise."""
    try:
        wanted = [await runs.find(tools.database, tools.principal, prefix)]
    except NotFound:
        batch_id = await batches.find(tools, prefix)
        if batch_id is None:
            raise
        wanted = (await batch_services.state(tools.database, tools.principal, batch_id)).to_do
    for run in wanted:
        was = run.status is RunStatus.CANCELLED
        if not was:
            await runs.cancel(tools.database, tools.principal, run.id)
        if not as_json:
            console.say(f"Cancelled{' already' if was else ''}: {run.brief.topic}\n  run        {run.id}")
    if as_json:
        console.give({"cancelled": [str(run.id) for run in wanted]})
    elif not wanted:
        console.say("Nothing is left to cancel: every run of the batch has ended.")
    return 0


async def approve(tools: Tools, prefix: str, *, to: Path | None, file: Path | None, as_json: bool) -> int:
    """Write the outline to a file to be edited, or approve it (as it is, or as the file has it) and go on.

    What is no run's id is an article's: its latest version is approved."""
    try:
        run = await runs.find(tools.database, tools.principal, prefix)
    except NotFound:
        article = await articles.find(tools.database, tools.principal, prefix)
        return await publishing.approve(tools, article, as_json=as_json)
    planned = await runs.outline_of(tools.database, tools.principal, run.id)
    if to is not None:
        _write(to, planned)
        console.tell(f"edit {to}, then: aiwriter approve {run.id} --from {to}")
        if as_json:
            console.give({"run_id": str(run.id), "file": str(to)})
        return 0
    outline = None if file is None else _read(file)
    approved = await runs.approve_outline(tools.database, tools.principal, run.id, outline, in_hand=True)
    return await writing.carry(tools, approved, as_json=as_json)


def _write(file: Path, planned: PlannedOutline) -> None:
    """The outline, and beside it what each passage says; only the outline is read back."""
    passages = {passage.id: passage.text for passage in planned.passages}
    shown = {"outline": planned.outline.model_dump(mode="json"), "passages": passages}
    try:
        file.write_text(json.dumps(shown, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"the file {str(file)!r} cannot be written: {error.strerror}", hint="Choose another.") from error


def _read(file: Path) -> Outline:
    """The outline in a file that `--to` wrote and a person changed. Raises BadInput that names the field."""
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"the file {str(file)!r} cannot be read: {error.strerror}", hint="Check the path.") from error
    except ValueError as error:
        raise BadInput(
            f"the file {str(file)!r} is not JSON: {error}", hint="Start again from the file that --to writes."
        ) from error
    try:
        return Outline.model_validate(found.get("outline", found) if isinstance(found, dict) else found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"the outline's {place or 'JSON'} cannot be used: {first['msg']}",
            hint="Start again from the file that --to writes.",
        ) from error
