"""How telling the words are that two sentences share, their own and those they lean on."""

from __future__ import annotations

import math

from aiwriter.pipeline.told import Told, key
from aiwriter.text.rarity import rarity

_LEANT = 0.5  # weight of a word that a sentence only leans on
_ENOUGH, SUBJECT = 0.8, 1.0  # of such words they must share to have one subject, which then counts as a telling word
_TELLERS = 4  # sources: of what more of them speak, it is what all are about, and no sentence is nearer for it
_ALWAYS = 3  # two sentences that lean on a word and the one that says it


def own_weights(one: Told) -> dict[str, float]:
    return {key(stemmed): weight(stemmed, one) for stemmed in one.statement.bare_stems}


def leant_weights(one: Told) -> dict[str, float]:
    """The words that a sentence leans on weigh less than its own, and little where many sentences lean on them."""
    return {key(stemmed): _LEANT * _rare(stemmed, _leaning_on(stemmed, one)) for stemmed in one.leant_stems}


def shared_subject(one: Told, other: Told) -> float:
    """SUBJECT when two sentences share enough words by what they lean on alone, words of few sources, else 0; 0 when
    both may be said of anything."""
    if not (one.leant or other.leant) or (one.is_general and other.is_general):
        return 0.0
    mine, theirs = own_weights(one), own_weights(other)
    leant_by_me, leant_by_them = leant_weights(one), leant_weights(other)
    shared = sum(
        min(leant_by_me.get(word, 1.0), leant_by_them.get(word, 1.0))
        for word in (mine | leant_by_me).keys() & (theirs | leant_by_them).keys()
        if not (word in mine and word in theirs) and len(one.among.tellers[word]) <= _TELLERS
    )
    return SUBJECT if shared >= _ENOUGH else 0.0


def weight(stemmed: str, one: Told) -> float:
    """What both sentences of a pair say tells as much as what one does; what many say tells little."""
    return _rare(stemmed, one.among.common[stemmed] - 1)


def _leaning_on(stemmed: str, one: Told) -> int:
    return one.among.common[stemmed] + one.among.meant[stemmed] - _ALWAYS


def _rare(stemmed: str, sentences: int) -> float:
    return rarity(stemmed) / (1 + math.log(max(1, sentences)))
