"""A checker that thinks what a test wants it to think, or judges by shared words when the test does not care."""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.ports import CallKey, Claim, RunContext
from aiwriter.text.words import content_words


class ScriptedChecker:
    """A Checker. `chance` is its opinion of everything (None: it cannot tell); "words" makes it the share of a claim's
    content words that its passages hold. `asked` keeps the claims of each call."""

    name = "scripted:checker"
    model = None

    def __init__(self, chance: float | str | None = "words") -> None:
        self.asked: list[list[Claim]] = []
        self._chance = chance

    async def probabilities(self, claims: Sequence[Claim], _key: CallKey, _context: RunContext) -> list[float | None]:
        if claims:
            self.asked.append(list(claims))
        return [self._opinion(claim) for claim in claims]

    def _opinion(self, claim: Claim) -> float | None:
        if not isinstance(self._chance, str):
            return self._chance
        about, found = set(content_words(claim.text)), set(content_words(" ".join(claim.passages)))
        return len(about & found) / len(about) if about else None
