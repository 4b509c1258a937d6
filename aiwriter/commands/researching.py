"""`research`: what the sources of a topic speak of, ask and answer, and where they disagree; nothing is written."""

from __future__ import annotations

from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import Brief, Study
from aiwriter.pipeline import research
from aiwriter.pipeline.study import study

KEYWORDS_SHOWN = 12
SENTENCE_SHOWN = 160


async def look_into(tools: Tools, brief: Brief, *, as_json: bool) -> int:
    """Read the sources and tell what is in them. Raises BadInput and Refused as research and evidence do."""

    async def progress(done: int, total: int, location: str) -> None:
        if not as_json:
            console.tell(f"read {done} of {total}: {location}")

    sources = await research.gather(brief, tools.reader(), progress, tools.engines)
    if not as_json:
        console.tell("choosing the evidence")
    found = await study(brief, sources, tools.chunk, tools.embedder(tools.settings.embedder))
    if as_json:
        console.give(as_data(found))
    else:
        for line in in_words(found):
            console.say(line)
    return 0


def as_data(found: Study) -> dict[str, Any]:
    """The study, with each answer in a word."""
    data = found.model_dump(mode="json")
    for row, coverage in zip(data["evidence"]["coverage"], found.evidence.coverage, strict=True):
        row["answer"] = coverage.answer
    return data


def in_words(found: Study) -> list[str]:
    """The study for people: what is spoken of, what is answered by whom, where sources disagree, what was left out."""
    evidence = found.evidence
    titles = {source.content_hash: source.title for source in evidence.sources}
    home = {item.passage.id: titles[item.passage.source_hash] for item in evidence.items}
    lines = [f"{found.topic}: {len(evidence.items)} passages of {len(evidence.sources)} sources", "", "Spoken of"]
    lines += [f"  {one.phrase} ({one.times} times in {one.sources})" for one in found.keywords[:KEYWORDS_SHOWN]]
    lines += ["", "Asked and answered"]
    for row in evidence.coverage:
        where = "; ".join(dict.fromkeys(home[key] for key in row.passages)) or "no passage"
        lines.append(f"  {row.answer:<9} {row.confidence:4.0%}  {row.question}  [{where}]")
    if evidence.disagreements:
        lines += ["", "Disagreements"]
    for one in evidence.disagreements:
        lines += [
            f"  “{one.one_says}” in {home[one.one]}: {_short(one.one_sentence)}",
            f"  “{one.other_says}” in {home[one.other]}: {_short(one.other_sentence)}",
            "",
        ]
    lines += ["", "Sources"]
    for source in evidence.sources:
        day = f"{source.published_at:%Y-%m-%d}" if source.published_at else "no date"
        lines.append(f"  {day:<10}  {source.title}  {source.location}")
    lines += [f"note: {note}" for note in evidence.notes]
    return lines + [f"not used: {problem.location}: {problem.reason}" for problem in found.problems]


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= SENTENCE_SHOWN else f"{sentence[: SENTENCE_SHOWN - 1]}…"
