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
from aiwriter.commands.options import MANNER, Json, alone, before_a_verb
from aiwriter.commands.options import go as _go

if TYPE_CHECKING:
    from aiwriter.bootstrap import Tools

app = typer.Typer(
    help="Turn a brief and sources into a checked, cited, stored article.",
    no_args_is_help=True,
    callback=before_a_verb,
    **MANNER,
)

SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        "-s",
        metavar="PLACE",
        help="A file, folder, web page or search (web:, archive:, arxiv:QUERY …); repeatable.",
    ),
]
Shown = Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="NUMBER", help="Maximum number to list.")]
SinceOption = Annotated[str | None, typer.Option(help="Search only pages published on or after this day.")]
DomainOption = Annotated[
    list[str] | None, typer.Option(metavar="DOMAIN", help="Search only these domains and their subdomains.")
]
WithoutOption = Annotated[list[str] | None, typer.Option(metavar="DOMAIN", help="Exclude these domains from searches.")]


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
    brief: Annotated[Path | None, typer.Option(help="TOML file with the brief; options override it.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Content format, such as blog_post.")] = None,
    words: Annotated[int | None, typer.Option(help="Target length in words.")] = None,
    audience: Annotated[str | None, typer.Option(help="Intended readers.")] = None,
    tone: Annotated[str | None, typer.Option(help="Tone, such as friendly or formal.")] = None,
    language: Annotated[str | None, typer.Option(help="Language code, such as en.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(metavar="PHRASE", help="Phrase to cover; repeatable.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Organisation that publishes the article.")] = None,
    voice: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Text with the voice to imitate; repeatable.")
    ] = None,
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="Maximum cost of this run in US dollars.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the article's files.")] = None,
    approve_outline: Annotated[
        bool, typer.Option("--approve-outline", help="Wait for `aiwriter approve` after the outline.")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Show calls, cost and time; start nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Write, check and store an article from sources."""
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
    run: Annotated[str, typer.Argument(help="Id of a run or batch, or its first characters.")],
    budget: Annotated[str | None, typer.Option(help="Maximum total cost of the run in US dollars.")] = None,
    as_json: Json = False,
) -> None:
    """Continue a run or a batch. A run continues after its last finished stage."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import writing

        return await writing.resume(tools, run, budget=budget, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def batch(
    file: Annotated[Path, typer.Argument(help="CSV file with one brief per line; separate list values with ;.")],
    model: Annotated[str | None, typer.Option(help="provider:model, such as openai:gpt-5-mini.")] = None,
    budget: Annotated[str | None, typer.Option(help="Maximum cost of each article in US dollars.")] = None,
    at_once: Annotated[
        int | None, typer.Option(min=1, max=50, metavar="NUMBER", help="Number of articles written in parallel.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write an article for each line of a CSV file."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import batches

        return await batches.begin(tools, file, model=model, budget=budget, at_once=at_once, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="Id of a run or batch, or its first characters.")], as_json: Json = False
) -> None:
    """End a run or batch for good, wherever it is running."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import approving

        return await approving.cancel(tools, run, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def approve(
    run: Annotated[str, typer.Argument(help="Id of a waiting run or of an article, or its first characters.")],
    to: Annotated[Path | None, typer.Option(help="Only write the outline to this file, for editing.")] = None,
    file: Annotated[Path | None, typer.Option("--from", help="Approve the edited outline in this file.")] = None,
    as_json: Json = False,
) -> None:
    """Approve an outline, or an article that needs a person."""

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
    article: Annotated[str, typer.Argument(help="Article id, its first characters, or its slug.")],
    form: Annotated[str, typer.Option("--as", help="Format: md, html, json or report.")] = "md",
    version: Annotated[int | None, typer.Option(help="Version; the latest by default.")] = None,
) -> None:
    """Print an article."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import reading

        return await reading.show(tools, article, form, version)

    _go(work)


@app.command()
def edit(
    article: Annotated[str, typer.Argument(help="Article id, its first characters, or its slug.")],
    file: Annotated[Path | None, typer.Option("--from", help="Read the edited text from this file.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Only write the editable text to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Edit an article and check it again. One sentence per line, citations as [@…]; saving makes a new version."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import editing

        return await editing.edit(tools, article, file, to, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def dismiss(
    article: Annotated[str, typer.Argument(help="Article id, its first characters, or its slug.")],
    finding: Annotated[str, typer.Argument(help="Finding id or its first characters; without it, list them.")] = "",
    reason: Annotated[str, typer.Option(help="Why it does not apply; stored with your name and the time.")] = "",
    as_json: Json = False,
) -> None:
    """Dismiss a finding, with a reason. Makes a new version judged without it."""

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
    topic: Annotated[str | None, typer.Argument(help="Topic; with --list, words to filter topics.")] = None,
    source: SourceOption = None,
    keyword: Annotated[list[str] | None, typer.Option(metavar="PHRASE", help="Phrase to look for; repeatable.")] = None,
    language: Annotated[str | None, typer.Option(help="Language code, such as en.")] = None,
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the report to this HTML file.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List stored studies, newest first.")] = False,
    show_: Annotated[str | None, typer.Option("--show", help="Show a stored study, by (the start of) its id.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Run a study that was interrupted or failed again, in this process.")
    ] = None,
    cancel: Annotated[str | None, typer.Option(help="End a queued or running study.")] = None,
    remove: Annotated[str | None, typer.Option(help="Delete a stored study, by (the start of) its id.")] = None,
    as_json: Json = False,
) -> None:
    """Report what sources say, answer and disagree on. The study is stored; no article is written."""
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
        typer.Argument(help="Markdown or text by anyone, or an exported article's JSON; - is stdin."),
    ] = None,
    source: SourceOption = None,
    report: Annotated[Path | None, typer.Option(help="Write a report for reviewers to this HTML file.")] = None,
    claims: Annotated[
        Path | None,
        typer.Option(help='JSON lines of {"id", "claim", "sources": [text, …]} to check; - is stdin.'),
    ] = None,
    out: Annotated[Path, typer.Option(help="File for the verdicts of --claims, one per line.")] = Path("-"),
    since: SinceOption = None,
    domain: DomainOption = None,
    without_domain: WithoutOption = None,
    language: Annotated[str | None, typer.Option(help="Language of the text or claims; detected by default.")] = None,
    as_json: Json = False,
) -> None:
    """Check a text or single claims against sources. Exit code 1 if something is unsupported."""
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
    dashboard: Annotated[bool, typer.Option(help="Start the dashboard too.")] = True,
    as_json: Json = False,
) -> None:
    """Start all services, supervised. Dashboard, API, Prefect, worker and Chroma; Ctrl-C stops them all."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import up as servers

        return await servers.up(tools, dashboard=dashboard, as_json=as_json)

    _go(work, as_json=as_json)


@app.command()
def demo(as_json: Json = False) -> None:
    """Write the example article and show what the checks catch. Works offline."""

    async def work(tools: Tools) -> int:
        from aiwriter.commands import demo as example

        return await example.show_off(tools, as_json=as_json)

    _go(work, as_json=as_json)
