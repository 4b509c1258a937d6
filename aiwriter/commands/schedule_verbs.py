"""`aiwriter schedule …`: its verbs and their options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(help="Batches that start by themselves: add, list, pause, resume, remove.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The schedule's name.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Small letters, digits and dashes, such as weekly-news.")],
    cron: Annotated[str, typer.Option(help='Minute hour day month weekday, such as "0 6 * * 1".')],
    timezone: Annotated[str, typer.Option(help="IANA name, such as Europe/Berlin.")] = "UTC",
    batch: Annotated[Path | None, typer.Option(help="A CSV file, a brief a line; read anew at each start.")] = None,
    brief: Annotated[Path | None, typer.Option(help="A TOML file with one brief; kept as it is now.")] = None,
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="The most each article may cost, in US dollars.")] = None,
    as_json: Json = False,
) -> None:
    """Start a batch again and again, with nobody present."""

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
    """Start nothing until it is resumed."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.pause(tools, name, paused=True, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Start again at the next slot."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.pause(tools, name, paused=False, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Forget a schedule; what it has started goes on."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import scheduling

        return await scheduling.remove(tools, name, as_json=as_json)

    go(work, as_json=as_json)
