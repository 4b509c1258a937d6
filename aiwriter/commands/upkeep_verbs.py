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
    """Show every effective setting and whether it works."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import doctor as examination

        return await examination.examine(tools, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)


@app.command()
def migrate(
    source: Annotated[
        str | None,
        typer.Option(
            "--from", help="Copy all that the database at this address has into this one, which must be empty."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Upgrade the database to this version. --from sqlite:////PATH/aiwriter.db moves to another."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        if source is not None:
            return await reading.copy_database(tools, source, as_json=as_json)
        return await reading.migrate(tools, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)


@app.command()
def reindex(
    everything: Annotated[bool, typer.Option("--all", help="Rebuild everything, not only what is pending.")] = False,
    as_json: Json = False,
) -> None:
    """Index what is pending. --all rebuilds the whole index from the database."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keeping

        return await keeping.reindex(tools, everything=everything, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def reconcile(
    check: Annotated[
        bool, typer.Option("--check", help="Only report differences; exit code 1 if there are any.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Repair vectors, files and published pages from the database."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import keeping

        return await keeping.reconcile(tools, check=check, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def formats(
    name: Annotated[str | None, typer.Argument(help="Format name, or a TOML file of your own; all by default.")] = None,
    as_json: Json = False,
) -> None:
    """List content formats with their lengths, limits and gates."""

    async def work(_tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.formats(name, as_json=as_json)

    go(work, as_json=as_json, needs_database=False)
