"""An article to read, with the evidence of each sentence one click, or one key, away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from aiwriter.documents import (
    Article,
    Finding,
    Paragraph,
    ParagraphKind,
    Passage,
    Reviewed,
    Section,
    Sentence,
    SentenceVerdict,
    SourceKind,
    SourceRef,
    Support,
)
from aiwriter.documents.quality import SUPPORT_MARKS, SUPPORT_MEANINGS
from aiwriter.text.languages import direction
from aiwriter.text.visible import visible
from dashboard.components.markup import Node, draw, h, link, many, web
from dashboard.wording import day, one_line

SUPPORT_NAMES = {
    Support.SUPPORTED: "Supported",
    Support.VOUCHED: "Vouched for by a person",
    Support.UNSURE: "Unsure",
    Support.UNSUPPORTED: "Not supported",
    Support.NOT_NEEDED: "Adds no fact",
}
_SIGNS = {
    Support.SUPPORTED: "✓",
    Support.VOUCHED: "†",
    Support.UNSURE: "?",
    Support.UNSUPPORTED: "!",
    Support.NOT_NEEDED: "–",
}
_CHECKED_NAMES = {Support.NOT_NEEDED: "Not judged"}
_CHECKED_MEANINGS = {
    Support.SUPPORTED: "a passage says so",
    Support.UNSUPPORTED: "no passage says so, or one says otherwise",
    Support.NOT_NEEDED: "states nothing that can be compared",
}
_KINDS = {
    SourceKind.HTML: "web page",
    SourceKind.PDF: "PDF",
    SourceKind.MARKDOWN: "Markdown file",
    SourceKind.TEXT: "text file",
    SourceKind.DOCX: "Word document",
    SourceKind.CSV: "table",
}


def read(article: Article | Reviewed, opened: str = "", *, key: str) -> None:
    """Draw the article, or the text that was checked, coloured by outcome; `opened` is the id of a sentence
    whose evidence is shown at once."""
    book = Book(article)
    nodes = [
        h(
            "div",
            h(
                "div",
                _marks(book),
                *many(_section(book, section) for section in article.sections),
                cls="article",
                **_script(article),
            ),
            h("div", _beside(book), _panel(), cls="side"),
            cls="reader coloured" if book.is_checked else "reader",
        )
    ]
    evidence = {str(sentence.id): book.evidence(sentence) for sentence in article.sentences if book.reference(sentence)}
    data = {"nodes": nodes, "evidence": evidence, "open": opened}
    draw("reader", ("markup.js", "reader.js"), ("markup.css", "reader.css"), data, key)


@dataclass
class Book:
    """An article with its evidence at hand."""

    article: Article | Reviewed

    def __post_init__(self) -> None:
        self.numbers = {source.content_hash: n for n, source in enumerate(self.article.sources, 1)}
        self.passages = {passage.id: passage for passage in self.article.passages}
        self.verdicts = {verdict.sentence_id: verdict for verdict in self.article.quality.sentences}
        self.findings: dict[UUID, list[Finding]] = {}
        for finding in self.article.quality.findings:
            if finding.sentence_id is not None:
                self.findings.setdefault(finding.sentence_id, []).append(finding)

    @property
    def is_checked(self) -> bool:
        """Whether it is a text of somebody else, which cites nothing itself."""
        return isinstance(self.article, Reviewed)

    @property
    def names(self) -> Mapping[Support, str]:
        """What the outcomes are called."""
        return SUPPORT_NAMES | _CHECKED_NAMES if self.is_checked else SUPPORT_NAMES

    @property
    def meanings(self) -> Mapping[Support, str]:
        """What the outcomes mean."""
        return SUPPORT_MEANINGS | _CHECKED_MEANINGS if self.is_checked else SUPPORT_MEANINGS

    def support(self, sentence: Sentence) -> Support:
        verdict = self.verdicts.get(sentence.id)
        if verdict is not None:
            return verdict.support
        return Support.UNSURE if sentence.citations else Support.NOT_NEEDED

    def cited(self, sentence: Sentence) -> list[Passage]:
        return [self.passages[key] for key in sentence.citations if key in self.passages]

    def source(self, content_hash: str | None) -> SourceRef | None:
        return next((one for one in self.article.sources if one.content_hash == content_hash), None)

    def reference(self, sentence: Sentence) -> str:
        """What stands raised behind the sentence; "" means that there is nothing to show."""
        numbers = sorted({self.numbers[p.source_hash] for p in self.cited(sentence) if p.source_hash in self.numbers})
        shown = ",\u200a".join(map(str, numbers)) + SUPPORT_MARKS.get(self.support(sentence), "")
        return shown or ("i" if self.findings.get(sentence.id) else "")

    def evidence(self, sentence: Sentence) -> list[Node]:
        """How the sentence stands, what was found about it, and the passages it rests on."""
        support, verdict, passages = self.support(sentence), self.verdicts.get(sentence.id), self.cited(sentence)
        likely = f"{verdict.probability:.0%} likely" if verdict and passages else None
        head = h(
            "p",
            h("span", _SIGNS[support], aria_hidden="true"),
            self.names[support],
            h("span", likely, cls="likely") if likely else None,
            cls=f"verdict {support.value}",
        )
        found = [
            h("div", h("p", h("del", one.message) if one.dismissed else one.message), _beside_it(one), cls="finding")
            for one in self.findings.get(sentence.id, [])
        ]
        shown = [self._passage(passage, verdict) for passage in passages]
        nothing = "No passage comes near it." if self.is_checked else "No source is cited for this sentence."
        return [head, *found, *(shown or [h("p", nothing, cls="passage soft")])]

    def _passage(self, passage: Passage, verdict: SentenceVerdict | None) -> Node:
        source = self.source(passage.source_hash)
        start, end = (verdict.highlight if verdict else {}).get(passage.id, (0, 0))
        start = max(0, min(start, len(passage.text)))
        end = max(start, min(end, len(passage.text)))
        before, marked, after = passage.text[:start], passage.text[start:end], passage.text[end:]
        path = [one_line(heading) for heading in passage.headings if source is None or heading != source.title]
        return h(
            "section",
            h("h3", h("span", str(self.numbers.get(passage.source_hash, "·")), cls="number"), source_title(source)),
            h("p", " · ".join(particulars(source)), cls="where") if source else None,
            *(h("p", one_line(said), cls="where") for said in (source.terms if source else ())),
            h("p", "Under " + " › ".join(f"“{heading}”" for heading in path), cls="where") if path else None,
            h("blockquote", before, h("mark", marked) if marked else None, after, dir="auto"),
            h("p", one_line(source.location), cls="where") if source else None,
            cls="passage",
        )


def _beside_it(finding: Finding) -> Node | None:
    """What to do about it, or who said that it does not hold, and why."""
    if word := finding.dismissed:
        return h("p", f"Dismissed by {word.by} on {day(word.at)}: {word.reason}", cls="soft")
    return h("p", finding.fix, cls="soft") if finding.fix else None


def source_title(source: SourceRef | None) -> Node:
    """The source's title, leading to it when it is a page of the web, or an article of ours."""
    if source and source.own:
        return link(one_line(source.title) or "Untitled", "article", id=source.own.article_id)
    return web(one_line(source.title) or "Untitled", source.location) if source else "A source that is no longer known"


def particulars(source: SourceRef) -> list[str]:
    """Author, day of publication and kind, as far as they are known."""
    published = day(source.published_at) if source.published_at else ""
    kind = "" if source.own else _KINDS[source.kind]
    return [part for part in (one_line(source.author or ""), published, kind) if part]


def _script(article: Article | Reviewed) -> dict[str, str]:
    return {"lang": article.language, "dir": direction(article.language)}


def _section(book: Book, section: Section) -> Node:
    groups: list[Node] = []
    for (kind, attribution), paragraphs in groupby(section.paragraphs, key=lambda p: (p.kind, p.attribution)):
        groups.extend(_group(book, kind, attribution, list(paragraphs)))
    return h("section", h("h2", one_line(section.heading)) if section.heading.strip() else None, *groups)


def _group(book: Book, kind: ParagraphKind, attribution: str | None, paragraphs: list[Paragraph]) -> list[Node]:
    if kind is ParagraphKind.LIST_ITEM:
        return [h("ul", *(h("li", *_sentences(book, paragraph)) for paragraph in paragraphs))]
    shown = [h("p", *_sentences(book, paragraph)) for paragraph in paragraphs]
    if kind is not ParagraphKind.QUOTE:
        return shown
    source = book.source(attribution)
    caption = " · ".join([one_line(source.title) or "Untitled", *particulars(source)]) if source else ""
    return [h("figure", h("blockquote", *shown), h("figcaption", caption) if caption else None)]


def _sentences(book: Book, paragraph: Paragraph) -> list[Node]:
    nodes: list[Node] = []
    for number, sentence in enumerate(paragraph.sentences):
        if number:
            nodes.append(" ")
        nodes.append(_sentence(book, sentence))
    return nodes


def _sentence(book: Book, sentence: Sentence) -> Node:
    support, reference = book.support(sentence), book.reference(sentence)
    spoken = f"Evidence: {book.names[support].lower()}" + (f", source {reference}" if reference[:1].isdigit() else "")
    return h(
        "span",
        h("span", visible(sentence.text), cls="t"),
        h("span", reference, cls="ref", role="button", tabindex="0", aria_label=spoken, aria_expanded="false")
        if reference
        else None,
        cls=f"s {support.value}{' has' if reference else ''}",
        data_s=str(sentence.id),
    )


def _marks(book: Book) -> Node | None:
    """What the marks mean that stand in this text, above it, where a phone shows it too."""
    stands = [book.support(one) for one in book.article.sentences]
    told = [
        h(
            "span",
            _example(kind, "Underlined so", SUPPORT_MARKS[kind]),
            f": {book.meanings[kind]} ({stands.count(kind)}). ",
        )
        for kind in SUPPORT_MARKS
        if kind in stands
    ]
    return h("p", *told, cls="marks", lang="en", dir="ltr") if told else None


def _beside(book: Book) -> Node:
    """What stands in the panel's place until a sentence is chosen."""
    counts = {kind: sum(book.support(one) is kind for one in book.article.sentences) for kind in Support}
    return h(
        "div",
        h("h2", "How its sentences stand", cls="plain"),
        h("dl", *(_legend(book, kind, number) for kind, number in counts.items() if number), cls="legend"),
        h("p", "Choose a sentence to see what it rests on. J and K go from one to the next, Esc closes.", cls="hint"),
        cls="beside",
    )


def _legend(book: Book, kind: Support, number: int) -> Node:
    mark = "" if kind is Support.NOT_NEEDED else "1" + SUPPORT_MARKS.get(kind, "")
    return h(
        "div",
        h("dt", _example(kind, book.names[kind], mark)),
        h("dd", book.meanings[kind]),
        h("dd", str(number), cls="count"),
    )


def _example(kind: Support, text: str, mark: str) -> Node:
    return h("span", h("span", text, cls="t"), h("sup", mark, cls="ref"), cls=f"s {kind.value}")


def _panel() -> Node:
    return h(
        "section",
        h(
            "div",
            h("h2", "Evidence ", h("span", cls="place-in", data_own=""), cls="panel-title", tabindex="-1"),
            h("button", "↑", type="button", data_step="-1", aria_label="Previous sentence"),
            h("button", "↓", type="button", data_step="1", aria_label="Next sentence"),
            h("button", "✕", type="button", data_close="", aria_label="Close"),
            cls="top",
        ),
        h("div", cls="body", data_own=""),
        cls="panel",
        aria_label="Evidence of the chosen sentence",
    )
