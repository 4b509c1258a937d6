"""A name, number or date beside words that have another one beside them in the passage: "based in Rome" for "based in
Paris", "the fourth title" for "the third title", where the passage knows Rome and a fourth as well, for something else.

What a claim has and no passage has at all is left to `names` and `numbers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.faults.row import DATE, NAME, Item, Row, is_passive, same
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import DateFact, Quantity
from aiwriter.text.words import content_words, is_stop_word, stem, word_set

_TOLD = 0.7  # of what else the claim says, in the sentence that has the other one there
_SURE = 3  # other words that must all be told for the fault to be certain
_REACH = 3  # words without meaning of their own between an item and the word it stands beside
_ARTICLES = word_set("the a an its their his her der die das dem den des le la les el los")
_AUXILIARIES = word_set(
    "who which that has have had will would is are was were be been being also then later first hat haben wird"
)
_JOINING = word_set("and or und oder et y och as well")

_BEFORE, _AFTER, _ITEM = "<", ">", "\0"
_Anchor = tuple[str, str, tuple[str, ...]]  # side, stem of the word (or the item) there, words between


def misplaced(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """Names and figures of the claim beside words that have another one beside them where the claim is told."""
    row = Row(alignment.claim, known)
    for place, item in row.items.items():
        anchors = _anchors(row, place)
        if not anchors or not _stands_somewhere(item, alignment):
            continue
        for sentence in alignment.near:
            theirs = Row(sentence, known)
            turned = row.words[place] == NAME and is_passive(sentence) != is_passive(alignment.claim)
            told = _told(row, item, sentence)
            sure = told == 1 and row.words.count(NAME) == 1
            compared = {one for one in anchors if _is_led_to(one) or (sure if one[0] == _BEFORE else not turned)}
            rival = _rival(row, place, compared, theirs)
            if rival is None or told < _TOLD or _has_it_so(row.items[place], anchors, alignment, known):
                continue
            yield _fault(row, place, theirs, rival, sentence)
            break


def _fault(row: Row, place: int, theirs: Row, rival: Item, sentence: Statement) -> Fault:
    item = row.items[place]
    kind = row.words[place]
    rule = "support.name" if kind == NAME else "support.date" if kind == DATE else "support.number"
    message = f"“{item.text}” stands elsewhere in the passage; in this place it has “{rival.text}”."
    apart = not any(same(item, other) for other in theirs.items.values())
    rest = _rest(row, item)
    certain = apart and len(rest) >= _SURE and all(map(sentence.holds, rest))
    return Fault(rule, message, (item.start, item.end), certain, fix=f"write “{rival.text}”")


def _anchors(row: Row, place: int) -> set[_Anchor]:
    """What an item stands beside: the nearest word with a meaning, or item of another kind, on each side."""
    found = [_anchor(row, place, -1), _anchor(row, place, 1)]
    after = row.after_aside(place)
    if after is not None and row.words[place] == NAME:
        found.append(_anchor(row, place, 1, after))
    return {anchor for anchor in found if anchor is not None}


def _anchor(row: Row, place: int, step: int, first: int | None = None) -> _Anchor | None:
    between: list[str] = []
    language, kind = row.statement.language, row.words[place]
    at = place + step if first is None else first
    while 0 <= at < len(row.words) and len(between) <= _REACH:
        word = row.words[at]
        if at in row.items:
            other = row.items[at]
            told = word != kind and not set(between) & _JOINING
            return (_side(step), _ITEM + other.text.lower(), tuple(between)) if told else None
        if not is_stop_word(word, language):
            return _beside(step, kind, word, tuple(one for one in between if one not in _ARTICLES))
        between.append(word)
        at += step
    return None


def _is_led_to(anchor: _Anchor) -> bool:
    """Whether a preposition leads from a word to the item: "based in Rome", not "met Ann"."""
    return anchor[0] == _BEFORE and bool(anchor[2])


def _side(step: int) -> str:
    return _BEFORE if step < 0 else _AFTER


def _beside(step: int, kind: str, word: str, between: tuple[str, ...]) -> _Anchor | None:
    """The anchor of a word: before a figure a preposition must stand between; a name may do what follows it."""
    if set(between) & _JOINING:
        return None
    if step < 0:
        return (_BEFORE, stem(word), between) if between or kind == NAME else None
    if kind == NAME:
        return (_AFTER, stem(word), ()) if set(between) <= _AUXILIARIES else None
    return (_AFTER, stem(word), between)


def _rival(row: Row, place: int, anchors: set[_Anchor], theirs: Row) -> Item | None:
    """What a sentence of the passages has in the place of an item: nothing where the item stands in a list there."""
    found = [at for at in theirs.items if theirs.words[at] == row.words[place] and anchors & _anchors(theirs, at)]
    if any(_is_listed(theirs, at, row.items[place]) for at in found):
        return None
    strange = (one for at in found if _compares(row.items[place], one := theirs.items[at]))
    return next((one for one in strange if not _is_told_too(row, place, one)), None)


def _is_told_too(row: Row, place: int, rival: Item) -> bool:
    """Whether the claim tells of the other one beside this one: "Ann was born in Rome and Ben in Paris"."""
    others = [at for at, own in row.items.items() if same(own, rival)]
    spans = ((min(at, place), max(at, place)) for at in others)
    return any(row.words[place] != NAME or not _JOINING.isdisjoint(row.between(*span)) for span in spans)


def _compares(mine: Item, other: Item) -> bool:
    """Whether two are of one kind: a count is no rival of an ordinal or a share."""
    if isinstance(mine, Quantity) and isinstance(other, Quantity):
        return mine.dimension == other.dimension
    return True


def _is_listed(theirs: Row, at: int, mine: Item) -> bool:
    """Whether the item stands in one list with another: "in Paris, Rome and Oslo"."""
    for place, other in theirs.items.items():
        if same(mine, other):
            first, last = sorted((at, place))
            if len(theirs.between(first, last)) <= 1 or set(theirs.between(first, last)) <= _JOINING | _ARTICLES:
                return True
    return False


def _has_it_so(mine: Item, anchors: set[_Anchor], alignment: Alignment, known: Collection[str]) -> bool:
    """Whether a sentence of the passages has the item itself beside one of these words."""
    anchors = {one for one in anchors if one[0] == _AFTER or _is_led_to(one)}  # a title may stand before two names
    words = {word for _, word, _ in anchors if not word.startswith(_ITEM)}
    rows = (Row(sentence, known) for ground in alignment.grounds for sentence in ground.sentences)
    beside = (_anchors(theirs, at) for theirs in rows for at, other in theirs.items.items() if same(mine, other))
    return any(one in anchors or one[1] in words for found in beside for one in found)


def _stands_somewhere(item: Item, alignment: Alignment) -> bool:
    texts = [ground.whole for ground in alignment.grounds]
    if isinstance(item, (Quantity, DateFact)):
        return any(text.says(item) for text in texts)
    return any(item.text.lower() in text.text.lower() for text in texts)


def _rest(row: Row, item: Item) -> frozenset[str]:
    return row.statement.bare_stems - set(content_words(item.text, row.statement.language))


def _told(row: Row, item: Item, sentence: Statement) -> float:
    rest = _rest(row, item)
    return sum(map(sentence.holds, rest)) / len(rest) if rest else 0.0
