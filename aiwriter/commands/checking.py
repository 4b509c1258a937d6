"""`check`: a text that anybody wrote, or an exported article of ours, held against sources."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, writing
from aiwriter.documents import Article, Brief, Finding, Passage, QualityReport, Severity, Sources, Support, Verdict
from aiwriter.errors import BadInput, Refused, Unavailable
from aiwriter.pipeline import checking, formats, places, quality, research
from aiwriter.pipeline.quality import meaning
from aiwriter.publishing.report import VERDICTS, Reviewed, page
from aiwriter.services.archive import Writing
from aiwriter.text.counted import counted
from aiwriter.text.languages import language_code

SHOWN = {
    Support.SUPPORTED: "supported",
    Support.UNSURE: "unsure",
    Support.UNSUPPORTED: "NOT SUPPORTED",
}
STANDARD = Path("-")
NOT_JUDGED = "not_judged"  # an outcome of its own: nothing was asked of the sources, so there is no probability
NOTHING_JUDGED = "No sentence states what could be held against the sources."
SAY_MORE = "give a text with sentences that state figures, dates, names, causes or denials."
_SHORTEST_TOPIC, _LONGEST_TOPIC = 3, 200  # characters of a first line that is taken for a title
UNKNOWN_FORMAT = "blog_post"  # a stranger's text has no format of ours; its thresholds for support serve


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
    language = asked_language(language)
    known = checking.read_article(text)
    if known is not None and language is not None:
        raise BadInput("an exported article names its own language", hint="Leave out --language.")
    wanted = {**(limits or {}), **({"language": language} if language else {})}
    sources = await _gather(tools, _brief(file, text, known, locations, wanted), known)
    if not as_json:
        for problem in sources.problems:
            console.tell(f"not used: {problem.location}: {problem.reason}")
    reviewed = await (
        _text(tools, file.name, text, sources, language) if known is None else _article(tools, known, sources)
    )
    reviewed = _unless_unjudged(reviewed.concealed())
    result = _result(file, reviewed, sources)
    if report is not None:
        await asyncio.to_thread(_write, report, page(reviewed))
        result["report"] = str(report)
    if as_json:
        console.give(result)
    else:
        _show(result, _OURS if known is not None else _THEIRS)
    refused = reviewed.quality.verdict is Verdict.REFUSE
    if result["verdict"] == NOT_JUDGED:
        return 3
    return 1 if refused or result["counts"].get(Support.UNSUPPORTED, 0) else 0


def asked_language(tag: str | None) -> str | None:
    """A language as it was asked for, "de-AT" → "de". Raises BadInput when it is no tag of a language."""
    if tag is None:
        return None
    language = language_code(tag)
    if language is None:
        raise BadInput(f"{tag!r} is not a language code", hint="Give a code of two or three letters, such as en or de.")
    return language


def _brief(file: Path, text: str, article: Article | None, locations: list[str], limits: Mapping[str, Any]) -> Brief:
    """What searches without a query are planned from: the article's own topic, else what the text is called. Raises
    BadInput for a limit that cannot be used."""
    if article is not None:
        told = {"topic": article.brief.topic, "keywords": article.brief.keywords, "language": article.language}
    else:
        told = {"topic": _called(file, text)}
    brief = writing.brief_from(None, {**told, **limits, "sources": locations}, command="check")
    return brief.model_copy(update={"sources": tuple(locations)})


def _called(file: Path, text: str) -> str:
    first = next((line.strip("# \t") for line in text.splitlines() if line.strip("# \t")), file.stem)
    return first[:_LONGEST_TOPIC] if len(first) >= _SHORTEST_TOPIC else f"text {file.stem}"


async def _gather(tools: Tools, brief: Brief, article: Article | None) -> Sources:
    """Whatever a brief's sources may be; the archive is not asked for the article itself."""
    writing = Writing(article.provenance.run_id, article.id, brief.topic) if article else None
    engines = tools.engines_for(writing)
    for place in brief.sources:
        await asyncio.to_thread(places.check, place, tools.finder, engines)
    try:
        return await research.gather(brief, tools.reader(), None, engines)
    except Refused as error:  # no judgement on the text, which exit code 1 would be
        raise Unavailable(f"nothing was checked: {error}", hint=error.hint) from error


def _passages(tools: Tools, sources: Sources) -> list[Passage]:
    """Raises Unavailable when there is none."""
    found = [passage for source in sources.items for passage in tools.chunk(source)]
    if not found:
        said = f"nothing was checked: no passage of text is in the {counted(len(sources.items), 'source')}"
        raise Unavailable(said, hint="Give sources with running text, not only headings, links or pictures.")
    return found


async def _article(tools: Tools, article: Article, sources: Sources) -> Reviewed:
    words = meaning.knows_words(tools.word_embedder(tools.settings.embedder))
    evidence = await checking.beside_rivals(
        article,
        checking.article_evidence(article, sources.items),
        _passages(tools, sources),
        tools.embedder(tools.settings.embedder),
        words,
    )
    fmt = formats.load(article.brief.format)
    draft = await meaning.heard(checking.draft_of(article), evidence, article.brief, words)
    report = await asyncio.to_thread(quality.judge, draft, evidence, article.brief, fmt)
    return Reviewed.article(article.model_copy(update={"quality": report, "notes": evidence.notes}))


async def _text(tools: Tools, name: str, text: str, sources: Sources, language: str | None) -> Reviewed:
    passages = _passages(tools, sources)
    embedder = tools.embedder(tools.settings.embedder)
    words = meaning.knows_words(tools.word_embedder(tools.settings.embedder))
    fmt = formats.load(UNKNOWN_FORMAT)
    checked = await checking.check_text(text, passages, sources.items, embedder, fmt, language, words)
    return Reviewed.text(name, checked.draft, checked.evidence, checked.report, checked.language)


def _nothing_judged(report: QualityReport) -> bool:
    """Whether no sentence was held against the sources, in a text that is not refused for something else."""
    judged = any(verdict.support is not Support.NOT_NEEDED for verdict in report.sentences)
    return not judged and report.verdict is not Verdict.REFUSE


def _unless_unjudged(reviewed: Reviewed) -> Reviewed:
    """What was not judged does not pass, in a report either."""
    report = reviewed.quality
    if not _nothing_judged(report):
        return reviewed
    changed = {"verdict": Verdict.REVISE, "reasons": (NOTHING_JUDGED, *report.reasons)}
    return replace(reviewed, quality=report.model_copy(update=changed))


def _result(file: Path, reviewed: Reviewed, sources: Sources) -> dict[str, Any]:
    report = reviewed.quality
    verdicts = {verdict.sentence_id: verdict for verdict in report.sentences}
    rows = []
    for sentence in (sentence for section in reviewed.sections for sentence in section.sentences):
        verdict = verdicts.get(sentence.id)
        judged = verdict if verdict and verdict.support is not Support.NOT_NEEDED else None
        rows.append(
            {
                "text": sentence.text,
                "outcome": judged.support if judged else NOT_JUDGED,
                "probability": round(judged.probability, 3) if judged else None,
                "passages": list(sentence.citations),
                "findings": [_told(f) for f in report.findings if f.sentence_id == sentence.id],
            }
        )
    return {
        "file": str(file),
        "language": reviewed.language,
        "verdict": NOT_JUDGED if _nothing_judged(report) else report.verdict,
        "score": round(report.score, 1),
        "reasons": list(report.reasons),
        "counts": dict(Counter(row["outcome"] for row in rows)),
        "sentences": rows,
        "findings": [_told(finding) for finding in report.findings if finding.sentence_id is None],
        "notes": list(reviewed.notes),
        "sources": len(sources.items),
        "problems": [problem.model_dump() for problem in sources.problems],
    }


def _told(finding: Finding) -> dict[str, Any]:
    return finding.model_dump(mode="json", include={"rule", "severity", "message", "fix", "span"})


# Why sentences were not judged.
_THEIRS = "no figure, date, name, cause or denial, and no passage says otherwise"
_OURS = "no figure, date, name or cause, with no citation"


def _show(result: dict[str, Any], plain: str) -> None:
    for row in result["sentences"]:
        loud = [finding for finding in row["findings"] if finding["severity"] != Severity.INFO]
        if loud or row["outcome"] in (Support.UNSUPPORTED, Support.UNSURE):
            console.say(f"{SHOWN.get(row['outcome'], 'not judged')}: {row['text']}")
            for finding in loud:
                console.say(f"    {finding['rule']}: {finding['message']}")
    for finding in result["findings"]:
        if finding["severity"] != Severity.INFO:
            console.say(f"{finding['rule']}: {finding['message']}")
    for note in result["notes"]:
        console.say(f"note: {note}")
    _show_not_judged([row["text"] for row in result["sentences"] if row["outcome"] == NOT_JUDGED], plain)
    counts = result["counts"]
    told = [f"{counts[outcome]} {word.lower()}" for outcome, word in SHOWN.items() if outcome in counts]
    told += [f"{counts[NOT_JUDGED]} not judged"] if NOT_JUDGED in counts else []
    console.say(f"{result['file']}: {', '.join(told)}; {counted(result['sources'], 'source')}")
    if result["verdict"] == NOT_JUDGED:
        console.say(f"Nothing was judged, so the text does not pass: {SAY_MORE}")
        return
    console.say(f"{VERDICTS[result['verdict']]}: score {result['score']:.0f} of 100")
    for reason in result["reasons"]:
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
