"""`aiwriter sources …` and `aiwriter feeds …`: their verbs and options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

sources = typer.Typer(
    help="What is known: add, list, find, refresh, remove sources whose passages are found again.", no_args_is_help=True
)
feeds = typer.Typer(help="Places that are looked at again and again: add, list, refresh, remove.", no_args_is_help=True)

Feed = Annotated[str, typer.Argument(help="Its name, its place, or the beginning of its id.")]


@sources.command("add")
def add_sources(
    place: Annotated[list[str], typer.Argument(help="Files, folders, addresses, feed:URL, sitemap:URL, site:URL.")],
    as_json: Json = False,
) -> None:
    """Read what is there now and make it known."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.add(tools, place, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("list")
def list_sources(
    words: Annotated[str | None, typer.Argument(help="Words in title or place.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most to list.")] = 50,
    as_json: Json = False,
) -> None:
    """List known sources, those that changed last first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.show(tools, words, limit, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("looks")
def list_looks(as_json: Json = False) -> None:
    """List places that a worker was asked to read and that wait, are being read, or failed, with the reason."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.show_looks(tools, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("find")
def find_passages(
    query: Annotated[str, typer.Argument(help="What to look for, in words or as a question.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="The most passages to show.")] = 10,
    domain: Annotated[list[str] | None, typer.Option(help="Only from this host; may be given many times.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language, such as en.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only published on or after this day.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only published before this day.")] = None,
    as_json: Json = False,
) -> None:
    """Find passages of known sources by words and by meaning."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        wanted = commands.wanted(domain or [], language, since, until)
        return await commands.find(tools, query, wanted, limit, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("refresh")
def refresh_sources(
    words: Annotated[str | None, typer.Argument(help="Words in title or place; all when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Look whether known sources have changed; what is gone is forgotten."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.refresh(tools, words, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("remove")
def remove_source(
    place: Annotated[str, typer.Argument(help="Its place, or the beginning of its id.")],
    as_json: Json = False,
) -> None:
    """Forget a known source with its passages and vectors; articles that cite it keep what they cite."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.remove(tools, place, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("add")
def add_feed(
    place: Annotated[str, typer.Argument(help="A folder, an address, feed:URL, sitemap:URL or site:URL.")],
    name: Annotated[str | None, typer.Option(help="What to call it; its place when left out.")] = None,
    every: Annotated[
        int | None, typer.Option(help="Hours between two looks, 24 when left out; 0 for only when asked to.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            help="The most documents to take, 100 when left out; AIWRITER_SOURCES__FEED_ENTRIES and CRAWL_PAGES hold."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at a place now and every so many hours, with nobody present; given again, it gets the options named."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.add(tools, place, name=name, every=every, limit=limit, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("list")
def list_feeds(as_json: Json = False) -> None:
    """List feeds with when they were looked at, and what went wrong."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("refresh")
def refresh_feed(
    feed: Annotated[str | None, typer.Argument(help="Its name, place or id; all that are due when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Look at a feed now."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.refresh(tools, feed, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("remove")
def remove_feed(feed: Feed, as_json: Json = False) -> None:
    """Look at it no more; what is known from it stays."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.remove(tools, feed, as_json=as_json)

    go(work, as_json=as_json)
