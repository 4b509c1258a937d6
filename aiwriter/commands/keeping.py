"""`reconcile` and `reindex`: what is derived from the database, held against it and made anew."""

from __future__ import annotations

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.services import articles as library
from aiwriter.services import knowledge, reconciling
from aiwriter.text.counted import counted

SHOWN = 10  # differences in words; --json has all


async def reconcile(tools: Tools, *, check: bool, as_json: bool) -> int:
    """Exit code 1 when `check` finds that something disagrees."""
    name = tools.settings.embedder
    passages, articles, embedder = tools.passages(name), tools.vectors(name), tools.embedder(name)
    shelves = reconciling.Shelves(passages, articles, embedder, tools.publisher, tools.target, tools.clock)
    found = await reconciling.reconcile(tools.database, tools.principal, shelves, check=check)
    counts = reconciling.counted(found)
    if as_json:
        told = [{"kind": one.kind, "id": one.id, "detail": one.detail} for one in found]
        console.give({"disagreements": told, "counts": counts, "mended": not check})
    else:
        summary = ", ".join(f"{count} × {kind}" for kind, count in counts.items())
        done = "" if check else "; all mended"
        console.say(
            f"{counted(len(found), 'difference')}: {summary}{done}"
            if found
            else "database, vectors, files and published pages agree"
        )
        for one in found[:SHOWN]:
            console.say(f"  {one.kind}: {one.id}{' ' if one.detail else ''}{one.detail}")
        if len(found) > SHOWN:
            console.say(f"  and {len(found) - SHOWN} more: --json has all")
    return 1 if check and found else 0


async def reindex(tools: Tools, *, everything: bool, as_json: bool) -> int:
    """Articles and known sources whose index is pending, or all of them, anew."""
    name, database, principal = tools.settings.embedder, tools.database, tools.principal
    embedder, passages = tools.embedder(name), tools.passages(name)
    articles = await library.reindex(database, principal, tools.vectors(name), embedder, everything=everything)
    if everything:
        sources = await knowledge.rebuild(database, principal, passages, embedder)
    else:
        sources = await knowledge.index_pending(database, principal, passages, embedder)
    if as_json:
        console.give({"indexed": articles, "sources": sources})
    else:
        console.say(f"{counted(articles, 'article')} and {counted(sources, 'source')} indexed")
    return 0
