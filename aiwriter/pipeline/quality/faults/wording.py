"""A sentence taken nearly word for word from its passage, with a number or a name exchanged, or a negation put in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

from aiwriter.pipeline.quality.agreement import same_quantity
from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.faults.names import named_in
from aiwriter.pipeline.quality.faults.opposites import same_sense
from aiwriter.pipeline.quality.faults.row import kin
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.facts import DateFact, Quantity, Span
from aiwriter.text.weekdays import day_of_week
from aiwriter.text.words import is_stop_word, stem, word_set

ALIKE = 0.8  # of the words of both, in their order
_SHORT = 3  # words of a denial: a longer passage that was left out may deny something else
_SHARED = 0.65  # of the different words of the longer one


def exchanged(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """Numbers, dates and names that stand where the most similar sentence of the passages has others; negations that
    one of the two has."""
    claim = alignment.claim
    source, opcodes = _most_alike(alignment)
    for kind, i, i_end, j, j_end in opcodes:
        if kind == "equal":
            yield from _signs(claim, j, source, i, i_end - i)
            continue
        yield from _denials(claim, (j, j_end), source.tokens[i:i_end])
        if kind == "replace":
            theirs, mine = _span(source, i, i_end), _span(claim, j, j_end)
            whole = next((s for s in alignment.near if source.text in s.text), source)
            yield from _figures(claim, mine, source, theirs, whole)
            yield from _names(claim, mine, source, theirs, known, whole)


def exchanged_words(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """Common words that stand where the most similar sentence has as many others: other things, or the same in other
    words, which only their meaning tells."""
    source, opcodes = _most_alike(alignment)
    for kind, i, i_end, j, j_end in opcodes:
        if kind == "replace":
            yield from _words(alignment.claim, (j, j_end), source, (i, i_end), known)


def _most_alike(alignment: Alignment) -> tuple[Statement, Sequence[tuple[str, int, int, int, int]]]:
    """The most similar sentence of the passages, and how its tokens become those of the claim; nothing when none is."""
    claim = alignment.claim
    alike = [s for s in alignment.close if _may_be_alike(claim, s)]
    matched = [(SequenceMatcher(None, s.tokens, claim.tokens, autojunk=False), s) for s in alike]
    ratio, matcher, source = max(((m.ratio(), m, s) for m, s in matched), key=lambda item: item[0], default=_NONE)
    return (source, matcher.get_opcodes()) if ratio >= ALIKE else (claim, [])


_NONE = 0.0, SequenceMatcher[str](), Statement("")


def _signs(claim: Statement, mine: int, source: Statement, theirs: int, size: int) -> Iterator[Fault]:
    """Figures of which only minus, currency, "%" or the like is another."""
    for place, other in zip(range(mine, mine + size), range(theirs, theirs + size), strict=True):
        if claim.signs[place] != source.signs[other]:
            yield _fault("support.number", _figure(claim, place), _figure(source, other).text)


def _figure(statement: Statement, place: int) -> Span:
    """The number at a token, with its signs."""
    start, end = statement.token_spans[place]
    found = next((q for q in statement.quantities if q.start < end and start < q.end), None)
    return Span(found.text, found.start, found.end) if found else Span(statement.text[start:end], start, end)


def _may_be_alike(claim: Statement, sentence: Statement) -> bool:
    """A cheap bound: too few shared words cannot be alike in their order."""
    shared = len(claim.token_set & sentence.token_set)
    return shared >= _SHARED * max(len(claim.token_set), len(sentence.token_set))


def _denials(claim: Statement, place: tuple[int, int], theirs: list[str]) -> Iterator[Fault]:
    """A negation put in or left out, the rest being alike."""
    mine = claim.tokens[place[0] : place[1]]
    denied, denies = any(map(_negates, theirs)), any(map(_negates, mine))
    denied &= _NOT_ONLY.search(" ".join(theirs)) is None
    if denies and not denied:
        message = "The passage says the same without a negation."
        yield Fault("support.negation", message, _span(claim, *place), certain=True, fix="say what the passage says")
    elif denied and not denies and len(theirs) - len(mine) <= _SHORT:
        message = f"The passage denies this: it says “{' '.join(theirs)}” here."
        yield Fault("support.negation", message, (0, len(claim.text)), certain=True, fix="say what the passage says")


_NOT_ONLY = re.compile(r"\bnot (?:only|just|merely|simply)\b")


def _negates(token: str) -> bool:
    return token in _DENYING or token.endswith("n't")


_DENYING = word_set(
    """not never no none nobody without cannot nicht nie niemals kein keine keinen keinem keiner keines pas jamais aucun
    aucune nunca ningún ninguna inte aldrig ingen inga inget"""
)


def _span(statement: Statement, first: int, end: int) -> tuple[int, int]:
    return statement.token_spans[first][0], statement.token_spans[end - 1][1]


def _overlaps(item: Quantity | DateFact | Span, span: tuple[int, int]) -> bool:
    return item.start < span[1] and span[0] < item.end


def _figures(
    claim: Statement, mine: tuple[int, int], source: Statement, theirs: tuple[int, int], whole: Statement
) -> Iterator[Fault]:
    others = [figure for figure in source.figures if _overlaps(figure, theirs)]
    for figure in claim.figures:
        if not others or not _overlaps(figure, mine):
            continue
        moved = source.says(figure) and all(map(claim.says, others))  # told in another order
        moved |= whole is not source and whole.says(figure)  # in a part of the sentence that is not compared
        if not moved and not any(_same(figure, other) for other in others):
            rule = "support.date" if isinstance(figure, DateFact) else "support.number"
            yield _fault(rule, figure, others[0].text)


def _same(figure: Quantity | DateFact, other: Quantity | DateFact) -> bool:
    """Whether two figures agree; those of different kinds are left to the other detectors."""
    if isinstance(figure, DateFact) and isinstance(other, DateFact):
        return figure.agrees(other)
    if isinstance(figure, DateFact) or isinstance(other, DateFact):
        return True
    return same_quantity(figure, other)


def _names(
    claim: Statement,
    mine: tuple[int, int],
    source: Statement,
    theirs: tuple[int, int],
    known: Collection[str],
    whole: Statement,
) -> Iterator[Fault]:
    others = [name for name in source.names(known) if _overlaps(name, theirs)]
    for name in named_in(claim, known):
        if whole is not source and name.text in whole.text:
            continue  # in a part of the sentence that is not compared
        if others and _overlaps(name, mine) and not any(kin(name.text, other.text) for other in others):
            yield _fault("support.name", name, others[0].text)


def _words(
    claim: Statement, mine: tuple[int, int], source: Statement, theirs: tuple[int, int], known: Collection[str]
) -> Iterator[Fault]:
    """One or two common words in the places of as many others that are none of their forms."""
    ours, others = _common(claim, mine, known), _common(source, theirs, known)
    if not 0 < len(ours) == len(others) <= _EXCHANGED:
        return
    for place, other in zip(ours, others, strict=True):
        word, instead = claim.tokens[place], source.tokens[other]
        if not _akin(word, instead, claim.language):
            message = f"Where the passage says “{instead}”, this says “{word}”."
            yield Fault("support.word", message, claim.token_spans[place], certain=False, fix=f"write “{instead}”")


_EXCHANGED = 2


def _common(statement: Statement, places: tuple[int, int], known: Collection[str]) -> list[int]:
    """Where words with a meaning stand that belong to no name and no figure; a German noun is a common word."""
    names = [n for n in statement.names(known) if statement.language != "de" or " " in n.text]
    items = [*statement.figures, *names]
    return [
        place
        for place in range(*places)
        if not is_stop_word(statement.tokens[place], statement.language)
        and len(statement.tokens[place]) >= _SHORT
        and not any(_overlaps(item, statement.token_spans[place]) for item in items)
        and day_of_week(statement.text[slice(*statement.token_spans[place])], statement.language) is None
    ]


def _akin(word: str, other: str, language: str) -> bool:
    return stem(other) in same_sense(stem(word), language) or statement(word, language).holds(stem(other))


def _fault(rule: str, item: Quantity | DateFact | Span, other: str) -> Fault:
    message = f"Where the passage says “{other}”, this says “{item.text}”."
    return Fault(rule, message, (item.start, item.end), certain=True, fix=f"write “{other}”")
