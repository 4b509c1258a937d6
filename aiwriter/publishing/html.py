"""An article as one self-contained HTML page on which each sentence shows the passages it rests on.

Nothing is loaded from elsewhere and nothing but the page's own style and script may act: its content security policy
names both by hash. All text is put in by an autoescaping template; the script moves nodes and never reads markup.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

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
    visible,
    web_link,
)

if TYPE_CHECKING:
    from jinja2 import Template

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_MARKS = {Support.UNSURE: "?", Support.UNSUPPORTED: "!"}
_STATUS_LABELS = {
    ArticleStatus.ACCEPTED: "Accepted",
    ArticleStatus.NEEDS_APPROVAL: "Needs approval",
    ArticleStatus.REFUSED: "Refused",
}
_AUTHOR_LABELS = {"model": "a language model", "offline": "the offline writer", "human": "a person"}


def render(article: Article) -> str:
    """The whole page; equal articles give equal pages."""
    style, script = asset("page.css"), asset("page.js")
    page = _Page(article)
    return _template().render(
        article=article,
        page=page,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{style_hash(style)}'; script-src '{style_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(line=one_line, day=day)
    return environment.from_string(asset("template.html"))


@lru_cache
def asset(name: str) -> str:
    """A file that ships beside this module."""
    return files("aiwriter.publishing").joinpath(name).read_text(encoding="utf-8").strip()


def style_hash(text: str) -> str:
    """The hash by which a content security policy allows exactly this inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@dataclass(frozen=True)
class _Cited:
    """A source as the page shows it; `place` is its location for reading, `link` the same for following, if safe."""

    number: int
    title: str
    facts: list[str]
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


class _Page:
    """Everything the template shows that is not simply a field of the article."""

    def __init__(self, article: Article) -> None:
        self._citing = Citing(article)
        self._findings: dict[object, list[Finding]] = {}
        for finding in article.quality.findings:
            self._findings.setdefault(finding.sentence_id, []).append(finding)
        self.title = one_line(article.title) or "Untitled"
        self.direction = "rtl" if article.language in _RIGHT_TO_LEFT else "ltr"
        self.status = _STATUS_LABELS[article.status]
        self.author = _AUTHOR_LABELS[article.provenance.author]
        self.notice = digest_notice(article)
        self.minutes = minutes(article.words)
        self.sources = [self._cited(source) for source in article.sources]
        self.sections = [self._section(number, section) for number, section in enumerate(article.sections)]
        self.lines = [line for part in self.sections for group in part.groups for p in group.paragraphs for line in p]
        self.proven = [line for line in self.lines if line.reference]
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
        mark = _MARKS.get(support, "i" if findings and not numbers else "")
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
            retrieved=day(source.retrieved_at),
            place=one_line(source.location),
            link=web_link(source.location),
        )
