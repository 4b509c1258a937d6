"""What this process sent in the last minute: a busy one sends later than its turns came, and then many at once."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field

from aiwriter.ports import Rates

WINDOW_SECONDS = 61.0  # a minute, and room for the way to the provider


@dataclass(slots=True)
class Sent:
    """A request that left, and what it counts for."""

    at: float
    tokens: int


@dataclass(slots=True)
class Sends:
    """What this process sent in the last minute, by model."""

    _by_model: dict[str, deque[Sent]] = field(default_factory=lambda: defaultdict(deque))

    def leave(self, model: str, tokens: int, rates: Rates, now: float) -> Sent | float:
        """The request leaves now and is noted, or the seconds until it may be tried again."""
        sent = self._by_model[model]
        while sent and sent[0].at <= now - WINDOW_SECONDS:
            sent.popleft()
        full = rates.rpm is not None and len(sent) >= rates.rpm
        if rates.tpm is not None and sent and sum(one.tokens for one in sent) + tokens > rates.tpm:
            full = True
        if full:
            return sent[0].at + WINDOW_SECONDS - now
        sent.append(Sent(now, tokens))
        return sent[-1]
