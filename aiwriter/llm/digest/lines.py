"""The sentences of the evidence as they stand in their sources, with what makes them fit to be quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiwriter.documents import EvidenceItem, SourceRef
from aiwriter.text.facts import dates, names, quantities
from aiwriter.text.quotable import fault, leans, looks_like_references
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words

_LONGEST_CHAIN = 4  # sentences that lean on one another, with the one they lean on
_TELLING = 10  # words; shorter sentences, and those a little longer without a name or number, tell little
_WEAK = re.compile(
    r"^[A-Z]{2,}[A-Z ]+(?:, [A-Z]\w+)?(?: \(\w+\))? [-–—] |"  # where a report was sent from
    r"^[A-Z]{4,} \(|^(?:(?:Mr|Mrs|Ms|Dr|Captain)\.? )?[A-Z][\w-]+(?: [A-Z][\w-]+)?: |"  # minutes, speakers
    r"\b(?:today|yesterday|tomorrow|this (?:week|month|year|morning|summer|winter)|last (?:week|month|year|night)|"
    r"next (?:week|month|year)|recently|currently|[Ww]e|[Oo]urs?|[Uu]s|also)\b"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `text` is verbatim but for white space; `source` and `passage` are indexes; `place` counts the
    sentences of its source; `before` is the index of the sentence directly before it, if that is here too."""

    text: str
    passage: int
    source: int
    place: int
    headings: tuple[str, ...]
    before: int | None
    stems: frozenset[str]
    facts: frozenset[str]
    words: int
    sound: bool  # nothing is wrong with it by itself
    leaning: bool  # it needs the one before
    weak: bool  # understandable, but tied to a moment or a speaker, or short and without facts


def read_lines(
    passages: Sequence[EvidenceItem],
    sources: Sequence[SourceRef],
    topic: str,
    language: str,
    *,
    instructs: bool = False,
) -> list[Line]:
    """All sentences of the passages, by source and position. Overlapping passages give a sentence once. Rows of tables
    are none. In a text that `instructs`, orders and sentences to "you" may be quoted."""
    number = {source.content_hash: index for index, source in enumerate(sources)}
    roots = _roots([item for item in passages if not item.passage.is_table])
    order = sorted(
        (index for index, item in enumerate(passages) if not item.passage.is_table),
        key=lambda index: (number.get(passages[index].passage.source_hash, 0), passages[index].passage.start),
    )
    lines: list[Line] = []
    covered: dict[int, int] = {}
    for index in order:
        passage = passages[index].passage
        if looks_like_references(passage.text, passage.headings):
            continue
        source = number.get(passage.source_hash, 0)
        title = sources[source].title if sources else ""
        known = frozenset(content_words(" ".join([topic, title, *passage.headings]), language))
        for start, end in split_sentences(passage.text, language):
            if passage.start + start < covered.get(source, 0):
                continue
            gap = passage.start + start - covered.get(source, -100)
            covered[source] = passage.start + end
            joined = bool(lines) and gap <= 2 and lines[-1].source == source
            headings = _below_title(passage.headings[roots[passage.source_hash] :], title)
            lines.append(
                _line(
                    passage.text[start:end],
                    index,
                    source,
                    headings,
                    lines,
                    joined,
                    known,
                    language,
                    instructs=instructs,
                )
            )
    return lines


def _roots(passages: Sequence[EvidenceItem]) -> dict[str, int]:
    """By source: how many headings stand above all of its passages (its title, as a rule) and so tell none apart."""
    paths: dict[str, list[tuple[str, ...]]] = {}
    for item in passages:
        paths.setdefault(item.passage.source_hash, []).append(item.passage.headings)
    return {key: _shared(found) if len(set(found)) > 1 else 1 for key, found in paths.items()}


def _below_title(headings: tuple[str, ...], title: str) -> tuple[str, ...]:
    return headings[1:] if headings and headings[0].casefold() == title.casefold() else headings


def _shared(paths: Sequence[tuple[str, ...]]) -> int:
    first, last = min(paths), max(paths)
    return next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def _line(  # noqa: PLR0913 - all that a sentence stands in
    raw: str,
    passage: int,
    source: int,
    headings: tuple[str, ...],
    lines: list[Line],
    joined: bool,
    known: frozenset[str],
    language: str,
    *,
    instructs: bool,
) -> Line:
    text = " ".join(raw.split())
    previous = lines[-1] if joined else None
    cut_before = (
        previous is not None and fault(previous.text, language) == "fragment" and not previous.text.endswith(":")
    )
    facts = facts_of(text)
    return Line(
        text=text,
        passage=passage,
        source=source,
        place=lines[-1].place + (1 if joined else 2) if lines else 0,
        headings=headings,
        before=len(lines) - 1 if joined else None,
        stems=frozenset(content_words(text, language)),
        facts=facts,
        words=len(text.split()),
        sound=not cut_before and fault(text, language, instructs=instructs) is None,
        leaning=leans(text, language, known),
        weak=_WEAK.search(text) is not None or len(text.split()) < (_TELLING if facts else 2 * _TELLING - 6),
    )


def facts_of(text: str) -> frozenset[str]:
    """Names, quantities and dates, each as a string that is equal for equal facts."""
    when = dates(text)
    return frozenset(
        [f"name {name.text.lower()}" for name in names(text)]
        + [f"date {fact.year}-{fact.month}-{fact.day}" for fact in when]
        + [
            f"number {quantity.base.normalize()} {quantity.dimension}"
            for quantity in quantities(text, known_dates=when)
        ]
    )


def chain(lines: Sequence[Line], index: int) -> tuple[int, ...]:
    """The sentences that must be quoted together so that this one can be understood; () when that cannot be."""
    found: list[int] = []
    current: int | None = index
    while current is not None and lines[current].sound and len(found) < _LONGEST_CHAIN:
        found.insert(0, current)
        if not lines[current].leaning:
            return tuple(found)
        current = lines[current].before
    return ()
