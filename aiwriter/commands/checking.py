"""`check`: a text that anybody wrote, or an exported article of ours, held against sources."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, writing
from aiwriter.documents import (
    NOT_JUDGED,
    Article,
    Brief,
    CheckAsked,
    CheckedText,
    CheckResult,
    Severity,
    Support,
    Verdict,
)
from aiwriter.errors import BadInput, Refused, Unavailable
from aiwriter.pipeline import places
from aiwriter.publishing.report import VERDICTS, page
from aiwriter.services import checking
from aiwriter.text.counted import counted

SHOWN: Mapping[str, str] = {
    Support.SUPPORTED: "supported",
    Support.UNSURE: "unsure",
    Support.UNSUPPORTED: "NOT SUPPORTED",
}
STANDARD = Path("-")
SAY_MORE = "give a text with sentences that state figures, dates, names, causes or denials."


async def check(
    tools: Tools,
    file: Path | None,
    locations: list[str],
    report: Path | None = None,
    limits: Mapping[str, Any] | None = None,
    language: str | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Exit code 1 when a sentence is not supported or the verdict is "refuse", 3 when none was judged, else 0.

    `report` gets the page; `limits` (since, domains, without_domains) are a brief's, for what searches may find. Raises
    Unavailable (3) when there is nothing to check against."""
    if file is None:
        raise BadInput(
            "there is no text to check",
            hint="Give a file, - for standard input, or single claims with --claims.",
        )
    text = given_text(file, "Markdown or plain text with sentences to check")
    if not locations:
        raise BadInput("there are no sources to check against", hint="Give files, folders or pages with --source.")
    asked = CheckAsked(name=file.name, text=text, language=checking.asked_language(language))
    known = await checking.understood(asked)
    article = known.article
    given = {**checking.topic_of(asked, known), **(limits or {}), "sources": locations}
    brief = writing.brief_from(None, given, command="check").model_copy(update={"sources": tuple(locations)})
    checked = await _checked(tools, brief, asked, article, as_json=as_json)
    result = checked.result
    if report is not None:
        await asyncio.to_thread(_write, report, page(checked.reviewed))
    if as_json:
        written = {} if report is None else {"report": str(report)}
        console.give({"file": str(file), **result.model_dump(mode="json"), **written})
    else:
        _show(str(file), result, _OURS if article is not None else _THEIRS)
    if result.verdict == NOT_JUDGED:
        return 3
    return 1 if result.verdict is Verdict.REFUSE or result.counts.get(Support.UNSUPPORTED, 0) else 0


async def _checked(
    tools: Tools, brief: Brief, asked: CheckAsked, article: Article | None, *, as_json: bool
) -> CheckedText:
    desk = tools.desk()
    try:
        for place in brief.sources:
            await asyncio.to_thread(places.check, place, tools.finder, tools.engines)
        sources = await checking.gather(desk, brief, asked, article)
        if not as_json:
            for problem in sources.problems:
                console.tell(f"not used: {problem.said}")
        return await checking.examine(desk, asked, article, sources)
    except Refused as error:  # no judgement on the text, which exit code 1 would be
        raise Unavailable(str(error), hint=error.hint) from error


# Why sentences were not judged.
_THEIRS = "no figure, date, name, cause or denial, and no passage says otherwise"
_OURS = "no figure, date, name or cause, with no citation"


def _show(file: str, result: CheckResult, plain: str) -> None:
    for row in result.sentences:
        loud = [finding for finding in row.findings if finding.severity is not Severity.INFO]
        if loud or row.outcome in (Support.UNSUPPORTED, Support.UNSURE):
            console.say(f"{SHOWN.get(row.outcome, 'not judged')}: {row.text}")
            for finding in loud:
                console.say(f"    {finding.rule}: {finding.message}")
    for finding in result.findings:
        if finding.severity is not Severity.INFO:
            console.say(f"{finding.rule}: {finding.message}")
    for note in result.notes:
        console.say(f"note: {note}")
    _show_not_judged([row.text for row in result.sentences if row.outcome == NOT_JUDGED], plain)
    counts = result.counts
    told = [f"{counts[outcome]} {word.lower()}" for outcome, word in SHOWN.items() if outcome in counts]
    told += [f"{counts[NOT_JUDGED]} not judged"] if NOT_JUDGED in counts else []
    console.say(f"{file}: {', '.join(told)}; {counted(result.sources, 'source')}")
    if result.verdict == NOT_JUDGED:
        console.say(f"Nothing was judged, so the text does not pass: {SAY_MORE}")
        return
    console.say(f"{VERDICTS[result.verdict]}: score {result.score:.0f} of 100")
    for reason in result.reasons:
        console.say(f"  because    {reason}")


def _show_not_judged(texts: Sequence[str], plain: str) -> None:
    """What nobody should take for confirmed."""
    if texts:
        state = "was not judged: it states" if len(texts) == 1 else "were not judged: they state"
        console.say(f"{counted(len(texts), 'sentence')} {state} {plain}:")
        for text in texts:
            console.say(f"    {text}")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        hint = "Name a file in a folder where you may write."
        raise BadInput(f"the report {str(file)!r} cannot be written: {error.strerror}", hint=hint) from error


def given_text(file: Path, form: str) -> str:
    """What a file or, for "-", standard input holds, without a byte order mark. Raises BadInput when it cannot be read,
    is no UTF-8 or empty; `form` says what is expected."""
    name = "standard input" if file == STANDARD else repr(str(file))
    try:
        data = sys.stdin.buffer.read() if file == STANDARD else file.read_bytes()
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}", hint="Check the path.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not text in UTF-8: byte {error.start + 1}", hint=f"Give {form}.") from error
    if not text.strip():
        raise BadInput(f"{name} is empty", hint=f"Give {form}.")
    return text
