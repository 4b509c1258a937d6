"""`aiwriter publish`, `aiwriter publications …`, `aiwriter gate`: their options. Imports typer alone, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer()
publications = typer.Typer(help="Publications: list, withdraw, carry.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="Reason; stored with your name and the time.")]
Publication = Annotated[str, typer.Argument(help="Publication id, or its first characters.")]


@app.command()
def publish(
    article: Annotated[str, typer.Argument(help="Article id, its first characters, or its slug.")],
    to: Annotated[str, typer.Option("--to", help="Target from the settings, such as site, or folder:PATH.")] = "site",
    version: Annotated[int | None, typer.Option(help="Version; the latest by default.")] = None,
    at: Annotated[str | None, typer.Option(help="Publish at this time, such as 2026-12-01T08:00+01:00.")] = None,
    as_json: Json = False,
) -> None:
    """Publish an article that passes the gate. Otherwise exit code 1 and the reasons."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.publish(tools, article, to=to, version=version, at=at, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def unpublish(
    article: Annotated[str, typer.Argument(help="Article id, its first characters, or its slug.")],
    at: Annotated[str | None, typer.Option("--from", help="Only from this target; from all by default.")] = None,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Withdraw an article from all targets. Scheduled publications too."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.unpublish(tools, article, at=at, reason=reason, as_json=as_json)

    go(work, as_json=as_json)


@publications.command("list")
def list_publications(
    article: Annotated[str | None, typer.Argument(help="Only of this article: id, first characters, or slug.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="NUMBER", help="Maximum number to list.")
    ] = 20,
    as_json: Json = False,
) -> None:
    """List publications, most recently changed first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.show(tools, article, limit, as_json=as_json)

    go(work, as_json=as_json)


@publications.command()
def withdraw(publication: Publication, reason: Reason = "", as_json: Json = False) -> None:
    """Withdraw one publication."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.withdraw(tools, publication, reason=reason, as_json=as_json)

    go(work, as_json=as_json)


@publications.command()
def carry(as_json: Json = False) -> None:
    """Publish what is due and retry what failed. Also finishes what a killed process left."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.carry(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def gate(
    since: Annotated[
        str | None, typer.Option(help="Only articles whose latest version is from this day or later.")
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Only articles of this format.")] = None,
    as_json: Json = False,
) -> None:
    """Check stored articles against today's thresholds. Blocks those that fail; exit code 1 if any does."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.gate(tools, since=since, format_=format_, as_json=as_json)

    go(work, as_json=as_json)
