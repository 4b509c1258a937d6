"""`aiwriter sources …` and `aiwriter feeds …`: their verbs and options. Imports typer alone at the top, like cli.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from aiwriter.commands.options import Json, go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

sources = typer.Typer(help="Known sources: add, list, find, refresh, remove.", no_args_is_help=True)
feeds = typer.Typer(help="Places read at regular times: add, list, refresh, remove.", no_args_is_help=True)

Feed = Annotated[str, typer.Argument(help="Feed name, place, or first characters of its id.")]


@sources.command("add")
def add_sources(
    place: Annotated[
        list[str],
        typer.Argument(metavar="PLACE...", help="Files, folders, addresses, feed:URL, sitemap:URL, site:URL."),
    ],
    as_json: Json = False,
) -> None:
    """Read sources and keep them."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.add(tools, place, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("list")
def list_sources(
    words: Annotated[str | None, typer.Argument(help="Words in the title or place.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="NUMBER", help="Maximum number to list.")] = 50,
    as_json: Json = False,
) -> None:
    """List known sources, most recently changed first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.show(tools, words, limit, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("looks")
def list_looks(as_json: Json = False) -> None:
    """List places that wait to be read or failed, with the reason."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.show_looks(tools, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("find")
def find_passages(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    limit: Annotated[int, typer.Option(min=1, max=100, metavar="NUMBER", help="Maximum number of passages.")] = 10,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="Only from this domain; repeatable.")
    ] = None,
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
    words: Annotated[str | None, typer.Argument(help="Words in the title or place; all sources by default.")] = None,
    as_json: Json = False,
) -> None:
    """Check known sources for changes. Removes those that are gone."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.refresh(tools, words, as_json=as_json)

    go(work, as_json=as_json)


@sources.command("remove")
def remove_source(
    place: Annotated[str, typer.Argument(help="Place of the source, or first characters of its id.")],
    as_json: Json = False,
) -> None:
    """Remove a known source. Articles keep the passages they cite."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import sources as commands

        return await commands.remove(tools, place, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("add")
def add_feed(
    place: Annotated[str, typer.Argument(help="A folder, an address, feed:URL, sitemap:URL or site:URL.")],
    name: Annotated[str | None, typer.Option(help="Name of the feed; its place by default.")] = None,
    every: Annotated[
        int | None, typer.Option(help="Hours between two looks; 24 by default, 0 for never by itself.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            help="Maximum documents per look, 100 by default; AIWRITER_SOURCES__FEED_ENTRIES and CRAWL_PAGES apply too."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a place now and at regular intervals. Repeat to change its options."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.add(tools, place, name=name, every=every, limit=limit, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("list")
def list_feeds(as_json: Json = False) -> None:
    """List feeds with their last look and error."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.show(tools, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("refresh")
def refresh_feed(
    feed: Annotated[str | None, typer.Argument(help="Feed name, place or id; all due feeds by default.")] = None,
    as_json: Json = False,
) -> None:
    """Read a feed now."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.refresh(tools, feed, as_json=as_json)

    go(work, as_json=as_json)


@feeds.command("remove")
def remove_feed(feed: Feed, as_json: Json = False) -> None:
    """Remove a feed. Its sources stay known."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import feeds as commands

        return await commands.remove(tools, feed, as_json=as_json)

    go(work, as_json=as_json)
