"""Causes: turned round, read into what only stands side by side, or other ones than the passages give."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.words import content_words

_EFFECT_FIRST = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|caused by|result(?:s|ed)? from|as a result of)\b", re.I
)
_CAUSE_FIRST = re.compile(
    r"\b(?:which is why|that is why|therefore|consequently|hence|so that|caus(?:es|ed)|(?:led|leads) to|"
    r"result(?:s|ed)? in|triggered)\b(?! by)",
    re.I,
)


def causes(alignment: Alignment) -> Iterator[Fault]:
    """Cause and effect the other way round than in the passage."""
    mine = _sides(alignment.claim)
    if mine is None:
        return
    for sentence in alignment.near:
        theirs = _sides(sentence)
        if theirs is None:
            continue
        straight = min(_share(mine[0], theirs[0]), _share(mine[1], theirs[1]))
        crossed = min(_share(mine[0], theirs[1]), _share(mine[1], theirs[0]))
        if crossed > straight and crossed >= 0.3:
            span = (0, len(alignment.claim.text))
            yield Fault("support.cause", "The passage has cause and effect the other way round.", span, certain=True)
            return


_REASON = re.compile(
    r"\b(?:because|due|owing|thanks|caus\w+|leads?|led|leading|result\w*|therefore|consequen\w+|hence|thus|thereby|so|"
    r"why|reasons?|trigger\w*|contribut\w+|forc(?:es?|ed|ing)|prompt\w*|responsible|attribut\w+|blam\w+|effects?|"
    r"affect\w*|follow\w*|allow\w*|enabl\w+|mak(?:es?|ing)|made|means|meant|creat\w+|produc\w+|bring\w*|"
    r"brought|driv\w+)\b|, since\b",
    re.IGNORECASE,
)


def joined(alignment: Alignment) -> Iterator[Fault]:
    """A cause that was read into the passages: they tell both things, each in a sentence of its own, and no word says
    that one came of the other."""
    claim, near = alignment.claim, alignment.near
    sides = _sides(claim)
    if sides is None or any(_REASON.search(sentence.text) for sentence in near):
        return
    if all(_is_told_apart(one, other, near) for one, other in (sides, sides[::-1])):
        message = "The passage tells both, but not that one is the cause of the other."
        yield Fault("support.cause", message, (0, len(claim.text)), certain=False, fix="tell them side by side")


def _is_told_apart(side: set[str], other: set[str], near: Sequence[Statement]) -> bool:
    """Whether the sentences that hold two thirds of one side, one at least, hold nothing of the other."""
    telling = [s for s in near if side and 3 * sum(map(s.holds, side)) >= 2 * len(side)]
    return bool(telling) and not any(s.holds(word) for s in telling for word in other)


def _sides(statement: Statement) -> tuple[set[str], set[str]] | None:
    """Stems of cause and of effect."""
    for pattern, effect_first in ((_CAUSE_FIRST, False), (_EFFECT_FIRST, True)):
        match = pattern.search(statement.text)
        if match:
            left = set(content_words(statement.text[: match.start()], statement.language))
            right = set(content_words(statement.text[match.end() :], statement.language))
            if not left and "," in statement.text[match.end() :]:  # "Because of A, B"
                first, _, rest = statement.text[match.end() :].partition(",")
                left, right = (set(content_words(part, statement.language)) for part in (rest, first))
            return (right, left) if effect_first else (left, right)
    return None


def _share(mine: Set[str], theirs: Set[str]) -> float:
    return len(mine & theirs) / len(mine) if mine else 0.0


# Before what is given as cause or purpose, by language.
_GIVEN = {
    "en": r"because(?: of)?|due to|owing to|thanks to|caused by|so that|in order to|so as to|, (?:since|as)",
    "de": r"weil|wegen|aufgrund|dank|damit|, (?:da|denn|um)",
    "fr": r"parce qu[e'’]|à cause d(?:e|es|u)?|en raison d(?:e|es|u)?|grâce (?:à|aux?)|afin d[e'’]|pour qu[e'’]|, car",
    "es": r"porque|debido al?|a causa del?|por culpa del?|gracias al?|para que|a fin de|, ya que",
    "sv": r"eftersom|därför att|på grund av|tack vare|för att",
}
_GIVES = {
    language: re.compile(rf"(?<!\w)(?P<not>not )?(?:{cues})(?:(?<=['’])|(?!\w))", re.IGNORECASE)
    for language, cues in _GIVEN.items()
}
_TOLD = 0.6  # of what it is the cause of, where the passages tell that
_FEW = 0.5  # of a cause; less of it may be there by chance


@dataclass(frozen=True)
class _Given:
    """What a sentence gives a cause for and that cause, by stems, and from where on it stands."""

    effect: frozenset[str]
    cause: frozenset[str]
    start: int
    denied: bool


def given_otherwise(alignment: Alignment) -> Iterator[Fault]:
    """A cause or purpose of which the passages tell little, though they tell what it should be the cause of; or little
    of it where they give theirs, or where they say that it is none."""
    mine = _given(alignment.claim)
    if mine is None or mine.denied or len(mine.effect) < _LEAST or not mine.cause - mine.effect:
        return
    own, near = mine.cause - mine.effect, alignment.near
    theirs = [one for one in map(_given, near) if one]
    span = mine.start, len(alignment.claim.text)
    said = alignment.claim.text[mine.start :].strip(" ,.")
    if any(one.denied and _share(own, one.cause) > _FEW for one in theirs):
        yield Fault("support.cause", f"The passage denies the cause “{said}”.", span, certain=True, fix=_FIX)
        return
    given = [one for one in theirs if not one.denied and _share(mine.effect, one.effect | one.cause) >= _TOLD]
    told, effect = _told(own, near), _told(mine.effect, near)
    if (effect >= _TOLD and told < _FEW) or (given and all(_share(own, one.cause) < _FEW for one in given)):
        message = f"The passage tells this, but does not say “{said}”."
        yield Fault("support.cause", message, span, certain=False, fix=_FIX)


_LEAST = 2  # words of an effect
_FIX = "give the cause that the passage gives"


def _told(stems: Collection[str], near: Sequence[Statement]) -> float:
    return sum(any(text.holds(stem) for text in near) for stem in stems) / len(stems)


def _given(sentence: Statement) -> _Given | None:
    gives = _GIVES.get(sentence.language)
    cue = gives.search(sentence.text) if gives else None
    if cue is None:
        return None
    parts = sentence.text[: cue.start()], _END.split(sentence.text[cue.end() :])[0]
    effect, cause = (frozenset(content_words(part, sentence.language)) for part in parts)
    return _Given(effect, cause, cue.start(), bool(cue["not"])) if effect or cue["not"] else None


_END = re.compile(r"[;:]")
