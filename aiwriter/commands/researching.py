"""`research`: what the sources of a topic speak of, ask and answer, and where they disagree; kept as a study."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge
from aiwriter.commands.progress import STAGE_WORDS
from aiwriter.commands.writing import check_places
from aiwriter.documents import Brief, KeptStudy, RunStatus, Stage, Study, StudyKind, disputes
from aiwriter.errors import BadInput, Conflict
from aiwriter.ports import Paging, StudyFilter
from aiwriter.services import studies, study_sweeping
from aiwriter.text.counted import counted

KEYWORDS_SHOWN = 12
SENTENCE_SHOWN = 160
MOST_LISTED = 100


async def look_into(tools: Tools, brief: Brief, out: Path | None, *, as_json: bool) -> int:
    """Read the sources, keep what is in them and tell it; `out` is where its report goes.

    Raises BadInput and Refused as research and evidence do: then the study is kept with the reason. A source that can
    be neither read nor searched is refused before.
    """
    target = writable(out)
    await check_places(tools, brief)
    asked = await studies.ask(tools.database, tools.principal, brief, in_hand=True)
    return _told(tools, await _carried(tools, asked, as_json=as_json), target, as_json=as_json)


async def resume(tools: Tools, prefix: str, out: Path | None, *, as_json: bool) -> int:
    """Carry out a kept study that was interrupted or failed, from its beginning. Raises like `look_into`, and Conflict
    when it has ended or another process works on it."""
    target = writable(out)
    asked = await studies.find(tools.database, tools.principal, prefix)
    return _told(tools, await _carried(tools, asked, as_json=as_json), target, as_json=as_json)


async def _carried(tools: Tools, asked: KeptStudy, *, as_json: bool) -> KeptStudy:
    async def progress(stage: Stage, done: int, total: int, what: str) -> None:
        if as_json:
            console.tell(json.dumps(_event(stage, done, total, what)))
        else:
            said = f"read {done} of {total}: {what}" if stage is Stage.RESEARCH else STAGE_WORDS[stage]
            console.tell(said)

    edge.at_interrupt[:] = [f"go on with: aiwriter research --resume {asked.id}"]
    try:
        # When it is interrupted here, nobody else is to go on with it.
        return await studies.carry(tools.database, tools.principal, asked.id, tools.desk(), progress, for_good=True)
    except Conflict:
        edge.at_interrupt.clear()  # it has ended, or is in other hands
        raise


def _event(stage: Stage, done: int, total: int, what: str) -> dict[str, Any]:
    """The same as a run's events tell it."""
    if stage is Stage.RESEARCH:
        return {"kind": "stage.progress", "stage": stage, "done": done, "total": total, "what": what}
    return {"kind": "stage.started", "stage": stage}


async def show(tools: Tools, prefix: str, out: Path | None, *, as_json: bool) -> int:
    """Tell of a study that is kept. Raises NotFound, and BadInput when it is not done."""
    target = writable(out)
    found = await studies.find(tools.database, tools.principal, prefix)
    if found.study is None:
        raise _not_done(found)
    return _told(tools, found, target, as_json=as_json)


def _not_done(found: KeptStudy) -> BadInput:
    if found.status in studies.UNDER_WAY:
        return BadInput(f"study {found.id} is {found.status}, not done", hint="Ask again later.")
    said = f"study {found.id} {'has' if found.status is RunStatus.FAILED else 'was'} {found.status}: {found.reason}"
    if found.status is RunStatus.FAILED:
        return BadInput(said, hint=f"`aiwriter research --resume {found.id}` runs it again.")
    return BadInput(said, hint="Try another topic, other sources or limits: aiwriter research.")


async def kept(tools: Tools, words: str | None, *, as_json: bool) -> int:
    """List the studies that are kept, newest first, those whose topic has the words. What a process that has died left
    behind is queued again, for whoever takes it up."""
    await study_sweeping.reclaim(tools.database, tools.principal, tools.clock)
    wanted = StudyFilter(words=words, kind=(StudyKind.TOPIC,))
    page = await studies.page(tools.database, tools.principal, wanted, Paging(limit=MOST_LISTED))
    if as_json:
        console.give([one.model_dump(mode="json") for one in page.items])
        return 0
    for one in page.items:
        done = one.status is RunStatus.DONE
        came_to = f"{one.answered} of {one.questions} answered" if done else _short(one.reason or "")
        console.say(f"{str(one.id)[:13]}  {one.created_at:%Y-%m-%d}  {one.status:<8}  {_short(one.topic)}  {came_to}")
    if not page.items:
        console.say("no studies")
    return 0


async def cancel(tools: Tools, prefix: str, *, as_json: bool) -> int:
    """End a study that is queued or running, wherever it is. Raises NotFound, Conflict when it has ended already."""
    found = await studies.find(tools.database, tools.principal, prefix)
    ended = await studies.cancel(tools.database, tools.principal, found.id)
    if as_json:
        console.give({"cancelled": str(ended.id)})
    else:
        console.say(f"cancelled the study {ended.id}: {_short(ended.topic)}")
    return 0


async def remove(tools: Tools, prefix: str, *, as_json: bool) -> int:
    """Forget a study. Raises NotFound, or BadInput when several are meant."""
    found = await studies.find(tools.database, tools.principal, prefix)
    await studies.remove(tools.database, tools.principal, found.id)
    if as_json:
        console.give({"removed": str(found.id)})
    else:
        console.say(f"removed the study {found.id}: {_short(found.topic)}")
    return 0


def writable(out: Path | None) -> Path | None:
    """Where a report goes. Raises BadInput when it cannot, before work begins."""
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise BadInput(f"the report cannot be written to {str(out)!r}", hint="Give a file in an existing folder.")
    return out


def _told(tools: Tools, found: KeptStudy, out: Path | None, *, as_json: bool) -> int:
    assert found.study is not None
    if out is not None:
        out.write_text(tools.report(found), encoding="utf-8")
    if as_json:
        console.give({"id": str(found.id), "report": str(out.absolute()) if out else None, **as_data(found.study)})
        return 0
    for line in in_words(found.study):
        console.say(line)
    console.say("")
    console.say(f"Kept as study {found.id}" + (f"; its report is {out.absolute()}" if out else ""))
    return 0


def as_data(found: Study) -> dict[str, Any]:
    """The study, with each answer in a word, and who tells what in each dispute, beside the pairs that disagree."""
    data = found.model_dump(mode="json")
    for row, coverage in zip(data["evidence"]["coverage"], found.evidence.coverage, strict=True):
        row["answer"] = coverage.answer
    data["evidence"]["disputes"] = [[asdict(party) for party in one] for one in disputes(found.evidence.disagreements)]
    return data


def in_words(found: Study) -> list[str]:
    """The study for people: what is spoken of, what is answered by whom, where sources disagree, what was left out."""
    evidence = found.evidence
    titles = evidence.titles
    home = {item.passage.id: titles[item.passage.source_hash] for item in evidence.items}
    bulk = f"{counted(len(evidence.items), 'passage')} of {counted(len(evidence.sources), 'source')}"
    lines = [f"{found.topic}: {bulk}", *(["", "Spoken of"] if found.keywords else [])]
    lines += [f"  {one.phrase} ({one.times} times in {one.sources})" for one in found.keywords[:KEYWORDS_SHOWN]]
    lines += ["", "Asked and answered"]
    for row in evidence.coverage:
        where = "; ".join(dict.fromkeys(home[key] for key in row.passages)) or "no passage"
        lines.append(f"  {row.answer:<9} {row.confidence:4.0%}  {row.question}  [{where}]")
    if evidence.disagreements:
        lines += ["", "Disagreements"]
    for parties in disputes(evidence.disagreements):
        for party in parties:
            told_by = "; ".join(dict.fromkeys(home[key] for key in party.passages))
            lines.append(f"  “{party.says}” in {told_by}: {_short(party.sentence)}")
        lines.append("")
    lines += ["", "Sources"]
    for source in evidence.sources:
        day = f"{source.published_at:%Y-%m-%d}" if source.published_at else "no date"
        lines.append(f"  {day:<10}  {source.title}  {source.location}")
    lines += [f"searched: {said}" for said in console.searched(found.searches)]
    lines += [f"note: {note}" for note in found.notes]
    return lines + [f"not used: {problem.said}" for problem in found.problems]


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= SENTENCE_SHOWN else f"{sentence[: SENTENCE_SHOWN - 1]}…"
