"""Sentences and passages taken apart once, so that every check can compare them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from aiwriter.documents import Evidence, Passage, SourceRef
from aiwriter.pipeline.quality.agreement import same_date, same_quantity
from aiwriter.pipeline.quality.asides import told
from aiwriter.text import facts
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words, word_spans, words

_PREFIX = 5
_ROW = re.compile(r"[^\n]+")  # of a table, in its passage
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Statement:
    """A sentence, or a part of a passage at [start, end), with everything that is compared, worked out when used."""

    text: str
    language: str = "en"
    start: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        return words(self.text)

    @cached_property
    def token_spans(self) -> list[tuple[int, int]]:
        return word_spans(self.text)

    @cached_property
    def signs(self) -> list[str]:
        """For each token what stands round it that is no word and changes a figure: minus, currency, "%", "<"."""
        found = [""] * len(self.tokens)
        for quantity in self.quantities:
            place = bisect_right(self.token_spans, (quantity.start, len(self.text))) - 1
            place += place < 0 or self.token_spans[place][1] <= quantity.start
            found[place] = _signs(quantity, self.text)
        return found

    @cached_property
    def token_set(self) -> frozenset[str]:
        return frozenset(token.removesuffix("'s") for token in self.tokens)

    @cached_property
    def stems(self) -> list[str]:
        return content_words(self.text, self.language)

    @cached_property
    def stem_set(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def figures(self) -> list[facts.Quantity | facts.DateFact]:
        """Numbers and dates."""
        return [*self.quantities, *self.dates]

    @cached_property
    def bare_stems(self) -> frozenset[str]:
        """Content words outside numbers and dates."""
        text = self.text
        for fact in self.figures:
            text = text[: fact.start] + " " * (fact.end - fact.start) + text[fact.end :]
        return frozenset(content_words(text, self.language))

    @cached_property
    def prefixes(self) -> frozenset[str]:
        return frozenset(stem[:_PREFIX] for stem in self.stem_set if len(stem) > _PREFIX)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(zip(self.stems, self.stems[1:], strict=False))

    @cached_property
    def dates(self) -> list[facts.DateFact]:
        return facts.dates(self.text)

    @cached_property
    def quantities(self) -> list[facts.Quantity]:
        return facts.quantities(self.text, self.language, self.dates)

    @cached_property
    def negations(self) -> list[facts.Negation]:
        return facts.negation_cues(self.text, self.language)

    @cached_property
    def quantifiers(self) -> list[facts.Quantifier]:
        return facts.quantifiers(self.text)

    @cached_property
    def quotations(self) -> list[facts.Span]:
        return facts.quotations(self.text)

    @cached_property
    def joined(self) -> str:
        """Letters and digits alone, to find a name that is written in one word or in two."""
        return _NOT_WORD.sub("", self.text).lower()

    def names(self, known: Collection[str] = ()) -> list[facts.Span]:
        return list(_names(self.text, frozenset(known), self.language))

    def holds(self, stem: str) -> bool:
        """Whether this text has the stem, or a word that begins with the same five letters."""
        return stem in self.stem_set or (len(stem) > _PREFIX and stem[:_PREFIX] in self.prefixes)

    def says(self, fact: facts.Quantity | facts.DateFact) -> bool:
        """Whether this text has the number or the date."""
        if isinstance(fact, facts.DateFact):
            return any(same_date(fact, date, {fact.year}) for date in self.dates) or fact.text in self.text
        return any(same_quantity(fact, quantity) for quantity in self.quantities)

    @cached_property
    def is_factual(self) -> bool:
        """Whether it states what needs a source: a number, date, name, quotation, superlative or cause."""
        return bool(
            self.dates
            or any(quantity.value != 1 for quantity in self.quantities)
            or self.names()
            or self.quotations
            or facts.superlatives(self.text)
            or facts.causes(self.text)
        )


def _signs(quantity: facts.Quantity, text: str) -> str:
    minus = "-" if quantity.value < 0 else ""
    bound = _BOUND_SIGN.search(text, 0, quantity.start)
    point = "." if quantity.text.lstrip("-−–$€£¥₹₽₩").startswith(".") else ""
    signed = quantity.kind in _SIGNED or quantity.unit in ("‰", "°C", "°F")
    unit = quantity.unit if signed and _OWN_UNIT.search(quantity.text) else ""  # the 3 of "3 to 5 euros" has none
    return f"{bound[1] if bound else ''}{minus}{point}{unit}"


_SIGNED = (facts.QuantityKind.MONEY, facts.QuantityKind.PERCENT)
_OWN_UNIT = re.compile(r"[^\d\s.,–−-]")
_BOUND_SIGN = re.compile(r"([<>≤≥±~≈])\s?\Z")


@lru_cache(maxsize=8192)
def _names(text: str, known: frozenset[str], language: str) -> tuple[facts.Span, ...]:
    return tuple(facts.names(text, known, language))


@lru_cache(maxsize=8192)
def statement(text: str, language: str = "en", start: int = 0) -> Statement:
    """A statement, taken apart at most once however often it is asked for."""
    return Statement(text, language, start)


@lru_cache(maxsize=4096)
def sentences_of(text: str, language: str = "en") -> tuple[Statement, ...]:
    """The sentences of a passage, with their places in it."""
    return tuple(statement(text[start:end], language, start) for start, end in split_sentences(text, language))


@dataclass(frozen=True)
class Ground:
    """One cited passage and what stands round it: headings above it, title and author of its source, and its date."""

    key: str
    text: str
    context: str = ""
    published: str = ""
    language: str = "en"
    is_table: bool = False

    def beside(self, claim: Statement) -> Ground:
        """Of a table the rows that the claim speaks of, where they stood: those with none of whose words another row
        has more in common. The figure of another row is no evidence. All rows when no row has a word of it."""
        if not self.is_table:
            return self
        rows = [statement(row[0], self.language, row.start()) for row in _ROW.finditer(told(self.text))]
        shared = [frozenset(stem for stem in claim.bare_stems if row.holds(stem)) for row in rows]
        best = [row for row, own in zip(rows, shared, strict=True) if own and not any(own < other for other in shared)]
        text = [*re.sub(r"\S", " ", self.text)]
        for row in best or rows:
            text[row.start : row.end] = self.text[row.start : row.end]
        return replace(self, text="".join(text))

    @cached_property
    def whole(self) -> Statement:
        return statement(told(self.text), self.language)

    @cached_property
    def sentences(self) -> tuple[Statement, ...]:
        return sentences_of(told(self.text), self.language)

    @cached_property
    def around(self) -> Statement:
        return statement(self.context, self.language)

    @cached_property
    def dated(self) -> Statement:
        """The day of its publication: what "this year" is said of."""
        return statement(self.published, self.language)


def ground(passage: Passage, source: SourceRef | None = None, language: str = "en") -> Ground:
    """A passage ready to be compared with a sentence that cites it."""
    about = [source.title, source.author or ""] if source else []
    day = source.published_at if source else None
    published = f"{day.day} {day:%B %Y}" if day else ""
    context = " · ".join(part for part in [*passage.headings, *about] if part)
    return Ground(passage.id, passage.text, context, published, language, passage.is_table)


def grounds(evidence: Evidence, language: str = "en") -> dict[str, Ground]:
    """Every passage of the evidence by its id, ready to be compared."""
    sources = {source.content_hash: source for source in evidence.sources}
    return {
        item.passage.id: ground(item.passage, sources.get(item.passage.source_hash), language)
        for item in evidence.items
    }


def known_names(texts: Iterable[str]) -> frozenset[str]:
    """Lower-cased words that are names inside sentences of these texts: how one that opens a sentence is known."""
    return frozenset().union(*map(_names_in, texts))


@lru_cache(maxsize=4096)
def _names_in(text: str) -> frozenset[str]:
    parts = (part for name in facts.names(text) for part in name.text.split() if part[0].isupper())
    return frozenset(part.lower().removesuffix("'s").removesuffix("’s") for part in parts)


def windows(sentences: Sequence[Statement], size: int) -> Iterable[tuple[Statement, ...]]:
    """Runs of up to `size` neighbouring sentences."""
    for begin in range(len(sentences)):
        for length in range(1, size + 1):
            if begin + length <= len(sentences):
                yield tuple(sentences[begin : begin + length])
