"""A study as one self-contained HTML page: questions and what answers them, disagreements, keywords, sources by date.

Nothing is loaded from elsewhere and no script is in it: figures are bars and dots of inline SVG beside their numbers,
so that the page is read without a plotting library, printed, and kept for years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from aiwriter.documents import Brief, EvidenceItem, KeptStudy, Party, SourceRef, Study, disputes
from aiwriter.publishing import pages
from aiwriter.publishing.citing import day, one_line, particulars, web_link
from aiwriter.text.languages import direction
from aiwriter.text.visible import visible

_LABELS = {"answered": "Answered", "partly": "Partly", "missing": "Missing"}
_MARGIN = 4.0  # percent of a timeline to each side of its first and last dot


def render(kept: KeptStudy) -> str:
    """The whole page of a study that is done; equal studies give equal pages."""
    if kept.study is None:
        raise ValueError(f"study {kept.id} is not done")
    style = "\n".join(pages.asset(name) for name in ("page.css", "study.css"))
    report = _Report(kept.study, kept.brief)
    template, policy = pages.template("study.html"), pages.policy(style)
    written = direction(kept.brief.language)
    return template.render(kept=kept, study=kept.study, report=report, style=style, policy=policy, direction=written)


@dataclass(frozen=True)
class _Shown:
    """A source as the page shows it; `link` is its location for following, if safe."""

    number: int
    title: str
    facts: list[str]
    retrieved: str
    place: str
    link: str | None


@dataclass(frozen=True)
class _Quoted:
    """A passage, under the name by which rows of the table refer to it."""

    key: str
    name: str
    source: _Shown
    headings: list[str]
    text: str


@dataclass(frozen=True)
class _Row:
    question: str
    answer: str
    label: str
    percent: int
    passages: list[_Quoted]


@dataclass(frozen=True)
class _Side:
    """What some sources say in a disagreement: the words before, of and after the figure, of the first of them."""

    sources: list[_Shown]
    before: str
    figure: str
    after: str


@dataclass(frozen=True)
class _Dot:
    """A dated source on the timeline, at so many percent of its width; in a lane, so that no dot hides another."""

    at: str
    lane: int
    said: str


class _Report:
    """Everything the template shows that is not simply a field of the study."""

    def __init__(self, study: Study, brief: Brief) -> None:
        evidence = study.evidence
        self.sources = [_shown(number, source) for number, source in enumerate(evidence.sources, 1)]
        of_hash = {ref.content_hash: shown for ref, shown in zip(evidence.sources, self.sources, strict=True)}
        used = dict.fromkeys(key for row in evidence.coverage for key in row.passages)
        items = {item.passage.id: item for item in evidence.items}
        quoted = [
            _quoted(f"P{n}", items[key], of_hash) for n, key in enumerate((key for key in used if key in items), 1)
        ]
        self.passages = {one.key: one for one in quoted}
        self.rows = [
            _Row(
                question=one_line(row.question),
                answer=row.answer,
                label=_LABELS[row.answer],
                percent=round(row.confidence * 100),
                passages=[self.passages[key] for key in row.passages if key in self.passages],
            )
            for row in evidence.coverage
        ]
        self.counts = {answer: sum(row.answer == answer for row in self.rows) for answer in _LABELS}
        self.missing = [row.question for row in self.rows if row.answer == "missing"]
        there = [one for one in evidence.disagreements if {one.one, one.other} <= items.keys()]
        self.disagreements = [[_side(party, items, of_hash) for party in one] for one in disputes(there)]
        self.uncompared = [one_line(note) for note in evidence.notes if note.startswith(evidence.NOT_COMPARED)]
        self.heaviest = max((keyword.weight for keyword in study.keywords), default=1.0) or 1.0
        self.dots = _timeline(evidence.sources)
        self.undated = sum(source.published_at is None for source in evidence.sources)
        dated = sorted(source.published_at for source in evidence.sources if source.published_at)
        self.span = (day(dated[0]), day(dated[-1])) if dated else ("", "")
        asked = {row.question for row in self.rows}
        self.left_out = [
            _without_folders(line, brief) for line in (*study.notes, *(one.said for one in study.problems))
        ]
        self.also_asked = [line for line in map(one_line, study.questions) if line not in asked]


def _without_folders(line: str, brief: Brief) -> str:
    """The line without the folders that the brief's files lie in: no export tells where a user keeps them."""
    for place in brief.sources:
        folder = str(PurePath(place).parent)
        if "://" not in place and len(folder) > 1:
            line = line.replace(f"{folder}/", "")
    return one_line(line)


def _shown(number: int, source: SourceRef) -> _Shown:
    return _Shown(
        number=number,
        title=one_line(source.title) or "Untitled",
        facts=particulars(source) if source.published_at else [*particulars(source), "no date"],
        retrieved=day(source.retrieved_at),
        place=one_line(source.location),
        link=web_link(source.location),
    )


def _quoted(name: str, item: EvidenceItem, of_hash: dict[str, _Shown]) -> _Quoted:
    source = of_hash[item.passage.source_hash]
    headings = [line for line in map(one_line, item.passage.headings) if line and line != source.title]
    return _Quoted(item.passage.id, name, source, headings, visible(item.passage.text))


def _side(party: Party, items: dict[str, EvidenceItem], of_hash: dict[str, _Shown]) -> _Side:
    before, found, after = party.sentence.partition(party.says)
    sources = dict.fromkeys(items[key].passage.source_hash for key in party.passages)
    return _Side([of_hash[one] for one in sources], visible(before), visible(found), visible(after))


def _timeline(sources: Sequence[SourceRef]) -> list[_Dot]:
    """The dated sources between the first and the last; none when all are of one moment."""
    dated = [(source.published_at, number) for number, source in enumerate(sources, 1) if source.published_at]
    if not dated:
        return []
    first, last = min(dated)[0], max(dated)[0]
    if first == last:
        return []
    lanes: list[float] = []  # where the last dot of each lane stands
    dots = []
    for moment, number in sorted(dated):
        at = _place(moment, first, last)
        lane = next((n for n, end in enumerate(lanes) if at - end >= 2.5), len(lanes))
        lanes[lane : lane + 1] = [at]
        dots.append(_Dot(f"{at:.2f}%", lane, f"{number}: {one_line(sources[number - 1].title)}, {day(moment)}"))
    return dots


def _place(moment: datetime, first: datetime, last: datetime) -> float:
    return _MARGIN + (100 - 2 * _MARGIN) * ((moment - first) / (last - first))
