"""Two names or two figures of one sentence in each other's places, the words round them being the passage's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.faults.row import NAME, Row, is_passive, same
from aiwriter.pipeline.quality.statements import Statement, known_names
from aiwriter.text.words import content_words, is_stop_word, word_set

ALIKE = 0.7  # of the words of both, names and figures each taken for one word
# What stands between two that may be told in either order: "Spain and Germany", "Alice married Bob".
_EITHER_WAY = word_set(
    """and or nor with versus vs v between both as well married marries met meet meets play plays played faced drew
    borders bordering resembles resembled equals joined et und oder sowie mit traf heiratete the a an to der die das"""
)
_ARTICLES = word_set("the a an der die das ein eine le la les un une el los las una")
_JOINING = word_set("and or but while whereas und oder aber während the a an")


def swapped(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """What stands where the nearly same sentence of the passages has the other one of two."""
    claim = alignment.claim
    for sentence in alignment.close:
        shared = len(claim.token_set & sentence.token_set)
        if shared < ALIKE * max(len(claim.token_set), len(sentence.token_set)) - 2:
            continue  # a cheap bound
        names = frozenset(known) | known_names([claim.text, sentence.text])
        found = list(_swap(Row(claim, names), Row(sentence, names)))
        yield from found or _words_swapped(claim, sentence, names)


# What stands before it is so, and what stands behind it is not.
_PREFERRED = {
    "en": r"rather than|instead of",
    "de": r"(?:an)?statt|anstelle von",
    "fr": r"plutôt qu[e'’]|au lieu d[e'’]",
    "es": r"en (?:lugar|vez) de|antes que",
    "sv": r"i stället för|snarare än",
}


def preferred(alignment: Alignment) -> Iterator[Fault]:
    """ "Butter rather than oil" for "oil rather than butter"."""
    mine = _preference(alignment.claim)
    theirs = [found for sentence in alignment.near if (found := _preference(sentence))]
    if mine and any(one[:2] == mine[1::-1] for one in theirs):
        message = "The passage has what is and what is not the other way round."
        yield Fault("support.role", message, mine[2], certain=True, fix="put them as the passage does")


def _preference(text: Statement) -> tuple[str, str, tuple[int, int]] | None:
    """The words on both sides of "rather than", and where it stands."""
    cues = _PREFERRED.get(text.language)
    cue = re.search(rf"\b(?:{cues})\b", text.text, re.IGNORECASE) if cues else None
    if cue is None:
        return None
    before = content_words(text.text[: cue.start()], text.language)
    after = content_words(text.text[cue.end() :], text.language)
    return (before[-1], after[0], cue.span()) if before and after else None


def _swap(claim: Row, source: Row) -> Iterator[Fault]:
    matcher = SequenceMatcher(None, source.words, claim.words, autojunk=False)
    if len(claim.items) < 2 or matcher.ratio() < ALIKE or is_passive(claim.statement) != is_passive(source.statement):
        return
    pairs = {j + n: i + n for i, j, size in matcher.get_matching_blocks() for n in range(size) if j + n in claim.items}
    moved = [
        (one, other)
        for one, other in combinations(sorted(pairs), 2)
        if same(claim.items[one], source.items[pairs[other]])
        and same(claim.items[other], source.items[pairs[one]])
        and not same(claim.items[one], claim.items[other])
    ]
    if len(moved) != 1 or _in_either_order(claim, *moved[0]):  # two swaps: clauses in another order
        return
    first, second = (claim.items[place] for place in moved[0])
    rule = "support.name" if claim.words[moved[0][0]] == NAME else "support.number"
    message = f"The passage has “{first.text}” and “{second.text}” in each other's places."
    certain = not is_passive(claim.statement) and _bare(claim) == _bare(source)
    yield Fault(rule, message, (first.start, second.end), certain, "put them as the passage does")


def _in_either_order(row: Row, one: int, other: int) -> bool:
    """Whether two are only listed: nothing but words that join stands between them."""
    between = row.between(one, other)
    gap = row.statement.text[row.items[one].end : row.items[other].start]
    if between == ["to"] and row.words[one] != NAME:
        return False  # a vote of 171 to 158
    return all(word in _EITHER_WAY for word in between) and gap != ":"


def _bare(row: Row) -> list[str]:
    return [word for word in row.words if word not in _JOINING]


def _words_swapped(claim: Statement, sentence: Statement, known: Collection[str]) -> Iterator[Fault]:
    """ "Char have reduced the stock of pike" for "Pike have reduced the stock of char": of the words that both have
    once, two rows in each other's places and all else between them where it was."""
    if is_passive(claim) or is_passive(sentence):
        return
    mine, theirs = _once(claim, known), _once(sentence, known)
    shared = [word for word in mine if word in theirs]
    if len(shared) < _MOST * len(mine):
        return
    rows = _rows([theirs[word] for word in shared])
    order = sorted(range(len(rows)), key=lambda at: theirs[shared[rows[at][0]]])
    moved = [at for at, place in enumerate(order) if at != place]
    if len(moved) != 2 or moved[1] - moved[0] < 2 or order[moved[0]] != moved[1]:
        return
    one, other = ([shared[at] for at in rows[place]] for place in moved)
    if _is_moved(claim, sentence, one[0]) and _is_moved(claim, sentence, other[0]):
        return
    if any(_is_done(text, word) for row in (one, other) for word in row for text in (claim, sentence)):
        return  # "it linked costs to taxes" for "costs were linked to taxes"
    between = claim.tokens[mine[one[-1]] + 1 : mine[other[0]]]
    if all(word in _EITHER_WAY for word in between) or _EVEN.search(" ".join(between)):
        return
    message = f"The passage has “{' '.join(one)}” and “{' '.join(other)}” in each other's places."
    span = claim.token_spans[mine[one[0]]][0], claim.token_spans[mine[other[-1]]][1]
    yield Fault("support.role", message, span, certain=False, fix="put them as the passage does")


_MOST = 0.85  # of the claim's words
_EVEN = re.compile(r"\b(?:similar|equal|identical|same|different|compared|linked|related|together|near|opposite)\b")


def _once(statement: Statement, known: Collection[str]) -> dict[str, int]:
    """The words with a meaning that a sentence has once, and their places; names and figures are none."""
    counts = Counter(Row(statement, known).words)
    return {
        word: place
        for place, word in enumerate(statement.tokens)
        if counts[word] == 1 and len(word) > 2 and not is_stop_word(word, statement.language)
    }


def _rows(theirs: Sequence[int]) -> list[list[int]]:
    """Runs of shared words that follow one another in both."""
    rows = [[0]] if theirs else []
    for at in range(1, len(theirs)):
        ahead = theirs[at] > theirs[at - 1] and not any(theirs[at - 1] < place < theirs[at] for place in theirs)
        if ahead:
            rows[-1].append(at)
        else:
            rows.append([at])
    return rows


def _is_moved(claim: Statement, sentence: Statement, word: str) -> bool:
    """Whether the word came with the preposition before it: a phrase that stands elsewhere, as "in Oslo" may."""
    before = {_before(one, one.tokens.index(word)) for one in (claim, sentence)}
    return len(before) == 1 and is_stop_word(before.pop(), claim.language)


def _is_done(statement: Statement, word: str) -> bool:
    return _before(statement, statement.tokens.index(word)) in _BEING


_BEING = word_set("is are was were be been being")


def _before(statement: Statement, place: int) -> str:
    return next((token for token in reversed(statement.tokens[:place]) if token not in _ARTICLES), "")
