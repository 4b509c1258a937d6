"""`aiwriter schedule …`: its verbs and their options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(help="Batches by the clock: add, list, pause, resume, remove.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the schedule.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and dashes, such as weekly-news.")],
    cron: Annotated[str, typer.Option(help='Minute hour day month weekday, such as "0 6 * * 1".')],
    timezone: Annotated[str, typer.Option(help="IANA time zone, such as Europe/Berlin.")] = "UTC",
    batch: Annotated[
        Path | None, typer.Option(help="CSV file with one brief per line; read again at each start.")
    ] = None,
    brief: Annotated[Path | None, typer.Option(help="TOML file with one brief; stored as it is now.")] = None,
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="Maximum cost of each article in US dollars.")] = None,
    as_json: Json = False,
) -> None:
    """Start a batch at regular times."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        wanted = scheduling.Wanted(name, cron, timezone, batch, brief, model, budget)
        return await scheduling.add(tools, wanted, as_json=as_json)

    go(work, as_json=as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List schedules with their next start."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def pause(name: Name, as_json: Json = False) -> None:
    """Pause a schedule."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.pause(tools, name, paused=True, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Resume a schedule from its next slot."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.pause(tools, name, paused=False, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Remove a schedule. Running batches continue."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.remove(tools, name, as_json=as_json)

    go(work, as_json=as_json)
