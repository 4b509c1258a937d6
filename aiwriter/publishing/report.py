"""The reviewer's report as one page: the verdict and why, the score and what it does not mean, every sentence beside
its evidence.

It holds no script and loads nothing: its content security policy allows its own style, by hash, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from aiwriter.documents import (
    Article,
    Finding,
    Passage,
    QualityReport,
    Reviewed,
    Sentence,
    Severity,
    SourceRef,
    Support,
    Verdict,
)
from aiwriter.publishing import pages
from aiwriter.publishing.citing import SUPPORT_LABELS, Citing, day, one_line, particulars, pieces, web_link
from aiwriter.text.visible import visible

VERDICTS = {Verdict.PASS: "Passes", Verdict.REVISE: "Should be revised", Verdict.REFUSE: "Refused"}
MEASURES = {
    "citations": "factual sentences with a citation that leads somewhere",
    "support": "judged sentences that their passages support; an unsure one counts half",
    "quotations": "quotations that stand word for word in a cited passage",
    "contradictions": "contested figures that are told as contested: other sources give them otherwise",
    "language": "sentences that are not in another language than was asked for",
    "length": "how near the length is to what was asked for",
    "readability": "how easily the sentences read for this kind of text",
    "originality": "how little is copied outside quotations, or was said by an article of ours",
    "repetition": "sentences that tell something new",
    "coherence": "sentences and sections that belong where they stand",
    "openings": "sections without a defect that a reader stumbles over",
    "defects": "how seldom a reader stumbles over boilerplate, scraps, or what is off the topic",
    "phrases": "how rarely worn-out phrases come in clusters",
    "private": "nothing in it that is somebody's own: addresses, numbers, keys",
    "links": "it leads nowhere but to its sources",
    "style": "sentences and paragraphs of a length, and words, for its readers",
    "seo": "title, description and headings as search engines show them",
    "voice": "how near its words are to the voice that was given",
    "structure": "parts and sections that the format asks for",
}
_LABELS = SUPPORT_LABELS | {Support.NOT_NEEDED: "not judged"}
_SIGNS = {
    Support.SUPPORTED: "✓",
    Support.VOUCHED: "†",
    Support.UNSURE: "?",
    Support.UNSUPPORTED: "✗",
    Support.NOT_NEEDED: "·",
}
_SEVERITIES = {Severity.ERROR: "Error", Severity.WARN: "Warning", Severity.INFO: "Note"}
_AROUND = 220  # characters of a passage shown on either side of the span that supports the sentence


def render(article: Article) -> str:
    """The report on an article; equal articles give equal reports."""
    return page(Reviewed.article(article))


def page(reviewed: Reviewed) -> str:
    """The whole page; secrets of the text are not legible in it."""
    reviewed = reviewed.concealed()
    style = pages.asset("report.css")
    shown = pages.template("report.html")
    return shown.render(it=reviewed, view=_View(reviewed), style=style, policy=pages.policy(style))


@dataclass(frozen=True)
class _Shown:
    """A passage beside a sentence: its source, and the words before, in and after the span that supports it best."""

    number: int | None
    title: str
    link: str | None
    facts: str
    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class _Row:
    """A sentence and what is beside it; `next` is the next sentence that needs a look, if this one does."""

    key: str
    text: str
    support: str
    sign: str
    label: str
    percent: int | None
    passages: list[_Shown]
    findings: list[Finding]
    next: str | None


@dataclass(frozen=True)
class _Bar:
    """A part of the score as a piece of one bar 100 wide: where it begins, how wide it is, how much of that is won."""

    name: str
    measures: str
    score: int
    weight: int
    start: float
    width: float
    won: float


class _View:
    """Everything the template shows that is not simply a field."""

    def __init__(self, it: Reviewed) -> None:
        self._citing = Citing(it)
        self._by_sentence: dict[object, list[Finding]] = {}
        for finding in it.quality.findings:
            self._by_sentence.setdefault(finding.sentence_id, []).append(finding)
        sentences = [sentence for section in it.sections for sentence in section.sentences]
        weak = [s for s in sentences if self._citing.support(s) in (Support.UNSURE, Support.UNSUPPORTED)]
        self._next = {s.id: str(after.id) for s, after in pairwise(weak)}
        self.first_weak = str(weak[0].id) if weak else None
        self.title = one_line(it.title) or "Untitled"
        self.verdict = VERDICTS[it.quality.verdict]
        self.bars = list(_bars(it.quality))
        self.counts = [(kind, _SIGNS[kind], _LABELS[kind], self._count(sentences, kind)) for kind in Support]
        self.total = len(sentences) or 1
        cited = [sentence for sentence in sentences if sentence.citations]
        self.cited, self.effective = len(cited), self._count(cited, Support.SUPPORTED)
        self.sections = [(one_line(one.heading), [self._row(s) for s in one.sentences]) for one in it.sections]
        self.rules = _by_rule(it.quality.findings)
        self.texts = {sentence.id: one_line(sentence.text) for sentence in sentences}
        self.severities = _SEVERITIES
        self.sources = [(number, self._source(source)) for number, source in enumerate(it.sources, 1)]
        self.gone = [d for d in it.dismissals if d.finding not in {f.id for f in it.quality.findings}]

    def _count(self, sentences: Sequence[Sentence], kind: Support) -> int:
        return sum(self._citing.support(sentence) is kind for sentence in sentences)

    def _row(self, sentence: Sentence) -> _Row:
        support, verdict = self._citing.support(sentence), self._citing.verdict(sentence)
        spans = verdict.highlight if verdict else {}
        judged = verdict is not None and support is not Support.NOT_NEEDED
        return _Row(
            key=str(sentence.id),
            text=one_line(sentence.text),
            support=support.value,
            sign=_SIGNS[support],
            label=_LABELS[support],
            percent=round(verdict.probability * 100) if verdict and judged else None,
            passages=[self._shown(p, spans.get(p.id)) for p in self._citing.passages(sentence)],
            findings=self._by_sentence.get(sentence.id, []),
            next=self._next.get(sentence.id),
        )

    def _shown(self, passage: Passage, span: tuple[int, int] | None) -> _Shown:
        before, marked, after = pieces(passage.text, span)
        if marked:
            before = "…" + before[-_AROUND:].partition(" ")[2] if len(before) > _AROUND else before
            after = after[:_AROUND].rpartition(" ")[0] + " …" if len(after) > _AROUND else after
        elif len(after) > 3 * _AROUND:
            after = after[: 3 * _AROUND].rpartition(" ")[0] + " …"
        source = self._citing.source(passage.source_hash)
        shown = self._source(source) if source else ("A source that is not listed", None, "")
        return _Shown(self._citing.numbers.get(passage.source_hash), *shown, *map(visible, (before, marked, after)))

    @staticmethod
    def _source(source: SourceRef) -> tuple[str, str | None, str]:
        """Title, link if it may be followed, and particulars."""
        facts = [*particulars(source), f"retrieved {day(source.retrieved_at)}"]
        return one_line(source.title) or "Untitled", web_link(source.location), " · ".join(facts)


def _bars(report: QualityReport) -> Sequence[_Bar]:
    start, bars = 0.0, []
    total = sum(part.weight for part in report.parts) or 1.0
    for part in report.parts:
        width = 100 * part.weight / total
        won = round(width * part.score / 100, 2)
        measures = MEASURES.get(part.name, "")
        bars.append(_Bar(part.title, measures, round(part.score), round(width), round(start, 2), round(width, 2), won))
        start += width
    return bars


def _by_rule(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Findings by rule, those with errors first, then the most frequent; dismissed ones last within a rule."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    for found in groups.values():
        found.sort(key=lambda finding: finding.dismissed is not None)
    rank = {Severity.ERROR: 0, Severity.WARN: 1, Severity.INFO: 2}
    return sorted(groups.items(), key=lambda pair: (min(rank[f.severity] for f in pair[1]), -len(pair[1]), pair[0]))
