"""Plain assertions: sentences of somebody else's text without a figure, date or name, and what can be said of them.

A denial or a generalisation ("never", "nobody", "only", "each") is as much a claim as a figure is, and is judged like
one. Of any other plain sentence only what a passage denies is told: what no passage speaks of may still be true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiwriter.documents import Support
from aiwriter.pipeline.quality.alignment import align, verbatim
from aiwriter.pipeline.quality.statements import Ground, Statement
from aiwriter.pipeline.quality.support import Judgement
from aiwriter.text.facts import QuantifierKind

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
_MOST = 0.6  # of a sentence's words in the passage that denies it
_ENOUGH = 2  # words beside which a denial means something


def is_judged(claim: Statement) -> bool:
    """Whether a sentence of anybody's text needs support: it is factual, or it denies or generalises something."""
    if claim.is_factual:
        return True
    return not _STATES_NOTHING.search(claim.text) and (bool(claim.negations) or _generalises(claim))


def _generalises(claim: Statement) -> bool:
    elsewhere = _SWEEPING_ELSEWHERE.get(claim.language)
    if elsewhere is not None:
        return re.search(rf"\b(?:{elsewhere})\b", claim.text, re.IGNORECASE) is not None
    return any(quantifier.kind in _SWEEPING for quantifier in claim.quantifiers)


def told_or_denied(claim: Statement, near: Sequence[tuple[Ground, Judgement]]) -> tuple[str, ...]:
    """The passage that has a plain sentence word for word, else one that certainly says otherwise in most of its words,
    while no other supports it; none where there is no such passage. `near`: passages with what each alone says of it.
    """
    if _STATES_NOTHING.search(claim.text):
        return ()
    exact = verbatim(claim, [ground for ground, _ in near])
    if exact is not None:
        return (exact[0].key,)
    supported = any(judgement.outcome is Support.SUPPORTED for _, judgement in near)
    if supported or len(claim.bare_stems) < _ENOUGH:
        return ()
    return next(((ground.key,) for ground, judgement in near if _is_denied(claim, ground, judgement)), ())


def _is_denied(claim: Statement, ground: Ground, judgement: Judgement) -> bool:
    if not any(fault.certain for fault in judgement.faults):
        return False
    best = align(claim, [ground]).best
    return best is not None and best.recall >= _MOST
