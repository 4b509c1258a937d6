"""What the command line says: lines for people, the JSON of a command, and the report of a run at its end.

People get words on standard output and progress (`progress.py`) on standard error; `--json` gives one JSON object on
standard output and progress as JSON lines on standard error.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TextIO
from uuid import UUID

from aiwriter.documents import (
    Answered,
    Article,
    ArticleKind,
    ArticleStatus,
    Mending,
    Run,
    RunFacts,
    RunStatus,
    SearchRecord,
    SourceProblem,
    Support,
)
from aiwriter.text.counted import counted

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")  # between two columns
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # Unicode's Cc but for tab and line end


def printable(text: str) -> str:
    """Text that cannot steer a terminal: control characters (but line ends and tabs) become visible."""
    return _STEERING.sub(lambda mark: repr(mark[0])[1:-1], text)


def say(text: str = "") -> None:
    """Lines for people on standard output."""
    _put(text, sys.stdout)


def tell(text: str) -> None:
    """Lines beside the result: progress, warnings and errors, on standard error."""
    _put(text, sys.stderr)
    sys.stderr.flush()


def _put(text: str, to: TextIO) -> None:
    text = printable(text)
    to.write((fitted(text, shutil.get_terminal_size().columns) if to.isatty() else text) + "\n")


def fitted(text: str, width: int) -> str:
    """Lines broken between words at the width of a terminal; what runs on stands under the beginning of its column.
    What is to be copied (a command, an address, a path) is never broken."""
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    if len(line) <= width or line.lstrip().startswith("aiwriter "):
        return line
    columns = [gap.end() for gap in _GAP.finditer(line) if gap.end() <= width // 2]
    under = columns[-1] if columns else len(line) - len(line.lstrip()) + 2
    return textwrap.fill(
        line, width, subsequent_indent=" " * under, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )


def give(result: Mapping[str, Any] | Sequence[Any]) -> None:
    """The one JSON value of a command on standard output."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")


# ── the report of a run ──────────────────────────────────────────────────────────────────────────────────────────────


def run_result(
    run: Run,
    article: Article | None,
    facts: RunFacts | None,
    paths: Mapping[str, str],
    problems: Iterable[SourceProblem],
    searches: Iterable[SearchRecord] = (),
    answered: Iterable[Answered] = (),
) -> dict[str, Any]:
    """The JSON object of a run: the same facts that `run_report` tells people."""
    result: dict[str, Any] = {
        "run_id": str(run.id),
        "status": run.status,
        "model": run.model,
        "reason": run.reason,
        "article_id": str(article.id) if article else None,
        "paths": dict(paths),
        "problems": [problem.model_dump() for problem in problems],
        "searches": [search.model_dump() for search in searches],
        "answered": [one.model_dump(mode="json") for one in answered],
        "cost_usd": money(facts.cost_usd) if facts else None,
        "estimated_usd": money(facts.estimated_usd) if facts and facts.estimated_usd is not None else None,
        "model_calls": facts.model_calls if facts else None,
        "unknown_calls": facts.unknown_calls if facts else None,
        "unknown_usd": money(facts.unknown_usd) if facts else None,
        "seconds": round(facts.seconds, 3) if facts else None,
        "seconds_by_stage": {stage: round(value, 3) for stage, value in facts.seconds_by_stage.items()}
        if facts
        else {},
    }
    if run.status is RunStatus.FAILED:
        result["resume"] = f"aiwriter resume {run.id}"
    if run.status is RunStatus.WAITING:
        result["approve"] = f"aiwriter approve {run.id}"
    return result | (_article_result(article) if article else {})


def _article_result(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "slug": article.slug,
        "kind": article.kind,
        "written_by": article.provenance.model,
        "version": article.version,
        "article_status": article.status,
        "may_be_approved": article.status is ArticleStatus.NEEDS_APPROVAL and not article.quality.open_errors,
        "counts": counts(article),
        "score": round(article.quality.score, 1),
        "scores": {part.name: round(part.score, 1) for part in article.quality.parts},
        "verdict": article.quality.verdict,
        "reasons": list(article.quality.reasons),
        "coverage": [{**row.model_dump(mode="json"), "answer": row.answer} for row in article.coverage],
        "mending": _mending_result(article.mending) if article.mending else None,
        "notes": list(article.notes),
    }


def counts(article: Article) -> dict[str, int]:
    """Words, sentences, citations (sentence → passage), cited sources and passages, findings, removed sentences."""
    return {
        "words": article.words,
        "sentences": len(article.sentences),
        "citations": sum(len(sentence.citations) for sentence in article.sentences),
        "sources": len(article.sources),
        "passages": len(article.passages),
        "findings": len(article.quality.findings),
        "removed": len(article.removed),
        "unsure": sum(verdict.support is Support.UNSURE for verdict in article.quality.sentences),
    }


def _mending_result(mending: Mending) -> dict[str, Any]:
    moved = sum(one.before == one.after for one in mending.rewrites)
    return {
        "rewritten": len(mending.rewrites) - moved,
        "cited_anew": moved,
        "calls": mending.calls,
        "opinions": mending.opinions,
        "score_before": round(mending.score_before, 1),
        "score_after": round(mending.score_after, 1),
    }


def _asked(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was asked of the sources beside the topic itself, and how far they answer it."""
    asked: list[dict[str, Any]] = result.get("coverage", [])
    return asked[1:]


def run_report(result: Mapping[str, Any]) -> str:
    """The end of a run for people."""
    lines = _heading(result) + _figures(result)
    lines += [f"  searched   {said}" for said in searched(SearchRecord(**one) for one in result["searches"])]
    lines += [f"  not used   {problem['location']}: {problem['reason']}" for problem in result["problems"]]
    lines += [f"  earlier    {_before(one)}" for one in result.get("answered", [])]
    lines += [f"  {row['answer']:<10} {row['question']}" for row in _asked(result)]
    lines += [f"  note       {note}" for note in result.get("notes", [])]
    names = {"markdown": "Markdown", "html": "page", "json": "provenance", "report": "report"}
    lines += [f"  {names.get(form, form):<10} {path}" for form, path in result["paths"].items()]
    if "resume" in result:
        lines += ["", "Nothing is lost. Continue with:", f"  {result['resume']}"]
    if "approve" in result:
        lines += ["", "The outline waits for your approval. Edit it first, or approve it as it is:"]
        lines += [f"  {result['approve']} --to outline.json", f"  {result['approve']}"]
    if result.get("may_be_approved"):
        lines += ["", "Read it. If it may be published as it is:", f"  aiwriter approve {result['article_id']}"]
    return "\n".join(lines)


def answered(one: Answered) -> str:
    """That an article of ours answers a topic already, and where it is."""
    where = f"{one.created_at:%Y-%m-%d}, {one.location}, aiwriter show {str(one.article_id)[:13]}"
    return f"a stored article seems to answer this already: “{one.title}” ({where}; likeness {one.likeness:.0%})"


def _before(one: Mapping[str, Any]) -> str:
    return f"“{one['title']}” seems to answer the topic already: aiwriter show {one['article_id'][:13]}"


def _heading(result: Mapping[str, Any]) -> list[str]:
    lines = [f"{RunStatus(result['status']).capitalize()}: {result.get('title') or 'no article'}"]
    if result.get("kind") == ArticleKind.DIGEST:
        lines.append("  A digest of quotations, without a language model; a person must approve it before publication.")
    reasons = result.get("reasons") or [result["reason"]]
    lines += [f"  because    {reason}" for reason in reasons if reason]
    return lines


def searched(searches: Iterable[SearchRecord]) -> list[str]:
    """Who was asked for what, and what came of it; why an engine gave no answer once."""
    asked: dict[tuple[str, str, str], int] = {}
    for one in searches:
        first = next((key for key in asked if one.error and (key[0], key[2]) == (one.engine, one.error)), None)
        key = first or (one.engine, one.query, one.outcome)
        asked[key] = asked.get(key, 0) + 1
    return [
        f"{engine}, {query!r}{f' and {times - 1} more' if times > 1 else ''}: {outcome}"
        for (engine, query, outcome), times in asked.items()
    ]


def _figures(result: Mapping[str, Any]) -> list[str]:
    lines = [f"  run        {result['run_id']}"]
    if result["article_id"]:
        number = result["counts"]
        parts = " · ".join(f"{name} {score:.0f}" for name, score in result["scores"].items())
        lines += [
            f"  article    {result['article_id']}  (version {result['version']}, {words(result['article_status'])})",
            f"  length     {counted(number['words'], 'word')} in {counted(number['sentences'], 'sentence')}",
            f"  grounding  {counted(number['citations'], 'citation')}: {counted(number['passages'], 'passage')}, "
            f"{counted(number['sources'], 'source')}",
            f"  score      {result['score']:.0f} of 100: {parts}",
        ]
        if result["written_by"] != result["model"]:  # of a list those that answered, or what a small budget allowed
            lines.append(f"  written by {result['written_by']}; asked for was {result['model']}")
        lines += _marked(number, result["mending"])
        if number["removed"]:
            lines.append(f"  removed    {counted(number['removed'], 'sentence')} that the sources do not support")
    if result["cost_usd"] is not None:
        reckoned = result["estimated_usd"]
        said = f"; ${reckoned} was estimated" if Decimal(reckoned or 0) else ""
        calls = f" in {counted(number, 'model call')}" if (number := result["model_calls"]) else ""
        lines.append(f"  cost       ${result['cost_usd']}{calls}{said}")
        if number := result["unknown_calls"]:
            calls, bound = counted(number, "call"), result["unknown_usd"]
            lines.append(
                f"  unknown    ${bound} of it is an upper bound for {calls} that may not have been billed"
                if Decimal(bound)
                else f"  unknown    {calls} cut off before an answer came, at no price"
            )
        stages = " · ".join(f"{stage} {value:.1f}" for stage, value in result["seconds_by_stage"].items())
        lines.append(f"  seconds    {result['seconds']:.1f}: {stages}")
    return lines


def _marked(number: Mapping[str, int], mending: Mapping[str, Any] | None) -> list[str]:
    """What was mended, and what stays marked."""
    lines = []
    if mending:
        done = f"{counted(mending['rewritten'], 'sentence')} rewritten in {counted(mending['calls'], 'call')}"
        gained = f"score {mending['score_before']:.0f} → {mending['score_after']:.0f}"
        lines.append(f"  rewriting  {done}, {mending['cited_anew']} cited anew; {gained}")
    if number["unsure"]:
        lines.append(
            f"  unsure     {counted(number['unsure'], 'sentence')} marked as unsure: the checks could not confirm them"
        )
    return lines


def words(status: str) -> str:
    """A status as people read it: needs approval."""
    return status.replace("_", " ")


def money(amount: Decimal) -> str:
    return f"{amount:.4f}"


def beginnings(ids: Iterable[UUID]) -> list[str]:
    """Each id as far as it takes to tell it from the others, at least the moment that it begins with."""
    whole = [str(one) for one in ids]
    enough = next(n for n in (13, 18, 23, 36) if len({one[:n] for one in whole}) == len(set(whole)))
    return [one[:enough] for one in whole]


def table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> str:
    """Columns as wide as their widest cell; the last one may run on."""
    everything = [list(header), *[[" ".join(str(cell).split()) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in everything) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in everything
    ]
    return "\n".join(lines)
