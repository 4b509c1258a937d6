"""`runs`, `articles`, `show`, `search`, `formats`, `migrate`: looking at what there is and keeping it in order."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta

from aiwriter import preparing, servers
from aiwriter.bootstrap import Tools
from aiwriter.commands import console, writing
from aiwriter.commands.progress import Progress
from aiwriter.documents import Run, RunStatus
from aiwriter.documents.concealing import concealed_article
from aiwriter.errors import BadInput, Unavailable
from aiwriter.pipeline import demands
from aiwriter.pipeline import formats as kinds
from aiwriter.services import articles as library
from aiwriter.services import dispatch
from aiwriter.services import runs as history
from aiwriter.text.counted import counted

LOOK_SECONDS = 1.0
UNSERVED = timedelta(seconds=dispatch.AGAIN_SECONDS)  # by then whoever is to begin a run has begun it


async def runs(tools: Tools, limit: int, *, as_json: bool) -> int:
    """The runs, newest first."""
    found = await history.latest(tools.database, tools.principal, limit)
    if as_json:
        console.give([run.model_dump(mode="json") for run in found])
    elif not found:
        console.say('There are no runs yet. Begin with: aiwriter write "TOPIC" --source FOLDER')
    else:
        left = await history.abandoned(tools.database, tools.principal, found)
        ids = console.beginnings(run.id for run in found)
        rows = [
            (
                name,
                f"{run.status}, its process has ended" if run.id in left else run.status,
                _when(run.created_at),
                run.model,
                run.brief.topic,
            )
            for name, run in zip(ids, found, strict=True)
        ]
        console.say(console.table(rows, ("run", "status", "asked", "model", "topic")))
    return 0


async def watch(tools: Tools, *, as_json: bool) -> int:
    """Follow the newest run until it ends; say so when nobody seems to begin it. Raises Unavailable when nobody works
    on it any more, nor will by itself."""
    newest = await history.latest(tools.database, tools.principal, 1)
    if not newest:
        raise BadInput("there is no run to watch", hint='Begin with: aiwriter write "TOPIC" --source FOLDER')
    progress = Progress(as_json=as_json)
    following = asyncio.ensure_future(writing.follow(tools, newest[0], progress))
    told = False
    try:
        while not (await asyncio.wait({following}, timeout=LOOK_SECONDS))[0]:
            run = await history.get(tools.database, tools.principal, newest[0].id)
            await _require_worker(tools, run)
            if not told and await _is_unserved(tools, run):
                told = True
                _tell_unserved(run, as_json=as_json)
        await following
    finally:
        following.cancel()
        await asyncio.wait({following})
        progress.close()
    ended = await history.get(tools.database, tools.principal, newest[0].id)
    return await writing.finish(tools, ended, as_json=as_json)


async def _require_worker(tools: Tools, run: Run) -> None:
    left = await history.abandoned(tools.database, tools.principal, [run])
    if left and not _has_worker(tools):
        raise Unavailable(
            f"nobody works on run {run.id} any more: its process has ended",
            hint=f"Go on with it: aiwriter resume {run.id}; or end it: aiwriter cancel {run.id}",
        )


async def _is_unserved(tools: Tools, run: Run) -> bool:
    """Whether it has been queued for long and no worker is known here; one on another machine may still begin it."""
    if run.status is not RunStatus.QUEUED or _has_worker(tools):
        return False
    events = await history.events_after(tools.database, tools.principal, run.id, 0)
    return tools.clock.now() - events[-1].at > UNSERVED


def _has_worker(tools: Tools) -> bool:
    return "worker" in servers.read(tools.settings.home_folder)


def _tell_unserved(run: Run, *, as_json: bool) -> None:
    said = (
        f"nobody has begun run {run.id}, and no worker is known here. Start one with `aiwriter up`, go on with it "
        f"yourself: aiwriter resume {run.id}, or end it: aiwriter cancel {run.id}"
    )
    console.tell(json.dumps({"kind": "unserved", "text": said}) if as_json else f"! {said}")


async def articles(tools: Tools, limit: int, *, as_json: bool) -> int:
    """The stored articles, newest first."""
    found = await library.latest(tools.database, tools.principal, limit)
    standing = await library.standing_of(tools.database, tools.principal, found)
    if as_json:
        console.give(
            [
                {
                    "article_id": str(article.id),
                    "version": article.version,
                    "slug": article.slug,
                    "title": article.title,
                    "kind": article.kind,
                    "status": article.status,
                    "standing": standing[article.id],
                    "score": article.quality.score,
                    "created_at": article.created_at.isoformat(),
                    "counts": console.counts(article),
                }
                for article in found
            ]
        )
    elif not found:
        console.say('No articles yet. Write one: aiwriter write "TOPIC" --source FOLDER')
    else:
        ids = console.beginnings(a.id for a in found)
        rows = [
            (name, console.words(standing[a.id]), f"{a.words}", f"{a.quality.score:.0f}", _when(a.created_at), a.title)
            for name, a in zip(ids, found, strict=True)
        ]
        console.say(console.table(rows, ("article", "status", "words", "score", "written", "title")))
    return 0


async def show(tools: Tools, prefix: str, form: str, version: int | None) -> int:
    render = tools.renderers.get(form)
    if render is None:
        known = ", ".join(tools.renderers)
        raise BadInput(f"there is no output format {form!r}", hint=f"Choose one of: {known}.")
    text = render(concealed_article(await library.find(tools.database, tools.principal, prefix, version)))
    sys.stdout.write(text if form != "md" else console.printable(text))
    if not text.endswith("\n"):
        sys.stdout.write("\n")
    return 0


async def search(tools: Tools, query: str, limit: int, *, as_json: bool) -> int:
    """Stored articles by words and by meaning; a note says when one of the two could not be asked."""
    if not query.strip():
        raise BadInput("the search is empty", hint='Give words, such as: aiwriter search "night ferry".')
    name = tools.settings.embedder
    found, note = await library.search(
        tools.database, tools.principal, query, tools.vectors(name), tools.embedder(name), limit
    )
    if note:
        console.tell(note)
    if as_json:
        console.give(
            [
                {
                    "article_id": str(answer.article.id),
                    "title": answer.article.title,
                    "excerpt": answer.excerpt,
                    "similarity": round(answer.similarity, 3),
                    "by": answer.by,
                }
                for answer in found
            ]
        )
    elif not found:
        console.say(f"No stored article mentions {query!r}.")
    for answer in [] if as_json else found:
        how = "same words" if answer.by == "words" else f"similar {answer.similarity:.2f}"
        console.say(f"{answer.article.title}  [{answer.article.id}]  {how}")
        console.say(f"    {answer.excerpt[:240]}")
    return 0


async def formats(name: str | None, *, as_json: bool) -> int:
    """The formats that ship, or one with everything by which its texts are judged. Raises BadInput."""
    if name is None:
        heads = [demands.head(kinds.load(one)) for one in kinds.names()]
        if as_json:
            console.give([one.model_dump(mode="json") for one in heads])
            return 0
        rows = [(one.name, f"{one.least_words:,} to {one.most_words:,}", one.description) for one in heads]
        console.say(console.table(rows, ("format", "words", "what it is")))
        console.tell("limits of one format: aiwriter formats NAME")
        return 0
    one = demands.head(kinds.load(name))
    if as_json:
        console.give(one.model_dump(mode="json"))
        return 0
    console.say(f"{one.title} ({one.name}): {one.description}")
    for demand in one.demands:
        console.say(f"  {demand.part or 'the whole':<15}{demand.text}")
    return 0


async def copy_database(tools: Tools, source: str, *, as_json: bool) -> int:
    rows = await preparing.copy_database(tools.settings, source)
    if as_json:
        console.give({"rows": rows})
    else:
        console.say(f"{counted(rows, 'row')} copied to {preparing.without_password(tools.settings.database)}")
        console.tell("make the index there: aiwriter reindex --all")
    return 0


async def migrate(tools: Tools, *, as_json: bool) -> int:
    before, after = await preparing.migrate_database(tools.settings)
    if as_json:
        console.give({"before": before, "after": after})
    else:
        console.say(f"database: was {before}, is {after}")
    return 0


def _when(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
