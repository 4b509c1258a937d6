"""One thing that does not fit, and what counts as said."""

from __future__ import annotations

from dataclasses import dataclass

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.statements import Statement


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit. `certain`: no fair reading of the passages supports it."""

    rule: str
    message: str
    span: tuple[int, int]
    certain: bool
    fix: str | None = None


def said_in(alignment: Alignment) -> list[Statement]:
    """Everything that counts as said: the passages, and the headings and titles that stand round them."""
    wholes = [ground.whole for ground in alignment.grounds]
    return wholes + [ground.around for ground in alignment.grounds if ground.context]
