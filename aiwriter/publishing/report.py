"""The reviewer's report as one page: the verdict and why, the score and what it does not mean, every sentence beside
its evidence.

It holds no script and loads nothing: its content security policy allows its own style, by hash, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from aiwriter.documents import (
    Article,
    Coverage,
    Disagreement,
    Dismissal,
    Draft,
    Evidence,
    Finding,
    Party,
    Passage,
    QualityReport,
    RunFacts,
    Section,
    Sentence,
    Severity,
    SourceRef,
    Support,
    Verdict,
    disputes,
)
from aiwriter.documents.concealing import concealed_section, concealed_sentence, told
from aiwriter.publishing import pages
from aiwriter.publishing.citing import SUPPORT_LABELS, Citing, day, one_line, particulars, pieces, web_link
from aiwriter.text.counted import counted
from aiwriter.text.identifiers import concealed, secrets
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


@dataclass(frozen=True)
class Reviewed:
    """What a report is about: an article, or a text that somebody else wrote. `facts` tell the cost, if it is known."""

    title: str
    about: str
    language: str
    sections: tuple[Section, ...]
    sources: tuple[SourceRef, ...]
    passages: tuple[Passage, ...]
    quality: QualityReport
    removed: tuple[Sentence, ...] = ()
    notes: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    dismissals: tuple[Dismissal, ...] = ()
    facts: RunFacts | None = None
    made: dict[str, str] = field(default_factory=dict)  # how it came about: name → text

    @classmethod
    def article(cls, article: Article, facts: RunFacts | None = None) -> Reviewed:
        made = {
            "Written by": f"{article.provenance.author}, {article.provenance.model}",
            "Asked for": article.brief.topic,
            "Article": f"{article.id}, version {article.version}",
            "Run": str(article.provenance.run_id),
        }
        shared = ("title", "language", "sections", "sources", "passages", "quality")
        more = ("removed", "notes", "coverage", "dismissals")
        fields = {name: getattr(article, name) for name in (*shared, *more)}
        about = f"{article.kind.value} · {article.words:,} words · {day(article.created_at)}"
        return cls(**fields, about=about, facts=facts, made=made)

    @classmethod
    def text(cls, name: str, draft: Draft, evidence: Evidence, report: QualityReport, language: str) -> Reviewed:
        """A checked text; passages and sources are those that its sentences were put beside."""
        keys = {key for sentence in draft.sentences for key in sentence.citations}
        words = sum(len(sentence.text.split()) for sentence in draft.sentences)
        return cls(
            title=draft.title or name,
            about=f"checked text · {words:,} words · {counted(len(evidence.sources), 'source')} given",
            language=language,
            sections=draft.sections,
            sources=evidence.sources,
            passages=tuple(item.passage for item in evidence.items if item.passage.id in keys),
            quality=report,
            notes=evidence.notes,
            disagreements=evidence.disagreements,
            made={"File": name},
        )

    @property
    def disputes(self) -> list[tuple[Party, ...]]:
        return disputes(self.disagreements)

    def concealed(self) -> Reviewed:
        """The same with secrets, cards and accounts dotted out wherever it shows words of the text or of a passage."""
        lines = [self.title, *(one.heading for one in self.sections), *(s.text for s in self._sentences())]
        hidden = tuple(dict.fromkeys(secret for line in lines for secret in secrets(line)))
        texts = {sentence.id: sentence.text for sentence in self._sentences()}
        return replace(
            self,
            title=concealed(self.title),
            sections=tuple(map(concealed_section, self.sections)),
            removed=tuple(map(concealed_sentence, self.removed)),
            passages=tuple(p.model_copy(update={"text": concealed(p.text, hidden)}) for p in self.passages),
            quality=self.quality.model_copy(update={"findings": told(self.quality.findings, texts, hidden)}),
            notes=tuple(concealed(note, hidden) for note in self.notes),
        )

    def _sentences(self) -> Iterator[Sentence]:
        yield from (sentence for section in self.sections for sentence in section.sentences)
        yield from self.removed


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
