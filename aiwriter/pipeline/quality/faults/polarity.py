"""Denied or generalised: negations and quantifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from aiwriter.pipeline.quality.alignment import Alignment, recall
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text import facts
from aiwriter.text.facts import QuantifierKind
from aiwriter.text.rarity import rarity
from aiwriter.text.weekdays import day_of_week
from aiwriter.text.words import content_words, stem

_ABOUT = 0.3  # of the claim's words in a sentence that is about the same
_TOLD = 0.75  # of what the claim says, beside the denial


def negations(alignment: Alignment) -> Iterator[Fault]:
    """A negation on one side only, where both sides speak of what it turns round."""
    near = [s for s in alignment.near if _overlap(alignment.claim, s) >= _ABOUT] or list(alignment.near)
    if alignment.claim.negations:
        yield from _unheard(alignment, near)
    else:
        yield from _left_out(alignment.claim, near)


def _unheard(alignment: Alignment, near: Sequence[Statement]) -> Iterator[Fault]:
    """Negations of the claim that the passages do not have; doubtful where they deny something in other words."""
    claim = alignment.claim
    for cue in claim.negations:
        if any(_negates(sentence, cue) for sentence in near) or _is_denied_elsewhere(alignment, cue):
            continue
        if _CONDITION.search(claim.text[: cue.end]):
            continue
        told = any(_speaks_of(cue.scope, sentence) for sentence in near) or recall(claim, near) >= _TOLD
        denied = any(_denies(sentence, claim) for sentence in near)
        if denied and not told:
            continue
        message = f"The passage does not deny this: it has no “{cue.text}” where it tells it."
        span, fix = (cue.start, cue.end), f"take out “{cue.text}”"
        certain = told and not denied and cue.text.lower() not in _LACKING
        certain &= claim.language == "en" or recall(claim, near) >= _TOLD  # denials in other words are known in English
        yield Fault("support.negation", message, span, certain=certain, fix=fix)


_CONDITION = re.compile(r"\b(?:(?:if|or|whether) not|(?:why|if|unless|until)\b[^,;:]{0,40} not)$", re.IGNORECASE)
_LACKING = frozenset({"without", "lack", "lacks", "lacked", "lacking"})  # said of what a passage has in other words


def _is_denied_elsewhere(alignment: Alignment, cue: facts.Negation) -> bool:
    """Whether a sentence outside the best windows turns round the same two words, or first the same telling one."""
    wanted, first = set(_kin(cue.scope[:3])), cue.scope[:1]
    telling = bool(first) and rarity(first[0]) == 1
    negations = (other for ground in alignment.grounds for s in ground.sentences for other in s.negations)
    return any(
        len(wanted & set(_kin(other.scope))) > 1 or (telling and other.scope[:1] == first) for other in negations
    )


def _left_out(claim: Statement, near: Sequence[Statement]) -> Iterator[Fault]:
    """A negation of the passages that the claim does not have; doubtful where it denies in other words, or where the
    passages say the same without one elsewhere."""
    for sentence in near:
        for cue in sentence.negations:
            few = (
                len(cue.scope) == 1 and claim.language != "en" and recall(claim, [sentence]) >= _TOLD
            )  # a verb ends it
            if (len(cue.scope) > 1 or few) and all(map(claim.holds, cue.scope[:2])):
                others = (s for s in near if s is not sentence and not s.negations)
                certain = not _SOFT.search(claim.text) and not any(_speaks_of(cue.scope, other) for other in others)
                rest = claim.stem_set - set(cue.scope)
                certain &= not rest or any(map(sentence.holds, rest))  # else they share the denied words alone
                message = f"The passage denies this: it says “{sentence.text[cue.start : cue.end + 30].strip()}…”."
                fix = "say what the passage says"
                yield Fault("support.negation", message, (0, len(claim.text)), certain=certain, fix=fix)
                return


def _negates(sentence: Statement, cue: facts.Negation) -> bool:
    """Whether a sentence turns round the same thing: a negation of it has a word of this one's scope."""
    return any(set(_kin(cue.scope)) & set(_kin(other.scope)) for other in sentence.negations) or (
        not cue.scope and bool(sentence.negations)
    )


def _kin(scope: Iterable[str]) -> Iterator[str]:
    return (word[:5] for word in scope)


# Denials that are no negation: beside them a "not" is no fault.
_SOFT = re.compile(
    r"\b(?:non-?\w+|un(?!der|it|ion|iv|iq)\w{3,}|ban(?:s|ned|ning)?|prohibit\w*|forb[ia]d\w*|exclud\w+|prevent\w*|"
    r"avoid\w*|stop(?:s|ped)?|ceas\w+|turn(?:s|ed) down|declin\w+|reject\w*|refus\w+|false|little|few|only|instead|"
    r"rather than|no longer|except|absen\w+|end(?:s|ed)|first time|first\b.{1,40}\bsince|"
    r"free|gratis|gratuit\w*|kostenlos\w*|former(?:ly)?|stable|constant)\b",
    re.IGNORECASE,
)


def _denies(sentence: Statement, claim: Statement) -> bool:
    """Whether a sentence denies something that the claim speaks of, with a negation or in another way."""
    if any(not cue.scope or any(map(claim.holds, cue.scope)) for cue in sentence.negations):
        return True
    return any(match.group().lower() not in claim.token_set for match in _SOFT.finditer(sentence.text))


def _speaks_of(scope: tuple[str, ...], sentence: Statement) -> bool:
    """Whether a sentence has the first word that is turned round, and at least half of the next."""
    held = [sentence.holds(word) for word in scope]
    return bool(held) and held[0] and 2 * sum(held) >= len(held)


def _overlap(claim: Statement, sentence: Statement) -> float:
    return sum(sentence.holds(stem) for stem in claim.stem_set) / (len(claim.stem_set) or 1)


_K = QuantifierKind
_SHARE = (_K.NONE, _K.FEW, _K.SOME, _K.MANY, _K.MOST, _K.ALL)
_TIME = (_K.NEVER, _K.RARELY, _K.OFTEN, _K.ALWAYS)
_MORE, _LESS = (_K.AT_LEAST, _K.MORE_THAN), (_K.AT_MOST, _K.LESS_THAN)
_STRONG = (_K.ONLY, _K.ALL, _K.ALWAYS, _K.NEVER)
_WEAK_ALL = frozenset({"each", "both", "whole", "entire", "entirely"})


def quantifiers(alignment: Alignment) -> Iterator[Fault]:
    """“All” where the passage has “some”, “only” where it has nothing of the kind."""
    near = [(sentence, quantifier) for sentence in alignment.near for quantifier in sentence.quantifiers]
    kinds = {quantifier.kind for _, quantifier in near}
    for quantifier in alignment.claim.quantifiers:
        if quantifier.kind in kinds or _is_idle(quantifier):
            continue
        head = _head(alignment.claim, quantifier)
        rivals = [other for text, other in near if _contrary(quantifier.kind, other.kind) and head & _head(text, other)]
        span = (quantifier.start, quantifier.end)
        if rivals:
            message = f"“{quantifier.text}” says something else than the passage, which has “{rivals[0].text}”."
            yield Fault("support.quantifier", message, span, certain=True, fix=f"write “{rivals[0].text}”")
        elif quantifier.kind in _STRONG and not any(fair(quantifier, alignment) for fair in _FAIR):
            message = f"The passage does not say “{quantifier.text}”."
            yield Fault("support.quantifier", message, span, certain=False, fix=f"take out “{quantifier.text}”")


def _is_idle(quantifier: facts.Quantifier) -> bool:
    """Whether it says little ("both", "whole") or is a word of a title ("All Creatures Great and Small")."""
    weak = quantifier.kind is _K.ALL and quantifier.text.lower() in _WEAK_ALL
    return weak or (quantifier.start > 0 and quantifier.text[0].isupper())


def _head(text: Statement, quantifier: facts.Quantifier) -> frozenset[str]:
    """Stems of what a quantifier is said of: the next two content words, or the two before an adverb of time."""
    after = content_words(text.text[quantifier.end : quantifier.end + 60], text.language)[:2]
    before = content_words(text.text[: quantifier.start], text.language)[-2:] if quantifier.kind in _TIME else []
    return frozenset(after + before)


def _negated_never(quantifier: facts.Quantifier, alignment: Alignment) -> bool:
    """ "Never" is a way of saying "not": of the same thing, which the negations look into."""
    return quantifier.kind is _K.NEVER and any(sentence.negations for sentence in alignment.near)


def _is_exception(quantifier: facts.Quantifier, alignment: Alignment) -> bool:
    """Whether "only" is said of the one that the passages except: "all voted for it but one"."""
    return quantifier.kind is _K.ONLY and any(_EXCEPTION.search(sentence.text) for sentence in alignment.near)


_EXCEPTION = re.compile(r"\b(?:except|alone|sole|single|apart from|(?:all|but|to|and) one)\b", re.IGNORECASE)


def _is_regular(quantifier: facts.Quantifier, alignment: Alignment) -> bool:
    """Whether it is said of a day of the week of which the passages tell in the plural: "on Saturdays" is every one."""
    claim, near = alignment.claim, alignment.near
    after = _NEXT.match(claim.text, quantifier.end)
    day = day_of_week(after[1], claim.language) if after else None
    tokens = (token for sentence in near for token in sentence.tokens if token.endswith("s"))
    return day is not None and any(day_of_week(token, claim.language) == day for token in tokens)


_NEXT = re.compile(r"\s+(\w+)")


_FAIR = (_negated_never, _is_exception, _is_regular)


def _contrary(mine: QuantifierKind, theirs: QuantifierKind) -> bool:
    for scale, gap in ((_SHARE, 2), (_TIME, 1)):
        if mine in scale and theirs in scale:
            if scale is _SHARE and _SHARE.index(_K.SOME) <= scale.index(mine) < scale.index(theirs):
                return False  # "many" where all are: less than is known
            return abs(scale.index(mine) - scale.index(theirs)) >= gap
    opposed = (
        (_MORE, _LESS),
        (_LESS, _MORE),
        ((_K.ONLY,), (_K.NOT_ONLY,)),
        ((_K.NOT_ONLY,), (_K.ONLY,)),
        ((_K.MANY,), (_K.ONLY,)),
    )
    return any(mine in ours and theirs in others for ours, others in opposed)


_EVERY = {
    "en": (r"every|each", r"every (?:other|second|two)|alternate"),
    "de": (r"jede[mnrs]?", r"jede[mnrs]? zweite[mnrs]?|alle (?:zwei|2)"),
    "fr": (r"chaque|tous les|toutes les", r"tou(?:s|tes) les deux"),
    "es": (r"cada|todos los|todas las", r"cada dos"),
    "sv": (r"varje|var", r"varannan|vartannat"),
}
_PACES = {
    language: re.compile(rf"\b(?:(?P<second>{second})|(?:{each}))\W+(?P<noun>\w+)", re.IGNORECASE)
    for language, (each, second) in _EVERY.items()
}


def paces(alignment: Alignment) -> Iterator[Fault]:
    """ "Every week" where the passages have "every other week", and the other way round."""
    claim = alignment.claim
    pattern = _PACES.get(claim.language)
    if pattern is None:
        return
    for mine in pattern.finditer(claim.text):
        theirs = [other for s in alignment.near for other in pattern.finditer(s.text) if _is_of_same(mine, other)]
        if theirs and all(bool(other["second"]) != bool(mine["second"]) for other in theirs):
            message = f"Where the passage says “{theirs[0][0]}”, this says “{mine[0]}”."
            yield Fault("support.quantifier", message, mine.span(), certain=True, fix=f"write “{theirs[0][0]}”")


def _is_of_same(one: re.Match[str], other: re.Match[str]) -> bool:
    return stem(one["noun"].lower()) == stem(other["noun"].lower())
