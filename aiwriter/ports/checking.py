"""Second opinions: does what a sentence cites say it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiwriter.ports.models import CallKey, LanguageModel, RunContext


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, and the texts of the passages it rests on, at least one."""

    text: str
    passages: tuple[str, ...]


class Checker(Protocol):
    """Says of claims how likely their passages say them. `name` is how it was chosen ("huggingface-nli:MODEL"), `model`
    who is paid for it, if anybody."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> LanguageModel | None: ...
    async def probabilities(self, claims: Sequence[Claim], key: CallKey, context: RunContext) -> list[float | None]:
        """One for each claim in their order, 0–1; None where it cannot tell. All are asked about at once.

        `key` is the logical call, for those that are paid. Raises what a language model raises."""
        ...
