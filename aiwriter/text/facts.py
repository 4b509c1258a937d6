"""What a text states that can be checked word for word: quantities, dates, names, negations, quantifiers, causes.

Rules over plain text, without a model: they miss what they do not know and are fast enough for every sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aiwriter.text.bounds import Bound
from aiwriter.text.dates import DateFact, dates
from aiwriter.text.quantities import Quantity, QuantityKind, quantities
from aiwriter.text.units import SYMBOLS
from aiwriter.text.words import is_stop_word, stem, word_set

__all__ = [
    "Bound",
    "DateFact",
    "Negation",
    "Quantifier",
    "QuantifierKind",
    "Quantity",
    "QuantityKind",
    "Span",
    "causes",
    "dates",
    "names",
    "negation_cues",
    "negations",
    "quantifiers",
    "quantities",
    "quotations",
    "superlatives",
]


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end] of the text it was found in."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negation:
    """A cue ("not", "never", "without") and the stems of the next few content words, which it turns round."""

    text: str
    start: int
    end: int
    scope: tuple[str, ...]


class QuantifierKind(StrEnum):
    ALL = "all"
    MOST = "most"
    MANY = "many"
    SOME = "some"
    FEW = "few"
    NONE = "none"
    ONLY = "only"
    NOT_ONLY = "not_only"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    ALWAYS = "always"
    OFTEN = "often"
    RARELY = "rarely"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Quantifier:
    kind: QuantifierKind
    text: str
    start: int
    end: int


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_CAPITALISED = r"(?:(?:[A-Z]\.)+|[A-ZÀ-ÖØ-Þ][\w'’&-]*|[a-zà-ÿ]+[A-Z]\w*)"
_NAME = re.compile(
    rf"(?<![\w'’-]){_CAPITALISED}(?:(?:\s+(?:of|de|la|le|van|von|der|den|du|da|di|del|al|bin|&)(?:\s+the)?)?(?<!['’]s)\s+{_CAPITALISED})*"
)
_SENTENCE_START = re.compile(r"(?:\A|[.!?:;]['\"”’)\]]*\s|\n|[•*–—]\s|[\"“‘(\[])\W*\Z")
_TAIL = re.compile(r"(?:['’]s|[.'’&-]+)$")
_INITIAL = re.compile(r"(?:^|[\s.])[A-Z]\.$")
# Words that open sentences or stand capitalised without naming anything.
_NO_NAMES = word_set(
    """according additionally after afterwards again ago all almost already also although always among another any
    anyone around article back because become before besides both but certainly chapter clearly critics currently
    despite during earlier early each early east eventually every everyone everything experts few figure finally first
    following for formerly four fortunately fourth from furthermore generally given here historically however hundreds
    if important in including indeed initially instead interestingly just last late later likewise little long looking
    many maybe meanwhile members moreover most mr mrs ms much nearly neither never nevertheless next nine no nobody
    none north not nothing now officials often once one only originally other others otherwise over overall part
    passengers people perhaps please previously prior readers recent recently regarding researchers residents results
    scientists second section several seven similarly since six some someone sometimes somewhat soon south still such
    table ten thanks third thousands three thus today together tomorrow tonight two typically ultimately under
    unfortunately unlike until usually visitors we west when whereas whether while who why with without workers yes
    yesterday yet dr prof figures data sources source note notes see i am pm"""
)
_MONTH_NAMES = word_set("january february march april may june july august september october november december")


def names(text: str, known: Collection[str] = (), language: str = "en") -> list[Span]:
    """Names: capitalised words and sequences of them, acronyms, camel case; months are dates and no names.

    The first word of a sentence counts only when it belongs to a sequence, is an acronym, or its lower-cased form is in
    `known` (names seen inside sentences elsewhere). In German, where nouns are capitalised, single words need `known`.
    """
    matches = [(match, _starts(text, match.start())) for match in _NAME.finditer(text)]
    inner = {word for match, first in matches if not first for word in _parts(match)}
    found = (
        _name(text, match, first, (inner, known), language) for match, first in matches if not _shouted(match.group())
    )
    return [name for name in found if name is not None]


def _parts(match: re.Match[str]) -> list[str]:
    return [_TAIL.sub("", part).lower() for part in match.group().split()]


def _starts(text: str, position: int) -> bool:
    return _SENTENCE_START.search(text, max(0, position - 12), position) is not None


def _shouted(name: str) -> bool:
    """Whether it is three or more words in capitals throughout: a headline, which names nothing for sure."""
    return name.count(" ") >= 2 and name.isupper()


def _name(text: str, match: re.Match[str], first: bool, known: Sequence[Collection[str]], language: str) -> Span | None:
    start, end = match.span()
    parts = [(part.start() + start, part.group()) for part in re.finditer(r"\S+", match.group())]
    while parts and _common(parts[0][1]):
        parts, first = parts[1:], False
    while parts and (_common(parts[-1][1]) or parts[-1][1].islower()):
        parts = parts[:-1]
    if not parts:
        return None
    start, end = parts[0][0], parts[-1][0] + len(parts[-1][1])
    body = text[start:end]
    if not _INITIAL.search(body):
        body = _TAIL.sub("", body)
    if len(parts) == 1 and not _names_alone(body, first, known, language):
        return None
    return Span(body, start, start + len(body)) if len(body) > 1 else None


def _common(word: str) -> bool:
    bare = _TAIL.sub("", word).lower()
    return bare in _NO_NAMES or bare in _MONTH_NAMES or (is_stop_word(bare) and not (word.isupper() and len(word) > 1))


def _names_alone(body: str, first: bool, known: Sequence[Collection[str]], language: str) -> bool:
    if body in SYMBOLS:
        return False
    capitals = sum(letter.isupper() for letter in body)
    return capitals > 1 or not (first or language == "de") or any(body.lower() in names for names in known)


# ── negation and quantifiers ─────────────────────────────────────────────────────────────────────────────────────────

_NEGATIONS = {
    "en": r"not|no longer|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|\w+n['’]t|hardly|scarcely|"
    r"fail(?:s|ed|ing)? to|unable to|lack(?:s|ed|ing)?|refus(?:e|es|ed|ing) to|declin(?:e|es|ed|ing) to|"
    r"den(?:y|ies|ied|ying)",
    "de": r"nicht|nie|niemals|nichts|niemand|ohne|kein(?:e|en|em|er|es)?",
    "fr": r"pas|jamais|sans|aucune?|rien|personne ne",
    "sv": r"inte|ej|aldrig|ingen|inga|inget|ingenting|utan",
    "es": r"no|nunca|jamás|sin|ningún|ninguna?|nada|nadie",
}
_NEGATION = {
    language: re.compile(rf"\b(?:{cues})\b(?!\s+(?:only|just|nur|seulement|sólo|solo)\b)", re.IGNORECASE)
    for language, cues in _NEGATIONS.items()
}
_NO_NEGATION = re.compile(
    r"\bno\.\s?\d|\bnot (?:\w+ ){0,2}(?:more|less|fewer) than\b"
    r"|\b(?:no (?:fewer|less|more|later|earlier|sooner) than|no doubt)\b",
    re.IGNORECASE,
)
_SCOPE_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.;:!?]")
_SCOPE = 4
_NOT_TURNED = word_set("even still already always yet encore toujours noch länger mehr immer todavía aún siempre")


def negation_cues(text: str, language: str = "en") -> list[Negation]:
    """Negations with what they turn round, in order; "no fewer than" and "not only" are none."""
    pattern = _NEGATION.get(language)
    if pattern is None:
        return []
    innocent = {position for match in _NO_NEGATION.finditer(text) for position in range(*match.span())}
    return [
        Negation(match.group(), match.start(), match.end(), tuple(_scope(text, match.end(), language)))
        for match in pattern.finditer(text)
        if match.start() not in innocent
    ]


def negations(text: str, language: str = "en") -> int:
    """How many negations a text holds; 0 for languages whose cues are not known."""
    return len(negation_cues(text, language))


def _scope(text: str, start: int, language: str) -> Iterator[str]:
    found = 0
    for match in _SCOPE_WORD.finditer(text, start):
        token = match.group().lower()
        token = token.replace("’", "'").rpartition("'")[2] if language == "fr" else token  # "n'a"
        if token in ".;:!?" or found == _SCOPE:
            return
        idle = len(token) < 4 if language == "sv" else is_stop_word(token, language)  # its stop words are not known
        if not idle and token not in _NOT_TURNED:
            found += 1
            yield stem(token)


_BUT_ONE = r" (?:\w+ ){1,5}but (?:one|two|three|a few)\b"  # "all eight of them but one"
_QUANTIFIERS: tuple[tuple[QuantifierKind, str], ...] = (
    (QuantifierKind.NOT_ONLY, r"not (?:only|just|solely|exclusively)"),
    (QuantifierKind.AT_LEAST, r"at least|no (?:fewer|less) than|a minimum of"),
    (QuantifierKind.AT_MOST, r"at most|no more than|up to(?=\s+(?:\w+\s+)?[\d€$£])|a maximum of"),
    (QuantifierKind.MORE_THAN, r"more than|over(?=\s+[\d€$£])|above(?=\s+[\d€$£])"),
    (QuantifierKind.LESS_THAN, r"(?:fewer|less) than|under(?=\s+[\d€$£])|below(?=\s+[\d€$£])"),
    (
        QuantifierKind.MOST,
        rf"(?:almost|nearly) (?:all|every)|all (?:but|except)|all(?={_BUT_ONE})|"
        r"most(?=\s+(?:of|people|\w+en|\w+s)\b)|the majority of|mostly|mainly",
    ),
    (
        QuantifierKind.ALL,
        rf"all(?! but\b| except\b|{_BUT_ONE})|every|each|everywhere|anywhere|worldwide|everyone|"
        r"everybody|entire(?:ly)?|whole|both",
    ),
    (QuantifierKind.MANY, r"many|numerous"),
    (QuantifierKind.SOME, r"some|several|a (?:number|couple) of|partly|certain"),
    (QuantifierKind.FEW, r"(?:a\s+)?few|a minority of|a handful of|little|hardly any"),
    (QuantifierKind.NONE, r"none|nobody|no one|neither|no(?=\s+[a-z]+s\b)"),
    (QuantifierKind.ONLY, r"only|solely|exclusively|nothing but"),
    (QuantifierKind.ALWAYS, r"always|invariably|at all times"),
    (QuantifierKind.OFTEN, r"often|usually|generally|regularly|frequently|commonly"),
    (QuantifierKind.RARELY, r"rarely|seldom|occasionally|sometimes|hardly ever"),
    (QuantifierKind.NEVER, r"never|at no time"),
)
_QUANTIFIER = re.compile(
    r"\b(?:" + "|".join(f"(?P<{kind.value}>{pattern})" for kind, pattern in _QUANTIFIERS) + r")\b", re.IGNORECASE
)


def quantifiers(text: str) -> list[Quantifier]:
    """Words that say how many, how often or how exclusively, in order."""
    return [
        Quantifier(QuantifierKind(match.lastgroup or ""), match.group(), match.start(), match.end())
        for match in _QUANTIFIER.finditer(text)
    ]


# ── other signs that a sentence states a fact ────────────────────────────────────────────────────────────────────────

_QUOTATION = re.compile(r"“([^”]{2,600})”|„([^“”]{2,600})[“”]|«\s?([^»]{2,600}?)\s?»|(?<!\w)\"([^\"\n]{2,600})\"(?!\w)")
_CAUSE = re.compile(
    r"\b(?:because|due to|owing to|thanks to|as a result|caus(?:e|es|ed|ing)|(?:led|leads|leading) to|"
    r"result(?:s|ed)? in|therefore|consequently|hence|thus|which is why|that is why|triggered|contributed to|"
    r"as a consequence)\b",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(
    r"\b(?:(?:the|its|his|her|their|\w+['’]s)\s+(?:\w+\s+)?(?:most|least|best|worst|first|last|only|"
    r"(?!west|east|rest|forest|interest|honest|modest|request|test|guest|nearest|latest|conquest|harvest|contest|protest)"
    r"\w{3,}est)|ever\s+(?:recorded|built|made|seen))\b",
    re.IGNORECASE,
)


def quotations(text: str) -> list[Span]:
    """What stands between quotation marks, without the marks."""
    found = []
    for match in _QUOTATION.finditer(text):
        group = match.lastindex or 1
        found.append(Span(match[group], match.start(group), match.end(group)))
    return found


def causes(text: str) -> list[Span]:
    """Words that claim that one thing brought about another."""
    return [Span(match.group(), *match.span()) for match in _CAUSE.finditer(text)]


def superlatives(text: str) -> list[Span]:
    """Claims to be the most, first, only, largest …"""
    return [Span(match.group(), *match.span()) for match in _SUPERLATIVE.finditer(text)]
