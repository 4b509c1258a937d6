"""`demo`: the example article, written here and now, and what the checks catch in a copy that was tampered with."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aiwriter import checkout
from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge, writing
from aiwriter.commands.progress import Progress
from aiwriter.documents import Article, Draft, Evidence, Finding, RunStatus, Section, Sentence
from aiwriter.errors import BadInput
from aiwriter.llm.endpoints import find_endpoints
from aiwriter.pipeline import formats, quality
from aiwriter.services import articles, editing, runs

BRIEF = "examples/briefs/demo.toml"
_NUMBER = re.compile(r"(?<![\w.,:-])(?!(?:19|20)\d\d\b)\d[\d,]*(?:\.\d+)?(?![\w:-])")


async def show_off(tools: Tools, *, as_json: bool) -> int:
    """Write from examples/, then show that one wrong number and one swapped citation are found; the exit code."""
    file = checkout.root_folder() / BRIEF
    if not file.exists():
        raise BadInput(
            f"the example brief {str(file)!r} is not here", hint="Run the demo from a checkout of the project."
        )
    run = await _run(tools, as_json=as_json, brief=file)
    result = await writing.result_of(tools, run)
    if run.status is not RunStatus.DONE:
        return await writing.finish(tools, run, as_json=as_json)
    article = await articles.find(tools.database, tools.principal, result["article_id"])
    caught = await tampering_caught(tools, article)
    if as_json:
        console.give(result | {"tampering": caught})
    else:
        console.say("\n" + console.run_report(result))
        _show_tampering(caught)
        await _next_commands()
    return 0 if all(case["caught"] for case in caught) else 1


async def _run(tools: Tools, *, as_json: bool, brief: Any) -> Any:
    asked = writing.brief_from(brief, {})
    run = await runs.ask(
        tools.database,
        tools.principal,
        asked,
        model=tools.settings.model,
        embedder=tools.settings.embedder,
        budget_usd=tools.settings.budget_usd,
    )
    if not as_json:
        console.tell(f"writing {asked.topic!r} from {checkout.root_folder() / 'examples' / 'sources'}")
        for line in tools.announcements(run.model):
            console.tell(line)
    progress = Progress(as_json=as_json)
    return await writing.followed(tools, run, progress)


# ── tampering ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def tampering_caught(tools: Tools, article: Article) -> list[dict[str, Any]]:
    """Change one number and swap one citation in copies of the article; what the checks say of each sentence."""
    evidence = await editing.evidence_of(tools.database, tools.principal, article)
    cases = []
    for name, change in (("a wrong number", wrong_number), ("a swapped citation", swapped_citation)):
        before, after = change(article, evidence)
        findings = await asyncio.to_thread(_judged, article, after, evidence)
        cases.append(
            {
                "case": name,
                "before": before.text,
                "after": after.text,
                "cites": list(after.citations),
                "caught": any(finding.severity == "error" for finding in findings),
                "findings": [{"rule": finding.rule, "message": finding.message} for finding in findings],
            }
        )
    return cases


def wrong_number(article: Article, _evidence: Evidence) -> tuple[Sentence, Sentence]:
    """The first cited sentence with a number that is no year, and the same with its first digit changed."""
    for sentence in article.sentences:
        number = _NUMBER.search(sentence.text)
        if number and sentence.citations:
            start = number.start()
            digit = str(int(sentence.text[start]) % 9 + 1)
            return sentence, sentence.model_copy(
                update={"text": sentence.text[:start] + digit + sentence.text[start + 1 :]}
            )
    raise BadInput("no sentence of the article holds a number", hint="Choose another brief for the demo.")


def swapped_citation(article: Article, evidence: Evidence) -> tuple[Sentence, Sentence]:
    """The last cited sentence, and the same citing a passage of another source instead."""
    sentence = next(sentence for sentence in reversed(article.sentences) if sentence.citations)
    own = {passage.source_hash for passage in article.passages if passage.id in sentence.citations}
    said = set(sentence.text.lower().split())
    others = [item.passage for item in evidence.items if item.passage.source_hash not in own]
    if not others:
        raise BadInput("the article has a single source", hint="Choose another brief for the demo.")
    foreign = min(others, key=lambda passage: len(said & set(passage.text.lower().split())))
    return sentence, sentence.model_copy(update={"citations": (foreign.id,)})


def _judged(article: Article, changed: Sentence, evidence: Evidence) -> list[Finding]:
    sections = tuple(_with(section, changed) for section in article.sections)
    draft = Draft(kind=article.kind, title=article.title, description=article.description, sections=sections)
    report = quality.judge(draft, evidence, article.brief, formats.load(article.brief.format))
    return [finding for finding in report.findings if finding.sentence_id == changed.id]


def _with(section: Section, changed: Sentence) -> Section:
    paragraphs = tuple(
        paragraph.model_copy(
            update={"sentences": tuple(changed if known.id == changed.id else known for known in paragraph.sentences)}
        )
        for paragraph in section.paragraphs
    )
    return section.model_copy(update={"paragraphs": paragraphs})


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _show_tampering(cases: list[dict[str, Any]]) -> None:
    console.say("\nTwo tampered copies of this article, and what the checks say:")
    for case in cases:
        console.say(f"\n  {case['case']}: {'caught' if case['caught'] else 'NOT CAUGHT'}")
        console.say(f"    was  {case['before']}")
        said = case["after"] if case["after"] != case["before"] else "(the same sentence, citing another source)"
        console.say(f"    now  {said}")
        for finding in case["findings"]:
            console.say(f"    {finding['rule']}: {finding['message']}")


async def _next_commands() -> None:
    endpoints = await find_endpoints()
    console.say("\nNext:")
    console.say('  your own folder    aiwriter write "TOPIC" --source FOLDER')
    if endpoints:
        first = endpoints[0]
        name = first.models[0] if first.models else "NAME"
        console.say(f"  a real model       AIWRITER_OPENAI__BASE_URL={first.base_url} \\")
        console.say(f'                       aiwriter write "TOPIC" --source FOLDER --model openai:{name}')
        console.say(f"                     ({first.server} answers there)")
    else:
        console.say(
            '  a real model       OPENAI_API_KEY=… aiwriter write "TOPIC" --source FOLDER --model openai:gpt-5-mini'
        )
        console.say("                     (no model server answers on this machine's usual ports; see aiwriter doctor)")
    console.say("  all commands       aiwriter --help")
    edge.at_interrupt.clear()
