"""`aiwriter doctor`, `formats`, `migrate`, `reindex`, `reconcile`: their options. Imports typer alone, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer()


@app.command()
def doctor(as_json: Json = False) -> None:
    """Show every effective choice, by which setting it was made, and whether it works."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import doctor as examination

        return await examination.examine(tools, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to this version."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.migrate(tools, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)


@app.command()
def reindex(
    everything: Annotated[bool, typer.Option("--all", help="Everything anew, not only what is pending.")] = False,
    as_json: Json = False,
) -> None:
    """Index articles and sources whose index is pending; with --all rebuild the index from the database."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keeping

        return await keeping.reindex(tools, everything=everything, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def reconcile(
    check: Annotated[bool, typer.Option("--check", help="Only say what disagrees: exit code 1 if any does.")] = False,
    as_json: Json = False,
) -> None:
    """Make vectors and files agree with the database."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keeping

        return await keeping.reconcile(tools, check=check, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def formats(
    name: Annotated[
        str | None, typer.Argument(help="One of them, or a TOML file of your own; all if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List content formats: their lengths, and by what limits and gates a text is judged."""

    async def work(_tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.formats(name, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)
