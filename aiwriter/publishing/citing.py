"""What every form of an article says alike: the numbers of its sources, their particulars, its warnings.

A number is given here, once, when text is rendered: the place of the source in `Article.sources`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol
from urllib.parse import quote, urlsplit

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Paragraph,
    Passage,
    QualityReport,
    Section,
    Sentence,
    SentenceVerdict,
    SourceRef,
    Support,
)
from aiwriter.documents.quality import SUPPORT_MARKS
from aiwriter.text.visible import visible

_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_NOT_IN_HOSTS = re.compile(r"[\s<>\"'`{}|\\^@%]")  # @: what stands before it passes for the host
_SAFE_IN_LINKS = "!#$%&()*+,-./:;=?@[]_~"
_READING_SPEED = 230  # words a minute: silent reading of non-fiction in English, Brysbaert 2019 (238)

SUPPORT_LABELS = {
    Support.SUPPORTED: "supported",
    Support.VOUCHED: "vouched for by a person",
    Support.UNSURE: "unsure",
    Support.UNSUPPORTED: "not supported",
    Support.NOT_NEEDED: "adds no fact",
}
_DIGEST = "No language model wrote this text: it is put together from quotations of its sources."
_APPROVAL = {
    ArticleStatus.NEEDS_APPROVAL: "A person must approve it before it is published.",
    ArticleStatus.ACCEPTED: "A person has approved it.",
}


def one_line(text: str) -> str:
    """The visible text on one line, trimmed."""
    return visible(_LINE_BREAKS.sub(" ", text)).replace("\t", " ").strip()


def web_link(location: str) -> str | None:
    """The location as an address that may stand in a link: http(s) with a host and nothing that could end the link;
    None for everything else, such as a path or a `javascript:` address."""
    try:
        parts = urlsplit(location)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    if not usable or _NOT_IN_HOSTS.search(parts.netloc) or one_line(location) != location:
        return None
    return quote(location, safe=_SAFE_IN_LINKS)


def day(moment: datetime) -> str:
    """14 September 2026."""
    return f"{moment.day} {moment:%B %Y}"


def minutes(words: int) -> int:
    """Minutes it takes to read so many words, at least one."""
    return max(1, round(words / _READING_SPEED))


def particulars(source: SourceRef) -> list[str]:
    """Author and date of a source, as far as they are known."""
    published = day(source.published_at) if source.published_at else ""
    return [text for text in (one_line(source.author or ""), published) if text]


def terms(source: SourceRef) -> list[str]:
    """What else its reference says, as far as it is known: a licence, and that it is an article of ours."""
    return [one_line(text) for text in source.terms]


def digest_notice(article: Article) -> str | None:
    """What must be said at the top of a digest; None for an article."""
    if article.kind is not ArticleKind.DIGEST:
        return None
    return " ".join(filter(None, (_DIGEST, _APPROVAL.get(article.status, ""))))


def pieces(text: str, span: tuple[int, int] | None) -> tuple[str, str, str]:
    """The text before, in and after a span; a span that reaches beyond the text is cut to it, none marks nothing."""
    start, end = span or (0, 0)
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    return text[:start], text[start:end], text[end:]


def alike(section: Section) -> list[list[Paragraph]]:
    """The section's paragraphs, neighbours of one kind together; of quotes those of one source."""
    return [list(group) for _, group in groupby(section.paragraphs, key=lambda p: (p.kind, p.attribution))]


class Cited(Protocol):
    """An article, or a checked text: sentences that were judged, and what they rest on."""

    @property
    def sources(self) -> tuple[SourceRef, ...]: ...
    @property
    def passages(self) -> tuple[Passage, ...]: ...
    @property
    def quality(self) -> QualityReport: ...


class Citing:
    """Looks up what the sentences of one article rest on."""

    def __init__(self, article: Cited) -> None:
        self.numbers = {source.content_hash: number for number, source in enumerate(article.sources, 1)}
        self._sources = {source.content_hash: source for source in article.sources}
        self._passages = {passage.id: passage for passage in article.passages}
        self._verdicts = {verdict.sentence_id: verdict for verdict in article.quality.sentences}

    def passages(self, sentence: Sentence) -> list[Passage]:
        """The cited passages that are kept, in the sentence's order."""
        return [self._passages[key] for key in dict.fromkeys(sentence.citations) if key in self._passages]

    def numbers_of(self, passages: Sequence[Passage]) -> list[int]:
        """The numbers of their sources, rising, each once."""
        return sorted({self.numbers[p.source_hash] for p in passages if p.source_hash in self.numbers})

    def source(self, content_hash: str | None) -> SourceRef | None:
        return self._sources.get(content_hash or "")

    def verdict(self, sentence: Sentence) -> SentenceVerdict | None:
        return self._verdicts.get(sentence.id)

    def marked(self, article: Article) -> dict[Support, int]:
        """How many sentences carry each mark, of the marks that are there."""
        found = [self.support(sentence) for sentence in article.sentences]
        return {kind: found.count(kind) for kind in SUPPORT_MARKS if kind in found}

    def support(self, sentence: Sentence) -> Support:
        """How the sentence stands; one that was never judged and cites something counts as unsure."""
        verdict = self.verdict(sentence)
        if verdict is not None:
            return verdict.support
        return Support.UNSURE if sentence.citations else Support.NOT_NEEDED
