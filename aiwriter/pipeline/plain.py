"""Plain assertions: sentences of somebody else's text without a figure, date or name, and what can be said of them.

A denial or a generalisation is as much a claim as a figure is, and is judged like one (`quality.asserting`). Of any
other plain sentence only what a passage denies is told: what no passage speaks of may still be true.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.documents import Support
from aiwriter.pipeline.quality.alignment import align, verbatim
from aiwriter.pipeline.quality.asserting import states_nothing
from aiwriter.pipeline.quality.statements import Ground, Statement
from aiwriter.pipeline.quality.support import Judgement

_MOST = 0.6  # of a sentence's words in the passage that denies it
_ENOUGH = 2  # words beside which a denial means something


def told_or_denied(claim: Statement, near: Sequence[tuple[Ground, Judgement]]) -> tuple[str, ...]:
    """The passage that has a plain sentence word for word, else one that certainly says otherwise in most of its words,
    while no other supports it; none where there is no such passage. `near`: passages with what each alone says of it.
    """
    if states_nothing(claim):
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
