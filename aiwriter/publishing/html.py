"""An article as one self-contained HTML page on which each sentence shows the passages it rests on.

Nothing is loaded from elsewhere and nothing but the page's own style and script may act: its content security policy
names both by hash. All text is put in by an autoescaping template; the script moves nodes and never reads markup. What
is there for search engines is data in a script element, escaped where it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiwriter.documents import (
    Article,
    ArticleStatus,
    Finding,
    Paragraph,
    Passage,
    Section,
    Sentence,
    SourceRef,
    Support,
)
from aiwriter.documents.quality import SUPPORT_MARKS, SUPPORT_MEANINGS
from aiwriter.publishing import pages, structured_data
from aiwriter.publishing.citing import (
    SUPPORT_LABELS,
    Citing,
    alike,
    day,
    digest_notice,
    minutes,
    one_line,
    particulars,
    pieces,
    terms,
    web_link,
)
from aiwriter.text.languages import direction
from aiwriter.text.visible import visible

_STATUS_LABELS = {
    ArticleStatus.ACCEPTED: "Accepted",
    ArticleStatus.NEEDS_APPROVAL: "Needs approval",
    ArticleStatus.REFUSED: "Refused",
}
_AUTHOR_LABELS = {"model": "a language model", "offline": "the offline writer", "human": "a person"}


def render(article: Article) -> str:
    """The whole page; equal articles give equal pages."""
    style, script = pages.asset("page.css"), pages.asset("page.js")
    policy = pages.policy(style, script)
    page = ShownArticle(article)
    return pages.template("template.html").render(article=article, page=page, style=style, script=script, policy=policy)


@dataclass(frozen=True)
class _Cited:
    """A source as the page shows it; `place` is its location for reading, `link` the same for following, if safe."""

    number: int
    title: str
    facts: list[str]
    terms: list[str]
    retrieved: str
    place: str
    link: str | None


@dataclass(frozen=True)
class _Shown:
    """A cited passage: the words before, in and after the span that supports the sentence best."""

    source: _Cited | None
    headings: list[str]
    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class _Line:
    """A sentence with its evidence. `reference` is what stands raised behind it; "" means there is nothing to show."""

    key: str
    text: str
    support: str
    label: str
    reference: str
    spoken: str
    confidence: int | None
    passages: list[_Shown]
    findings: list[Finding]


@dataclass(frozen=True)
class _Group:
    """Neighbouring paragraphs of one kind, each a list of lines; quotes name their source."""

    kind: str
    paragraphs: list[list[_Line]]
    source: _Cited | None


@dataclass(frozen=True)
class _Part:
    key: str
    heading: str
    groups: list[_Group]


class ShownArticle:
    """Everything our pages show of an article that is not simply one of its fields."""

    def __init__(self, article: Article) -> None:
        self._citing = Citing(article)
        self._findings: dict[object, list[Finding]] = {}
        for finding in article.quality.findings:
            self._findings.setdefault(finding.sentence_id, []).append(finding)
        self.title = one_line(article.title) or "Untitled"
        self.direction = direction(article.language)
        self.status = _STATUS_LABELS[article.status]
        self.author = _AUTHOR_LABELS[article.provenance.author]
        self.notice = digest_notice(article)
        self.minutes = minutes(article.words)
        self.sources = [self._cited(source) for source in article.sources]
        self.sections = [self._section(number, section) for number, section in enumerate(article.sections)]
        self.lines = [line for part in self.sections for group in part.groups for p in group.paragraphs for line in p]
        self.structured = "" if article.status is ArticleStatus.REFUSED else structured_data.script_text(article)
        self.proven = [line for line in self.lines if line.reference]
        self.meanings = {kind.value: text for kind, text in SUPPORT_MEANINGS.items()}
        self.marked = {kind.value: count for kind, count in self._citing.marked(article).items()}
        self.labels = {kind.value: text.capitalize() for kind, text in SUPPORT_LABELS.items()} | {"not_needed": "Plain"}
        self.marks = {kind.value: mark for kind, mark in SUPPORT_MARKS.items()}
        self.counts = {str(kind): sum(line.support == kind for line in self.lines) for kind in Support}

    def _section(self, number: int, section: Section) -> _Part:
        return _Part(f"h-{number}", one_line(section.heading), [self._group(group) for group in alike(section)])

    def _group(self, group: list[Paragraph]) -> _Group:
        source = self._citing.source(group[0].attribution)
        lines = [[self._line(sentence) for sentence in paragraph.sentences] for paragraph in group]
        return _Group(group[0].kind.value, lines, self._cited(source) if source else None)

    def _line(self, sentence: Sentence) -> _Line:
        passages = self._citing.passages(sentence)
        support, verdict = self._citing.support(sentence), self._citing.verdict(sentence)
        findings = self._findings.get(sentence.id, [])
        numbers = ", ".join(map(str, self._citing.numbers_of(passages)))
        mark = SUPPORT_MARKS.get(support, "i" if findings and not numbers else "")
        spans = verdict.highlight if verdict else {}
        return _Line(
            key=str(sentence.id),
            text=one_line(sentence.text),
            support=support.value,
            label=SUPPORT_LABELS[support],
            reference=numbers + mark,
            spoken=f"Evidence, {SUPPORT_LABELS[support]}" + (f", source {numbers}" if numbers else ""),
            confidence=round(verdict.probability * 100) if verdict and passages else None,
            passages=[self._shown(passage, spans.get(passage.id)) for passage in passages],
            findings=findings,
        )

    def _shown(self, passage: Passage, span: tuple[int, int] | None) -> _Shown:
        source = self._citing.source(passage.source_hash)
        cited = self._cited(source) if source else None
        headings = [one_line(heading) for heading in passage.headings]
        if cited and headings[:1] == [cited.title]:
            headings = headings[1:]
        return _Shown(cited, headings, *map(visible, pieces(passage.text, span)))

    def _cited(self, source: SourceRef) -> _Cited:
        return _Cited(
            number=self._citing.numbers[source.content_hash],
            title=one_line(source.title) or "Untitled",
            facts=particulars(source),
            terms=terms(source),
            retrieved=day(source.retrieved_at),
            place=one_line(source.location),
            link=web_link(source.location),
        )
