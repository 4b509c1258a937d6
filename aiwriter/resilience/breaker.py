"""A model's breaker, as one process has it: a window of outcomes, and three states. Times are monotonic seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from aiwriter.ports import Pause

FRESH_SECONDS = 1.0  # how long what the database said of pauses is believed
MOST_SECONDS = 86_400.0  # a provider that asks for more than a day is asked again after one
BUSY_SECONDS = 1.0  # what is said to those who come while the probes are under way


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Opens when, of the last `window` calls and of at least `minimum`, the share `failures` failed."""

    window: int = 20
    minimum: int = 10
    failures: float = 0.5
    open_seconds: float = 30.0
    probes: int = 3
    disabled_seconds: float = 900.0


class Circuit:
    """closed › open (for a while) › half-open (a few probes are let through) › closed, or open again."""

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._recent: deque[bool] = deque(maxlen=policy.window)
        self._open_until: float | None = None
        self._cool_until = 0.0
        self._turn = 0  # counts changes of state: an outcome of an earlier one says nothing about this one
        self._probing = self._passed = 0

    @property
    def is_closed(self) -> bool:
        return self._open_until is None

    def resting(self, now: float) -> float:
        """Seconds until it may be asked; 0 when it may be."""
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return 0.0 if self._probing + self._passed < self._policy.probes else BUSY_SECONDS

    def admit(self) -> int:
        """Let a call through that need not rest; what `done` is to be told with its outcome."""
        if self._open_until is not None:
            self._probing += 1
        return self._turn

    def done(self, admitted: int, failed: bool | None, now: float) -> bool:
        """How a call ended (None: nothing can be learned of it); whether this opened or closed the breaker."""
        if admitted != self._turn:
            return False
        if self._open_until is not None:
            return self._probed(failed, now)
        if failed is not None:
            self._recent.append(failed)
        if len(self._recent) >= self._policy.minimum and sum(self._recent) >= self._policy.failures * len(self._recent):
            self._turn_to(now + self._policy.open_seconds)
            return True
        return False

    def open_for(self, seconds: float, now: float) -> None:
        """Another process opened its own."""
        if self.is_closed:
            self._turn_to(now + seconds)

    def cool_for(self, seconds: float, now: float) -> None:
        self._cool_until = max(self._cool_until, now + seconds)

    def cooling(self, now: float) -> float:
        """Seconds until the time is over for which it asked to be left alone."""
        return max(0.0, self._cool_until - now)

    def _probed(self, failed: bool | None, now: float) -> bool:
        self._probing -= 1
        self._passed += failed is False
        if failed:
            self._turn_to(now + self._policy.open_seconds)
        elif self._passed >= self._policy.probes:
            self._turn_to(None)
        return bool(failed) or self.is_closed

    def _turn_to(self, open_until: float | None) -> None:
        self._open_until = open_until
        self._turn += 1
        self._probing = self._passed = 0
        self._recent.clear()


class Breakers:
    """The breakers of a process, one a model, and what it last heard from the others."""

    def __init__(self, policy: BreakerPolicy | None = None) -> None:
        self.policy = policy or BreakerPolicy()
        self.heard: Sequence[Pause] = ()
        self._circuits: dict[str, Circuit] = {}
        self._heard_at: float | None = None

    def of(self, name: str) -> Circuit:
        return self._circuits.setdefault(name, Circuit(self.policy))

    def is_due(self, now: float) -> bool:
        """Whether to ask the database again; who is told so asks, and the others go on with what is known."""
        if self._heard_at is not None and 0 <= now - self._heard_at < FRESH_SECONDS:
            return False
        self._heard_at = now
        return True

    def ask_again(self) -> None:
        """What was heard is out of date."""
        self._heard_at = None
