"""Who does it: a claim that begins with a name, where what tells the rest of it begins with another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault, clauses
from aiwriter.pipeline.quality.faults.names import named_in, same_thing
from aiwriter.pipeline.quality.faults.row import abbreviates, is_passive
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import Span
from aiwriter.text.words import content_words, is_stop_word, stem, word_set

_TOLD = 0.65  # of what the claim says beside the name, in one part of a sentence
_FEW = 2  # words tell no part of a sentence from others


def doers(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """A name that the claim tells something of first, where the passage tells it of another."""
    claim = alignment.claim
    mine = _opening_name(claim, known)
    if mine is None:
        return
    rest = claim.bare_stems - set(content_words(mine.text, claim.language))
    if len(rest) < _FEW:
        return
    parts = [part for sentence in alignment.near for part in clauses(sentence)]
    figures = claim.figures
    held = [sum((*map(part.holds, rest), *map(part.says, figures))) / (len(rest) + len(figures)) for part in parts]
    best = max(range(len(parts)), key=held.__getitem__)
    if held[best] < _TOLD:
        return
    if any(_speaks_of(mine.text, parts[at], known) for at in range(len(parts)) if held[at] >= _TOLD / 2):
        return
    rival = _subject(parts, best, rest, known, claim.text[: mine.start].lower().split())
    if (
        rival is None
        or _is_one(mine.text, rival)
        or rival in claim.text
        or is_passive(claim) != is_passive(parts[best])
    ):
        return
    message = f"The passage tells this of “{rival}”, not of “{mine.text}”."
    yield Fault("support.name", message, (mine.start, mine.end), certain=False, fix=f"write “{rival}”")


def _opening_name(claim: Statement, known: Collection[str]) -> Span | None:
    """The name of which a claim tells what follows: nothing with a meaning stands before it."""
    name = next(iter(named_in(claim, known)), None)
    return name if name and not content_words(claim.text[: name.start], claim.language) else None


def _speaks_of(name: str, part: Statement, known: Collection[str]) -> bool:
    return name.rsplit(maxsplit=1)[-1] in part.text or any(_is_one(name, other.text) for other in part.names(known))


def _is_one(name: str, other: str) -> bool:
    """Whether two names are of one: "Lake Meder" is not Lake Orsova, as each has a word of its own."""
    mine, theirs = name.split(), other.split()
    if set(mine) <= set(theirs) or set(theirs) <= set(mine) or mine[-1] == theirs[-1]:
        return True
    return same_thing(name, other) or abbreviates(name, other)


def _subject(
    parts: Sequence[Statement], at: int, rest: frozenset[str], known: Collection[str], leading: Sequence[str]
) -> str | None:
    """The name with which a part of a sentence begins, behind the words that lead to ours ("On Windows" for "On
    macOS"); of a pronoun, that with which the nearest part before it does."""
    part = parts[at]
    begins = (span[0] for span, token in zip(part.token_spans, part.tokens, strict=True) if stem(token) in rest)
    first = next(begins, len(part.text))
    name = next((one for one in named_in(part, known) if one.end <= first), None)
    if name and _leads(part, name, leading):
        return name.text
    if part.tokens and part.tokens[0] in _PRONOUNS:
        before = (_subject(parts, place, frozenset(), known, leading) for place in range(at - 1, -1, -1))
        return next(filter(None, before), None)
    return None


def _leads(part: Statement, name: Span, leading: Sequence[str]) -> bool:
    """Whether a part of a sentence begins with a name, or with what somebody is and the name: "Chair Ann Ferris"."""
    before = [token for token, span in zip(part.tokens, part.token_spans, strict=True) if span[0] < name.start]
    before = [token for token in before if token not in _ARTICLES and token not in leading]
    if len(before) == _TITLE and before[1] in _BY:
        return True
    return len(before) <= _TITLE and not any(is_stop_word(token, part.language) for token in before)


_TITLE = 2  # words
_BY = word_set("by von par por av")  # "a study by Ann Ferris says"
_ARTICLES = word_set(
    """the a an his her its their der die das dem den ihr ihre ihren sein seine seinen le la les l son sa ses leur
    el los las su sus hans hennes dess deras"""
)
_PRONOUNS = word_set("he she it they his her its their er sie es il elle ils elles él ella ellos ellas han hon de")
