"""One thing that does not fit, and what counts as said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.statements import Statement, statement


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


_CLAUSE = re.compile(
    r".+?(?:[;:] |,? (?:while|whereas|but|während|aber|mais|tandis que|pero|mientras que|men|medan) "
    r"|, (?:and|und|et|y|och) |,? (?:of which|darunter|davon|dont|de los cuales|de las cuales|varav) |$)",
    re.IGNORECASE | re.DOTALL,
)


def clauses(sentence: Statement) -> list[Statement]:
    """The parts of a sentence that tell something each: "A is old; B, while it rains, is new"."""
    return [statement(match[0], sentence.language) for match in _CLAUSE.finditer(sentence.text)]
