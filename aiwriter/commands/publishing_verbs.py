"""`aiwriter publish`, `aiwriter publications …`, `aiwriter gate`: their options. Imports typer alone, like cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer()
publications = typer.Typer(
    help="What was published, is to be, or could not: list, withdraw, carry.", no_args_is_help=True
)

Reason = Annotated[str, typer.Option(help="Why; kept with your name and the time.")]
Publication = Annotated[str, typer.Argument(help="A publication's id, or its beginning.")]


@app.command()
def publish(
    article: Annotated[str, typer.Argument(help="An article's id, its beginning, or its slug.")],
    to: Annotated[str, typer.Option("--to", help="A target of the settings, such as site, or folder:PATH.")] = "site",
    version: Annotated[int | None, typer.Option(help="A version; the latest if not given.")] = None,
    at: Annotated[str | None, typer.Option(help="Not before this time, such as 2026-12-01T08:00+01:00.")] = None,
    as_json: Json = False,
) -> None:
    """Publish an article that has passed its gates: exit code 1, with the reasons, when it has not."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.publish(tools, article, to=to, version=version, at=at, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def unpublish(
    article: Annotated[str, typer.Argument(help="An article's id, its beginning, or its slug.")],
    at: Annotated[str | None, typer.Option("--from", help="Only at this target; everywhere if not given.")] = None,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Take an article away from its readers, and whatever of it waits to go out."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.unpublish(tools, article, at=at, reason=reason, as_json=as_json)

    go(work, as_json=as_json)


@publications.command("list")
def list_publications(
    article: Annotated[str | None, typer.Argument(help="Only of this article: its id, its beginning, or slug.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Those that changed last first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.show(tools, article, limit, as_json=as_json)

    go(work, as_json=as_json)


@publications.command()
def withdraw(publication: Publication, reason: Reason = "", as_json: Json = False) -> None:
    """Take an article away from where it was published."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.withdraw(tools, publication, reason=reason, as_json=as_json)

    go(work, as_json=as_json)


@publications.command()
def carry(as_json: Json = False) -> None:
    """Publish what is due, and go on with what failed or was left by a process that was killed."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.carry(tools, as_json=as_json)

    go(work, as_json=as_json)


@app.command()
def gate(
    since: Annotated[str | None, typer.Option(help="Only articles whose latest version is from this day on.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Only articles of this format.")] = None,
    as_json: Json = False,
) -> None:
    """Hold stored articles against today's thresholds: what fails is not published. Exit code 1 when any does."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import publishing

        return await publishing.gate(tools, since=since, format_=format_, as_json=as_json)

    go(work, as_json=as_json)
