"""Names of a sentence that its passages do not have, or have elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault, said_in
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import Span
from aiwriter.text.rarity import rarity
from aiwriter.text.weekdays import day_of_week
from aiwriter.text.words import is_stop_word, stem, word_set


def names(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """Names that no passage has, and names that stand elsewhere in it than where the claim is told."""
    texts = said_in(alignment)
    tokens = frozenset(token for text in texts for token in text.token_set)
    near_tokens = frozenset(token for sentence in alignment.near for token in sentence.token_set) | _around(alignment)
    for name in named_in(alignment.claim, known):
        parts = _name_parts(name.text)
        span = (name.start, name.end)
        if not parts or _is_named(parts, near_tokens):
            continue
        rival = _rival(alignment.claim, alignment.near, known)
        if _is_named(parts, tokens):
            if rival and not _is_half_told(parts, near_tokens) and _rest_is_told(alignment, parts):
                message = f"“{name.text}” stands elsewhere in the passage; where this is told it names “{rival}”."
                yield Fault("support.name", message, span, certain=False, fix="check who or what the passage means")
        elif not (_is_written_otherwise(name.text, texts, tokens, known) or _is_idle(alignment.claim, name, parts)):
            message = f"“{name.text}” does not stand in the cited passage."
            strange = not (_is_a_word(parts) or _is_half_told(parts, tokens) or _is_a_noun(alignment.claim, name))
            certain = rival is not None and strange and _rest_is_told(alignment, parts)
            fix = "use a name of the source, or take it out"
            yield Fault("support.name", message, span, certain=certain, fix=fix)


def named_in(claim: Statement, known: Collection[str]) -> list[Span]:
    """Names of a sentence that can be compared: no unit of a figure ("12,5 Prozent", "3 Millionen Kronen") and no day;
    in German neither an article with its noun nor a single noun of which nobody knows that it names something."""
    figures = claim.figures
    names = [n for n in claim.names(known) if not any(f.start <= n.start < f.end for f in figures)]
    names = [name for name in names if day_of_week(name.text, claim.language) is None]
    if claim.language != "de":
        return names
    bare = map(_without_article, names)
    return [name for name in bare if name.text.lower() in known or not _is_a_noun(claim, name)]


def _without_article(name: Span) -> Span:
    first, _, rest = name.text.partition(" ")
    idle = is_stop_word(first.lower(), "de") or first.lower() in _BEFORE_NOUNS
    return Span(rest, name.end - len(rest), name.end) if rest and idle else name


_BEFORE_NOUNS = word_set(
    """neue neuer neues neuen alte alter altes alten große großer großes großen kleine kleiner kleines kleinen viele
    einige mehrere alle beide solche andere weitere erste erster erstes ersten zweite letzte letzter seit laut rund etwa
    fast knapp trotz wegen während ende anfang mitte heute damals dabei zudem außerdem insgesamt"""
)


def _is_a_noun(claim: Statement, name: Span) -> bool:
    """Whether it is one German word with a capital, as every noun has; an acronym is none."""
    single = claim.language == "de" and " " not in name.text
    return single and sum(letter.isupper() for letter in name.text) == 1


def _rest_is_told(alignment: Alignment, parts: list[str]) -> bool:
    """Whether the passage tells most of what the claim says beside the name: then the name was put in wrongly."""
    name = frozenset(map(stem, parts))
    rest = alignment.claim.stem_set - name
    told = sum(any(sentence.holds(word) for sentence in alignment.near) for word in rest)
    return bool(rest) and told / len(rest) >= _TOLD


_TOLD = 0.6


def _is_a_word(parts: list[str]) -> bool:
    """Whether it may be no name at all: one common word with a capital ("I Want to Go Outside")."""
    return len(parts) == 1 and rarity(stem(parts[0])) < 1


def _is_half_told(parts: list[str], tokens: frozenset[str]) -> bool:
    """Whether the passages have a telling word of a longer name: the rest of it may be what a reader knows ("Super Bowl
    XXX" for "XXX", "Shizuoka Prefecture" for "Shizuoka")."""
    return len(parts) > 1 and any(rarity(stem(part)) == 1 and _is_there(part, tokens) for part in parts)


def _is_idle(claim: Statement, name: Span, parts: list[str]) -> bool:
    """Whether it names nothing by itself: an abbreviation that the claim makes of its own words ("cardiothoracic ratio
    (CTR)"), a common word in a title between quotation marks, or one that points back ("The Act")."""
    before, after = claim.text[: name.start], claim.text[name.end :]
    if before.endswith("(") and after.startswith(")") and _abbreviates(name.text, before[:-1]):
        return True
    titled = _OPEN_QUOTE.search(before) is not None and _CLOSING_QUOTE.search(after) is not None
    return _is_a_word(parts) and (titled or _POINTING.search(before) is not None)


def _abbreviates(name: str, before: str) -> bool:
    """Whether its capitals stand in this order in the few words before it, from the beginning of one."""
    near = " ".join(before.split()[-len(name) - 1 :])
    return name.isupper() and re.search(r"\b" + ".*?".join(map(re.escape, name)), near, re.IGNORECASE) is not None


_OPEN_QUOTE = re.compile(r"(?:(?:^|[\s(])['\"]|[“‘])[^\"”’]*$")
_CLOSING_QUOTE = re.compile(r"^[^\"“‘]*(?:['\"](?!\w)|[”’])")
_POINTING = re.compile(r"\b(?:the|this|that|these|those|its|their) $", re.IGNORECASE)


# One thing by several words that share no beginning; sought as parts of lower-cased text.
_SAME = (
    ("united states", "america", "u.s", " us ", " usa "),
    ("united kingdom", "brit", "u.k", " uk "),
    (" eu ", "europe"),
    (" tv ", "televis"),
    (" bc ", "b.c", " bce "),
    (" ad ", "a.d", " ce "),
    ("netherlands", "dutch", "holland"),
    ("france", "french"),
    ("germany", "german"),
    ("spain", "spanish"),
    ("switzerland", "swiss"),
    ("denmark", "danish", " dane"),
    ("poland", "polish"),
    ("greece", "greek"),
    ("turkey", "turkish", "türkiye"),
    ("ireland", "irish"),
    ("wales", "welsh"),
    ("england", "english"),
    ("scotland", "scottish", "scots"),
    ("sweden", "swed"),
    ("finland", "finn"),
    ("norway", "norweg"),
    ("china", "chinese", " prc "),
    ("soviet union", "soviet", " ussr "),
    ("united nations", "u.n.", " un "),
)


def same_thing(name: str, text: str) -> bool:
    """Whether a text has other words for what is named."""
    forms = _aliases(name)
    return bool(forms) and any(form in f" {text.lower()} " for form in forms)


@lru_cache(maxsize=4096)
def _aliases(name: str) -> tuple[str, ...]:
    plain, found = name.replace(".", "").lower(), list[str]()
    for same in _SAME:
        bare = [form.strip().replace(".", "") for form in same]
        if plain in bare or any(len(form) > 3 and plain.startswith(form) for form in bare):
            found += same
    return tuple(found)


def _is_written_otherwise(
    name: str, texts: Iterable[Statement], tokens: frozenset[str], known: Collection[str]
) -> bool:
    """An acronym for the words of the passage or the other way round, or one word for two."""
    if any(same_thing(name, text.text) for text in texts):
        return True
    joined = re.sub(r"[\W_]+", "", name).lower()
    if name.isupper() and len(joined) > 1 and any(_is_spelled_out(joined, text.tokens) for text in texts):
        return True
    if _initials(name) in tokens or any(len(joined) > 3 and joined in text.joined for text in texts):
        return True
    return name.isupper() and any(_initials(other.text) == joined for text in texts for other in text.names(known))


def _is_spelled_out(acronym: str, tokens: Sequence[str]) -> bool:
    """Whether words in a row begin with its letters: "artificial intelligence" for "AI". Of two letters both words
    must be telling."""
    initials = "".join(token[0] for token in tokens)
    place = initials.find(acronym)
    while place >= 0:
        row = tokens[place : place + len(acronym)]
        if len(row) > 2 or all(len(word) > 3 and not is_stop_word(word) for word in row):
            return True
        place = initials.find(acronym, place + 1)
    return False


def _name_parts(name: str) -> list[str]:
    tokens = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", name)
    return [
        token.lower().replace("’", "'").removesuffix("'s")
        for token in tokens
        if token[:1].isupper() or token[-1:].isupper()
    ]


def _initials(name: str) -> str:
    capitals = [part[0].lower() for part in re.findall(r"[^\W\d_]+", name) if part[:1].isupper()]
    return "".join(capitals) if len(capitals) >= 3 else "\0"


def _is_named(parts: list[str], tokens: frozenset[str]) -> bool:
    """Whether the last word of a name and at least half of its words are there."""
    present = [_is_there(part, tokens) for part in parts]
    return present[-1] and 2 * sum(present) >= len(present)


def _is_there(part: str, tokens: frozenset[str]) -> bool:
    if part in tokens or part.rstrip("s") in tokens or part + "s" in tokens:
        return True
    if len(part) < 5:
        return False
    begin = part[:4]
    kin = [token for token in tokens if token.startswith(begin)]
    return any(SequenceMatcher(None, part, token).ratio() >= 0.72 for token in kin)


def _around(alignment: Alignment) -> frozenset[str]:
    return frozenset(token for ground in alignment.grounds for token in ground.around.token_set)


def _rival(claim: Statement, near: Iterable[Statement], known: Collection[str]) -> str | None:
    """A name where the claim is told that the claim does not have; a label ("TITLE:") is none."""
    for sentence in near:
        for name in sentence.names(known):
            strange = "\n" not in name.text and not claim.token_set & set(_name_parts(name.text))
            if strange and not sentence.text.startswith(":", name.end):
                return name.text
    return None
