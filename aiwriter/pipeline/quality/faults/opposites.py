"""One word exchanged for its opposite, or for one that says more: "rose" for "fell", "will" for "might".

The words are data (opposites.toml). What is nearly word for word the sentence of the passage but for that word is
certainly wrong; what only speaks of the same is doubtful.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.words import stem, word_set, words

RULE = "support.opposite"
ALIKE = 0.8  # of the words of both, in their order, the two opposites taken for one
_ABOUT = 0.7  # of what else the claim says in a sentence that is about the same
_PLACE = "\0"


@dataclass(frozen=True)
class _Pair:
    """Stems of two sides; `placed`: it counts only where one stands in the place of the other."""

    sides: tuple[frozenset[str], frozenset[str]]
    placed: bool


@dataclass(frozen=True)
class _Words:
    pairs: tuple[_Pair, ...]
    among: re.Pattern[str]
    superlative: re.Pattern[str]
    maybe: re.Pattern[str]
    hedged: re.Pattern[str]
    planned: re.Pattern[str] | None


def opposites(alignment: Alignment) -> Iterator[Fault]:
    """A word where the sentence that tells the claim has its opposite, and not the word."""
    known, claim = _known(alignment.claim.language), alignment.claim
    if known is None:
        return
    for pair in (*known.pairs, *_prefixed(alignment)):
        for mine, theirs in (pair.sides, pair.sides[::-1]):
            if not _has(claim, mine) or _has(claim, theirs):
                continue
            told = [s for s in alignment.close if _has(s, theirs) and not _has(s, mine)]
            for sentence in told:
                certain = _stands_for(claim, mine, sentence, theirs)
                if certain or (not pair.placed and _is_about(alignment, sentence, mine)):
                    yield from _opposite(claim, mine, sentence, theirs, certain)
                    break


def _prefixed(alignment: Alignment) -> Iterator[_Pair]:
    """Words of claim and passages that differ in "un-" alone: "lit" and "unlit"."""
    ours = frozenset(_stems(alignment.claim.text))
    theirs = frozenset(one for sentence in alignment.near for one in _stems(sentence.text))
    for some, others in ((ours, theirs), (theirs, ours)):
        for one in some:
            if one.startswith("un") and len(one) > 4 and one[2:] in others and one not in _NOT_PREFIXED:
                yield _Pair((frozenset({one[2:]}), frozenset({one})), placed=False)


_NOT_PREFIXED = word_set("under unit until union unless unlike")


def _opposite(
    claim: Statement, mine: frozenset[str], sentence: Statement, theirs: frozenset[str], certain: bool
) -> Iterator[Fault]:
    place, other = _places(claim, mine)[0], _places(sentence, theirs)[0]
    if _is_denied(claim, mine) != _is_denied(sentence, theirs):
        return
    said, instead = (s.text[slice(*s.token_spans[at])] for s, at in ((claim, place), (sentence, other)))
    message = f"Where the passage says “{instead}”, this says “{said}”."
    yield Fault(RULE, message, claim.token_spans[place], certain=certain, fix=f"write “{instead}”")


def _has(text: Statement, side: frozenset[str]) -> bool:
    return not side.isdisjoint(_stems(text.text))


@lru_cache(maxsize=8192)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(map(stem, words(text)))


def _places(text: Statement, side: frozenset[str]) -> list[int]:
    return [place for place, one in enumerate(_stems(text.text)) if one in side]


def _is_denied(text: Statement, side: frozenset[str]) -> bool:
    """Whether a negation turns round a word of this side: "did not lose" is no "lost"."""
    return any(not side.isdisjoint(cue.scope) for cue in text.negations)


def _stands_for(claim: Statement, mine: frozenset[str], sentence: Statement, theirs: frozenset[str]) -> bool:
    """Whether both are nearly word for word the same when the two words are taken for one."""
    ours = [_PLACE if stem(word) in mine else word for word in claim.tokens]
    others = [_PLACE if stem(word) in theirs else word for word in sentence.tokens]
    figured = all(map(sentence.says, claim.figures))  # else it tells of another time or amount
    return figured and ours.count(_PLACE) == others.count(_PLACE) and _alike(ours, others, _PLACE)


def _alike(ours: Sequence[str], others: Sequence[str], wanted: str) -> bool:
    """Whether two rows of words are nearly one, and both have the wanted word in the same place."""
    if abs(len(ours) - len(others)) > (1 - ALIKE) * (len(ours) + len(others)):
        return False
    matcher = SequenceMatcher(None, others, ours, autojunk=False)
    if matcher.ratio() < ALIKE:
        return False
    return any(wanted in ours[j : j + size] for _, j, size in matcher.get_matching_blocks())


def _is_about(alignment: Alignment, sentence: Statement, mine: frozenset[str]) -> bool:
    """Whether a sentence tells nearly all else of the claim, and no other one tells the claim with its own word."""
    claim = alignment.claim
    rest = [one for one in claim.bare_stems if one not in mine]
    if len(rest) + len(claim.figures) < 2 or _told(rest, claim, sentence) < _ABOUT:
        return False
    sentences = (s for ground in alignment.grounds for s in ground.sentences)
    return not any(_has(s, mine) and _told(rest, claim, s) >= _ABOUT / 2 for s in sentences)


def _told(rest: Sequence[str], claim: Statement, sentence: Statement) -> float:
    held = [*map(sentence.holds, rest), *map(sentence.says, claim.figures)]
    return sum(held) / (len(held) or 1)


def overstated(alignment: Alignment) -> Iterator[Fault]:
    """ "The largest" for "one of the largest", "closes" for "might close": in the sentence that tells the claim."""
    known, claim = _known(alignment.claim.language), alignment.claim
    if known is None:
        return
    for sentence in alignment.close:
        yield from _singled_out(claim, sentence, known, alignment)
        yield from _made_sure(claim, sentence, known, alignment)
        yield from _brought_forward(claim, sentence, known, alignment)


def _singled_out(claim: Statement, sentence: Statement, known: _Words, alignment: Alignment) -> Iterator[Fault]:
    among = known.among.search(sentence.text)
    if among is None or known.among.search(claim.text):
        return
    alone = next(
        (m for m in known.superlative.finditer(claim.text) if m["word"].lower() == among["word"].lower()), None
    )
    if alone is None or any(_names_one(known, s, among["word"]) for s in alignment.near):
        return
    if _told(list(claim.bare_stems), claim, sentence) >= _ABOUT - 0.1:  # what it is may stand in another sentence
        certain = _alike(_singular(claim.tokens), _singular(sentence.tokens), among["word"].lower())
        message = f"The passage says “{among[0]}”, which is less than “{alone[0]}”."
        yield Fault(RULE, message, alone.span(), certain=certain, fix=f"write “{among[0]}”")


def _names_one(known: _Words, sentence: Statement, word: str) -> bool:
    found = known.superlative.finditer(known.among.sub(" ", sentence.text))
    return any(match["word"].lower() == word.lower() for match in found)


def _singular(tokens: Sequence[str]) -> list[str]:
    """Without plurals and "one of", in which both may differ."""
    return [stem(token) if token.endswith("s") else token for token in tokens if token not in ("one", "of", "among")]


def _made_sure(claim: Statement, sentence: Statement, known: _Words, alignment: Alignment) -> Iterator[Fault]:
    maybe = known.maybe.search(sentence.text)
    if maybe is None or _is_hedged(claim, known) or claim.negations:
        return
    verb = next((one for one in _stems(sentence.text[maybe.end() :])[:3] if len(one) > 3), None)
    places = _places(claim, frozenset({verb})) if verb and verb not in _WEAK else []
    if not places or _told(list(claim.bare_stems), claim, sentence) < _ABOUT:
        return
    if any(s is not sentence and verb in _stems(s.text) for s in alignment.near):
        return
    certain = _alike([stem(t) for t in claim.tokens], [stem(t) for t in sentence.tokens], verb or "")
    message = f"The passage says “{maybe[0]}” of this: it does not say that it is so."
    fix = f"write “{maybe[0]}”, as the passage does"
    yield Fault(RULE, message, claim.token_spans[places[0]], certain=certain, fix=fix)


def _is_hedged(claim: Statement, known: _Words) -> bool:
    return known.hedged.search(_MONTH.sub(" ", claim.text)) is not None


_MONTH = re.compile(r"(?<=\w )May\b")
_AS_BEFORE = word_set("cut put set shut spread hit")  # the past is written like the present
_WHAT = word_set("the a an its their his her all this that these those")
_DONE = word_set("was were has have had been")


def _brought_forward(claim: Statement, sentence: Statement, known: _Words, alignment: Alignment) -> Iterator[Fault]:
    """ "Was removed" for "will be removed", "called" for "threatened to call"."""
    if known.planned is None or known.planned.search(claim.text) or _is_hedged(claim, known) or claim.negations:
        return
    for plan in known.planned.finditer(sentence.text):
        verb = next((one for one in _stems(sentence.text[plan.end() :])[:3] if _is_verb(one)), None)
        stems = enumerate(_stems(claim.text))
        places = [at for at, one in stems if verb and one.startswith(verb) and _is_done(claim, at)]  # write, written
        told = [one for one in claim.bare_stems if verb and (one == verb or not one.startswith(verb))]
        if not places or verb in _WEAK or _told(told, claim, sentence) < _ABOUT:
            continue
        if any(
            s is not sentence and verb in _stems(s.text) and not known.planned.search(s.text) for s in alignment.near
        ):
            continue
        message = f"The passage says “{plan[0]}” of this: it does not say that it has happened."
        fix = f"write “{plan[0]}”, as the passage does"
        yield Fault(RULE, message, claim.token_spans[places[0]], certain=False, fix=fix)
        return


def _is_verb(stemmed: str) -> bool:
    return (len(stemmed) > 3 and stemmed != "been") or stemmed in _AS_BEFORE


def _is_done(claim: Statement, place: int) -> bool:
    """Whether a verb of the claim tells what has happened."""
    before = claim.tokens[max(0, place - 2) : place]
    told = claim.tokens[place]
    cut = told in _AS_BEFORE and not _WHAT.isdisjoint(claim.tokens[place + 1 : place + 2])
    return "be" not in before and (told.endswith("ed") or cut or not _DONE.isdisjoint(before))


_WEAK = frozenset({"hav", "been", "also", "includ", "need", "want"})  # "may include", "may want to" promise little more


@lru_cache(maxsize=8)
def _known(language: str) -> _Words | None:
    table = tomllib.loads((files("aiwriter.pipeline.quality") / "opposites.toml").read_text("utf-8")).get(language)
    if table is None:
        return None
    pairs = tuple(
        _Pair((_side(one), _side(other)), placed=name == "placed")
        for name in ("pairs", "placed")
        for one, other in table[name]
    )
    word = f"(?P<word>{table['strongest']})"
    among, superlative = (re.compile(f"(?:{table[name]}){word}", re.IGNORECASE) for name in ("among", "superlative"))
    maybe = re.compile(table["maybe"])  # "May" is a month
    planned = re.compile(table["planned"], re.IGNORECASE) if "planned" in table else None
    return _Words(pairs, among, superlative, maybe, re.compile(table["hedged"], re.IGNORECASE), planned)


@lru_cache(maxsize=4096)
def same_sense(stemmed: str, language: str) -> frozenset[str]:
    """The stem itself, and those on its side of an opposite: "drop" for "fell"."""
    known = _known(language)
    sides = (side for pair in known.pairs for side in pair.sides if stemmed in side) if known else ()
    return frozenset({stemmed}).union(*sides)


def _side(forms: str) -> frozenset[str]:
    return frozenset(stem(form) for form in forms.split())
