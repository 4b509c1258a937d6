"""Words that tell that two sentences speak of different things though they read alike.

Where both sentences have a word in the same place that the other does not have, it says which of several things is
meant: before the same noun ("the new vaccine", "the old vaccine"), behind the same bare preposition ("in summer", "in
winter"), or as what a figure measures ("12 tonnes of apples", "of pears"). Two sentences that share most of their words
differ by what stands in the place of one another anywhere. No lists of such words are needed, and none is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.words import is_stop_word, stem

_PREFIX = 5
_PARALLEL = 0.6  # of the content words of both: then they are one sentence told of two things
_EDGE, _NUMBER = "", "#"  # stand for the end of a sentence, and for a figure


@dataclass(frozen=True, slots=True)
class _Place:
    """A content word by its key, with the words before and behind it, and whether each of these has content."""

    key: str
    before: str
    behind: str
    before_tells: bool
    behind_tells: bool
    measured: bool  # it stands behind a figure and one more word
    named: bool  # with a capital
    acts: bool  # it is a form of a verb: "for defrauding" beside "for fraud"


def differ(one: Statement, other: Statement, prepositions: Collection[str]) -> bool:
    """Whether each sentence has a word that says of which thing it speaks, and the other has another there."""
    mine, theirs = _places(one), _places(other)
    my_keys, their_keys = {place.key for place in mine}, {place.key for place in theirs}
    shared = len(my_keys & their_keys)
    parallel = shared >= _PARALLEL * max(len(my_keys), len(their_keys), 1)
    return any(
        _excludes(a, b, prepositions, parallel)
        for a in mine
        if a.key not in their_keys
        for b in theirs
        if b.key not in my_keys
    )


def _excludes(a: _Place, b: _Place, prepositions: Collection[str], parallel: bool) -> bool:
    before, behind = a.before == b.before, a.behind == b.behind
    if a.measured and b.measured and before:
        return True
    if before and a.before in prepositions and a.named == b.named and not (a.acts or b.acts):
        return True
    if behind and a.behind_tells and not a.before_tells and not b.before_tells:
        return True
    return parallel and before and behind and a.before != _NUMBER and (a.before, a.behind) != (_EDGE, _EDGE)


@lru_cache(maxsize=4096)
def _places(statement: Statement) -> tuple[_Place, ...]:
    """The content words outside figures; an ordinal is a word here, since it says which."""
    words = [_NUMBER if _inside(span, statement) else _word(statement, span) for span in statement.token_spans]
    padded = [_EDGE, *words, _EDGE]
    return tuple(
        _Place(
            stem(word)[:_PREFIX],
            padded[i],
            padded[i + 2],
            _tells(padded[i], statement.language),
            _tells(padded[i + 2], statement.language),
            i > 1 and words[i - 2] == _NUMBER != words[i - 1],
            statement.text[statement.token_spans[i][0]].isupper(),
            statement.language == "en" and word.endswith("ing"),
        )
        for i, word in enumerate(words)
        if _tells(word, statement.language)
    )


def _word(statement: Statement, span: tuple[int, int]) -> str:
    return statement.text[slice(*span)].lower().removesuffix("'s").removesuffix("’s")


def _inside(span: tuple[int, int], statement: Statement) -> bool:
    return any(
        figure.start < span[1] and figure.end > span[0] and getattr(figure, "kind", None) != "ordinal"
        for figure in statement.figures
    )


def _tells(word: str, language: str) -> bool:
    return word not in (_EDGE, _NUMBER) and not is_stop_word(word, language)
