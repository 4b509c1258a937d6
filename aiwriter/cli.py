"""The command line: `aiwriter --help`. Imports typer alone at the top; each command imports what it needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aiwriter.commands import (
    budget_verbs,
    key_verbs,
    model_verbs,
    publishing_verbs,
    schedule_verbs,
    source_verbs,
    upkeep_verbs,
)
from aiwriter.commands.options import MANNER, Json, alone
from aiwriter.commands.options import go as _go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(
    help="From a brief and sources to a checked, cited, stored article.",
    no_args_is_help=True,
    **MANNER,
)

SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        "-s",
        help="A file, folder, http(s) page or search (web:, archive:, arxiv:QUERY …); may be given many times.",
    ),
]
Shown = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")]
SinceOption = Annotated[str | None, typer.Option(help="Searches find only what was published from this day on.")]
DomainOption = Annotated[list[str] | None, typer.Option(help="Searches find only pages of these, subdomains too.")]
WithoutOption = Annotated[list[str] | None, typer.Option(help="Searches find no pages of these.")]


app.add_typer(schedule_verbs.app, name="schedule")
app.add_typer(source_verbs.sources, name="sources")
app.add_typer(source_verbs.feeds, name="feeds")
app.add_typer(budget_verbs.app, name="budgets")
app.add_typer(model_verbs.app, name="models")
app.add_typer(key_verbs.app, name="keys")
app.add_typer(publishing_verbs.app)
app.add_typer(upkeep_verbs.app)
app.add_typer(publishing_verbs.publications, name="publications")


def main() -> None:
    """Entry point: errors of ours end with one clear line and their exit code."""
    try:
        alone(app, sys.argv[1] if len(sys.argv) > 1 else "")()
    except SystemExit as end:
        if "aiwriter.commands.edge" not in sys.modules:  # --help, or a mistake in the options
            raise
        from aiwriter.commands import edge

        edge.leave(end.code if isinstance(end.code, int) else 1)


@app.command()
def write(
    topic: Annotated[str | None, typer.Argument(help="What to write about.")] = None,
    source: SourceOption = None,
    brief: Annotated[Path | None, typer.Option(help="A TOML file with the brief; options override it.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Content format, such as blog_post.")] = None,
    words: Annotated[int | None, typer.Option(help="Length to aim at.")] = None,
    audience: Annotated[str | None, typer.Option(help="For whom.")] = None,
    tone: Annotated[str | None, typer.Option(help="How it should sound.")] = None,
    language: Annotated[str | None, typer.Option(help="Two-letter code, such as en.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="A phrase to cover; may be given many times.")] = None,
    organisation: Annotated[str | None, typer.Option(help="In whose name it is published.")] = None,
    voice: Annotated[list[Path] | None, typer.Option(help="A text that sounds as it should; more are better.")] = None,
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="The most this run may cost, in US dollars.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the article's files.")] = None,
    approve_outline: Annotated[
        bool, typer.Option("--approve-outline", help="Wait for `aiwriter approve` before anything is written.")
    ] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would take, in calls, dollars and time; start nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write an article from sources: researched, written, checked, stored."""
    given: dict[str, Any] = {
        "topic": topic,
        "sources": source,
        "format": format_,
        "words": words,
        "audience": audience,
        "tone": tone,
        "language": language,
        "keywords": keyword,
        "organisation": organisation,
        "voice": voice,
        "since": since,
        "domains": domain,
        "without_domains": without_domain,
        "approve_outline": approve_outline or None,
    }

    async def work(tools: Tools) -> int:
        from aiwriter.commands import writing

        asked = writing.brief_from(brief, given)
        if estimate:
            return await writing.estimate(tools, asked, model=model, budget=budget, as_json=as_json)
        return await writing.write(tools, asked, model=model, budget=budget, out=out, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's or a batch's id, or its beginning.")],
    budget: Annotated[str | None, typer.Option(help="What the run may cost in all, in US dollars.")] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run after its last finished stage, or with what a batch has not ended."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import writing

        return await writing.resume(tools, run, budget=budget, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def batch(
    file: Annotated[
        Path, typer.Argument(help="CSV: a brief a line, columns like a brief's fields, ; within a list; voice: files.")
    ],
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="The most each article may cost, in US dollars.")] = None,
    at_once: Annotated[int | None, typer.Option(min=1, max=50, help="Articles that are written together.")] = None,
    as_json: Json = False,
) -> None:
    """Write an article for each line of a file."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import batches

        return await batches.begin(tools, file, model=model, budget=budget, at_once=at_once, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="A run's or a batch's id, or its beginning.")], as_json: Json = False
) -> None:
    """End a run for good, wherever it is worked on."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import approving

        return await approving.cancel(tools, run, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def approve(
    run: Annotated[str, typer.Argument(help="The id of a waiting run, or of an article; or its beginning.")],
    to: Annotated[Path | None, typer.Option(help="Only write the outline here, to be edited.")] = None,
    file: Annotated[Path | None, typer.Option("--from", help="Approve the outline in this edited file.")] = None,
    as_json: Json = False,
) -> None:
    """Approve the outline a run waits with, and go on; or an article that a person must read before it goes out."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import approving

        return await approving.approve(tools, run, to=to, file=file, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def runs(
    watch: Annotated[bool, typer.Option("--watch", help="Follow the newest run until it ends.")] = False,
    limit: Shown = 20,
    as_json: Json = False,
) -> None:
    """List runs, newest first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await (reading.watch(tools, as_json=as_json) if watch else reading.runs(tools, limit, as_json=as_json))

    _go(work, as_json=as_json)


@app.command()
def articles(limit: Shown = 20, as_json: Json = False) -> None:
    """List stored articles, newest first."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.articles(tools, limit, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def show(
    article: Annotated[str, typer.Argument(help="An article's id, its beginning, or its slug.")],
    form: Annotated[str, typer.Option("--as", help="md, html, json or report.")] = "md",
    version: Annotated[int | None, typer.Option(help="A version; the latest if not given.")] = None,
) -> None:
    """Print an article."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.show(tools, article, form, version)

    _go(work)


@app.command()
def edit(
    article: Annotated[str, typer.Argument(help="An article's id, its beginning, or its slug.")],
    file: Annotated[Path | None, typer.Option("--from", help="Take the edited text from here, not an editor.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Only write the editable form here.")] = None,
    as_json: Json = False,
) -> None:
    """Edit an article: one sentence a line, citations as [@…]; saving checks it again and makes a new version."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import editing

        return await editing.edit(tools, article, file, to, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def dismiss(
    article: Annotated[str, typer.Argument(help="An article's id, its beginning, or its slug.")],
    finding: Annotated[str, typer.Argument(help="A finding's id, or its beginning; without one they are listed.")] = "",
    reason: Annotated[str, typer.Option(help="Why it does not hold; kept with your name and the time.")] = "",
    as_json: Json = False,
) -> None:
    """Dismiss a finding for a reason: a new version, judged without it."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import dismissing

        return await dismissing.dismiss(tools, article, finding, reason, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def search(query: str, limit: Shown = 10, as_json: Json = False) -> None:
    """Find stored articles by words and by meaning."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.search(tools, query, limit, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def research(
    topic: Annotated[str | None, typer.Argument(help="What to look into; with --list, words of topics.")] = None,
    source: SourceOption = None,
    keyword: Annotated[list[str] | None, typer.Option(help="A phrase to look for; may be given many times.")] = None,
    language: Annotated[str | None, typer.Option(help="Two-letter code, such as en.")] = None,
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the report here, as one HTML page.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the studies that are kept, newest first.")] = False,
    show_: Annotated[str | None, typer.Option("--show", help="Tell of a kept study: its id, or its beginning.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Carry out here a kept study that was interrupted or failed.")
    ] = None,
    cancel: Annotated[str | None, typer.Option(help="End a study that is queued or running.")] = None,
    remove: Annotated[str | None, typer.Option(help="Forget a kept study: its id, or its beginning.")] = None,
    as_json: Json = False,
) -> None:
    """What sources speak of, ask and answer, and where they disagree; kept, and nothing is written about it."""
    given = {
        "topic": topic,
        "sources": source,
        "keywords": keyword,
        "language": language,
        "since": since,
        "domains": domain,
        "without_domains": without_domain,
    }

    async def work(tools: Tools) -> int:
        from aiwriter.commands import researching, writing

        if listed:
            return await researching.kept(tools, topic, as_json=as_json)
        if remove:
            return await researching.remove(tools, remove, as_json=as_json)
        if cancel:
            return await researching.cancel(tools, cancel, as_json=as_json)
        if resume:
            return await researching.resume(tools, resume, out, as_json=as_json)
        if show_:
            return await researching.show(tools, show_, out, as_json=as_json)
        return await researching.look_into(
            tools, writing.brief_from(None, given, command="research"), out, as_json=as_json
        )

    _go(work, as_json=as_json)


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="Markdown or text that anybody wrote, or an article's JSON of ours; - is stdin."),
    ] = None,
    source: SourceOption = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the reviewer's report here: one page, every sentence by its evidence.")
    ] = None,
    claims: Annotated[
        Path | None, typer.Option(help='Lines of {"id", "claim", "sources": [text, …]} instead of a text; - is stdin.')
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the verdicts on --claims go, a line each.")] = Path("-"),
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    language: Annotated[
        str | None, typer.Option(help="In which language the text or the claims are; else what they say or look like.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a text, or single claims, against sources: exit code 1 when something is unsupported."""
    limits = {"since": since, "domains": domain, "without_domains": without_domain}

    async def work(tools: Tools) -> int:
        from aiwriter.commands import checking, claiming

        if claims is not None:
            given = file is not None or any([source, *limits.values()])
            return await claiming.check(tools, claims, out, language, with_text=given, as_json=as_json)
        return await checking.check(tools, file, source or [], report, limits, language, as_json=as_json)

    _go(work, as_json=as_json, needs_database=claims is None)


@app.command()
def up(
    dashboard: Annotated[bool, typer.Option(help="Start the dashboard as well.")] = True,
    as_json: Json = False,
) -> None:
    """Start everything over one home, supervised: dashboard, API, Prefect, worker, Chroma. Ctrl-C stops it all."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import up as servers

        return await servers.up(tools, dashboard=dashboard, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def demo(as_json: Json = False) -> None:
    """Write the example article and show what the checks catch: no key, no server, no network."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import demo as example

        return await example.show_off(tools, as_json=as_json)

    _go(work, as_json=as_json)
