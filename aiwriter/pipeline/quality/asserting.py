"""Does a sentence state something that needs a source?

Of anybody's text it does when it has a figure, date, name, quotation, superlative or cause, or when it denies or
generalises something ("never", "nobody", "only", "each"). Of a text of ours, which must show where it comes from, it
does too when it says more than what joins sentences ("This matters for three reasons"): when it has a telling word that
neither the sentences beside it that cite something nor heading and brief have. Words that join are data (joining.toml).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from aiwriter.documents import Brief, Section
from aiwriter.pipeline.quality.faults.opposites import same_sense
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.facts import QuantifierKind
from aiwriter.text.scripts import is_unreadable
from aiwriter.text.words import content_words, stem, word_spans

_SWEEPING = frozenset(
    {
        QuantifierKind.ALL,
        QuantifierKind.MOST,
        QuantifierKind.NONE,
        QuantifierKind.ONLY,
        QuantifierKind.ALWAYS,
        QuantifierKind.NEVER,
    }
)
_SWEEPING_ELSEWHERE = {
    "de": r"alle[mnrs]?|jede[mnrs]?|sämtliche[mnrs]?|nur|ausschließlich|immer|stets|die meisten",
    "fr": r"tou(?:s|tes)|chaque|seulement|uniquement|toujours|la plupart",
    "es": r"tod[oa]s|cada|s[oó]lo|solamente|únicamente|siempre|la mayoría",
}
_STATES_NOTHING = re.compile(r"\?\W*$|^\W*(?:please|do not|don['’]t|let us|let['’]s|bitte)\b", re.IGNORECASE)
_ASKS = re.compile(r"[?？]\W*$")
_TELLS = re.compile(r"^\W*(?:(?:did|do) you know|wuss?ten sie|wusstest du|saviez-vous|sab[ií]as?)\b", re.IGNORECASE)
_ONLY_ANSWERS = re.compile(r"^(?:\w{1,9}:)?\W*(?:no|not|none|never|nein|nicht|non|jamais|nunca|\W)+$", re.IGNORECASE)
_COUNTABLE = 12  # so many reasons, steps or questions a text may count without a source
_LONG = 5  # letters of a word that tells something, in a language whose little words are not known


def states_nothing(claim: Statement) -> bool:
    """Whether it is a question or a request."""
    return _STATES_NOTHING.search(claim.text) is not None


def asks(claim: Statement) -> bool:
    return _ASKS.search(claim.text) is not None


def is_judged(claim: Statement) -> bool:
    """Whether a sentence of anybody's text needs support: it is factual, or it denies or generalises something. A
    question does not, nor an answer that says no more than "No."."""
    if asks(claim) and not _TELLS.search(claim.text):
        return False
    if claim.is_factual:
        return True
    if states_nothing(claim) or _ONLY_ANSWERS.match(claim.text):
        return False
    return bool(claim.negations) or _generalises(claim)


def _generalises(claim: Statement) -> bool:
    elsewhere = _SWEEPING_ELSEWHERE.get(claim.language)
    if elsewhere is not None:
        return re.search(rf"\b(?:{elsewhere})\b", claim.text, re.IGNORECASE) is not None
    return any(quantifier.kind in _SWEEPING for quantifier in claim.quantifiers)


def is_factual(claim: Statement) -> bool:
    """Whether a sentence of ours states a figure, date, name, quotation, superlative or cause; what only counts or
    orders parts of the text ("three reasons", "the first step", "which is why") does not."""
    return claim.is_factual and not (_only_joins(claim) and not _is_definite(claim))


def owes(claim: Statement, beside: Statement) -> bool:
    """Whether a sentence of ours must show where it comes from; `beside`: what those that cite say, and the brief."""
    if is_factual(claim):
        return True
    if asks(claim) or _only_joins(claim) or is_unreadable(claim.text):
        return False
    return is_judged(claim) or bool(strange(claim, [beside]))


def strange(claim: Statement, texts: Iterable[Statement]) -> list[str]:
    """The telling words of a sentence of which none of the texts has the stem, the first five letters or, as far as it
    is known, a word that means the same ("dropped" for "fell"); in their order."""
    given = list(texts)
    return [word for word in telling(claim) if not _stands(word, claim.language, given)]


def _stands(word: str, language: str, texts: Iterable[Statement]) -> bool:
    return any(text.holds(one) for one in same_sense(word, language) for text in texts)


def as_written(text: str, stemmed: str) -> str:
    """The word of a text that has this stem, as it stands there."""
    return next(
        (text[start:end] for start, end in word_spans(text) if stem(text[start:end].lower()) == stemmed), stemmed
    )


def beside(section: Section, brief: Brief) -> Statement:
    """What the sentences of a section that cite something say, what stands above them, and what was asked for."""
    said = (sentence.text for sentence in section.sentences if sentence.citations)
    return statement("\n".join([brief.topic, *brief.keywords, section.heading, *said]), brief.language)


def telling(claim: Statement) -> list[str]:
    """The stems of its content words but those that join, numbers and dates, each once."""
    joining = _joining(claim.language)
    stems = (stem for stem in claim.stems if stem in claim.bare_stems and not stem.isdigit())
    if joining:
        return [stem for stem in dict.fromkeys(stems) if stem not in joining]
    return [stem for stem in dict.fromkeys(stems) if len(stem) >= _LONG]


def _only_joins(claim: Statement) -> bool:
    return bool(_joining(claim.language)) and not telling(claim)


def _is_definite(claim: Statement) -> bool:
    """Whether it has a date, name, quotation or telling figure, whatever its other words are."""
    joining = _joining(claim.language)
    named = any(joining.isdisjoint(content_words(name.text, claim.language)) for name in claim.names())
    counts = all(not one.unit and 0 <= one.value <= _COUNTABLE for one in claim.quantities)
    return bool(claim.dates or named or claim.quotations) or not counts


@lru_cache(maxsize=16)
def _joining(language: str) -> frozenset[str]:
    """Stems of the words that join; none are known for most languages."""
    listed = _listed().get(language)
    return frozenset(content_words(listed["words"], language)) if listed else frozenset()


@lru_cache(maxsize=1)
def _listed() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "joining.toml").read_text("utf-8"))
