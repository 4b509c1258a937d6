"""`publish`, `publications`, `gate` and the approval of articles: what comes before readers, and what does not."""

from __future__ import annotations

from datetime import datetime

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import Article, Publication, PublicationStatus
from aiwriter.errors import BadInput, NotFound
from aiwriter.services import articles, gating, publishing, stored_gate
from aiwriter.text.counted import counted


async def publish(tools: Tools, prefix: str, *, to: str, version: int | None, at: str | None, as_json: bool) -> int:
    """Now, or at a time to come."""
    article = await articles.find(tools.database, tools.principal, prefix, version)
    target = to if ":" in to else tools.target_named(to)
    due_at = None if at is None else _moment(at)
    made = await publishing.publish(tools.database, tools.principal, article, target, tools.target, tools.clock, due_at)
    if as_json:
        console.give(made.model_dump(mode="json"))
        return 0
    if made.status is PublicationStatus.PUBLISHED:
        console.say(f"Published: {article.title}\n  page         {made.address}\n  publication  {made.id}")
    else:
        console.say(f"{made.status.capitalize()} until {made.due_at}: {article.title}\n  publication  {made.id}")
        console.tell("It goes out at its time if it has passed its gates by then; `aiwriter up` has the schedule.")
    return 0


async def approve(tools: Tools, article: Article, *, as_json: bool) -> int:
    """A person has read this version and lets it go out."""
    given = await gating.approve(tools.database, tools.principal, article, tools.clock)
    if as_json:
        console.give(given.model_dump(mode="json"))
    else:
        console.say(f"Approved: {article.title}, version {article.version}")
        console.tell(f"publish it: aiwriter publish {article.id}")
    return 0


async def show(tools: Tools, prefix: str | None, limit: int, *, as_json: bool) -> int:
    """Those that changed last first: of all articles, or of one."""
    if prefix is None:
        found = await publishing.latest(tools.database, tools.principal, limit)
    else:
        article = await articles.find(tools.database, tools.principal, prefix)
        found = (await publishing.of_article(tools.database, tools.principal, article.id))[:limit]
    _tell(found, as_json=as_json)
    if not found and not as_json:
        console.say("Nothing was published yet. Begin with: aiwriter publish ARTICLE --to folder:PATH")
    return 0


async def withdraw(tools: Tools, prefix: str, *, reason: str, as_json: bool) -> int:
    """Take it away from its readers."""
    wanted = await _find(tools, prefix)
    ended = await publishing.withdraw(tools.database, tools.principal, wanted, tools.target, tools.clock, reason)
    _tell([ended], as_json=as_json)
    return 0


async def unpublish(tools: Tools, prefix: str, *, at: str | None, reason: str, as_json: bool) -> int:
    """Take an article away from where it was published; when it is nowhere, nothing is done and that is said."""
    article = await articles.find(tools.database, tools.principal, prefix)
    target = at if at is None or ":" in at else tools.target_named(at)
    ended = await publishing.unpublish(
        tools.database, tools.principal, article.id, tools.target, tools.clock, target, reason
    )
    _tell(ended, as_json=as_json)
    if not ended and not as_json:
        console.say(f"Readers find nothing of {article.title!r}{f' at {target}' if target else ''}: nothing to do.")
    return 0


async def carry(tools: Tools, *, as_json: bool) -> int:
    """What is due, what failed, what a killed process left. Exit code 1 when something could not go out."""
    ended = await publishing.carry_due(tools.database, tools.principal, tools.target, tools.clock)
    _tell(ended, as_json=as_json)
    if not ended and not as_json:
        console.say("Nothing is due.")
    return 1 if any(one.error for one in ended) else 0


async def gate(tools: Tools, *, since: str | None, format_: str | None, as_json: bool) -> int:
    """Exit code 1 when a stored article fails."""
    report = await stored_gate.examine(
        tools.database,
        tools.principal,
        tools.examiner(),
        tools.gate_blobs(),
        tools.clock,
        since=None if since is None else _moment(since).date(),
        format_=format_,
    )
    if as_json:
        console.give(report.model_dump(mode="json") | {"rows": report.rows, "failing": len(report.failing)})
        return 1 if report.failing else 0
    for batch in report.batches:
        console.say(f"{batch.name}: {batch.rows} looked at, {len(batch.failing)} failing")
        for row in batch.failing:
            console.say(f"  {row.title}  [{row.article_id}] version {row.version}")
            console.say(f"    {' '.join(row.reasons)}")
            if row.instead:
                console.say(f"    a draft: readers find version {' and '.join(map(str, row.instead))}")
            if row.published:
                console.say(f"    still published at {', '.join(row.published)}: aiwriter unpublish {row.article_id}")
    lifted = f"; {report.lifted} {'passes' if report.lifted == 1 else 'pass'} again" if report.lifted else ""
    console.say(f"{counted(report.rows, 'version')} looked at, {len(report.failing)} blocked from publication{lifted}")
    if number := len(report.still_published):
        are, them = ("is", "it") if number == 1 else ("are", "them")
        console.tell(f"{number} of them {are} before readers: take {them} away, or mend {them}.")
    return 1 if report.failing else 0


async def _find(tools: Tools, prefix: str) -> Publication:
    found = [
        one
        for one in await publishing.latest(tools.database, tools.principal, 1000)
        if str(one.id).startswith(prefix.lower())
    ]
    if not found:
        raise NotFound(f"there is no publication {prefix!r}", hint="`aiwriter publications list` shows them.")
    if len(found) > 1:
        raise BadInput(f"{prefix!r} stands for several publications", hint="Give more of the id.")
    return found[0]


def _tell(found: list[Publication], *, as_json: bool) -> None:
    if as_json:
        console.give([one.model_dump(mode="json") for one in found])
        return
    rows = [(str(one.id), one.status, str(one.version), one.title, _where(one)) for one in found]
    if rows:
        console.say(console.table(rows, ("publication", "status", "version", "title", "where, or why not")))


def _where(one: Publication) -> str:
    """Where it is, why it is not, or for when; and who took it away."""
    parts = [one.address or one.error or str(one.due_at or "")]
    if one.withdrawn_at:
        again = "was " if one.status is PublicationStatus.PUBLISHED else ""
        why = f": {one.withdrawn_why}" if one.withdrawn_why else ""
        parts.append(f"{again}taken away {one.withdrawn_at:%Y-%m-%d %H:%M} UTC by {one.withdrawn_by}{why}")
    return "; ".join(filter(None, parts))


def _moment(text: str) -> datetime:
    """A time with its zone; without one, that of this machine. Raises BadInput."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise BadInput(f"{text!r} is no time: {error}", hint="Give it such as 2026-12-01T08:00+01:00.") from error
