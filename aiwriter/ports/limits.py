"""What all processes that use a provider's account must agree on: its rates, and when it is to be left alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Rates:
    """What a provider allows a model in any minute; None is no limit."""

    rpm: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """When a request may be sent: `wait` seconds from now. `id` is None when it would have to wait too long: then
    nothing was taken, and `wait` says how long it would be."""

    wait: float
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Why `name`, a model or a provider, is left alone. kind: open (its breaker), cooling (it asked us to wait),
    disabled (it refuses the account)."""

    name: str
    kind: str
    reason: str
    until: datetime


class SharedLimits(Protocol):
    """Decisions about a provider's account, in a transaction each. They belong to no workspace: the key is the
    installation's, and so is what the provider allows it."""

    async def take(self, name: str, tokens: int, rates: Rates, patience: float) -> Turn:
        """A turn for a request of so many tokens, in the order of asking, such that no window of a minute passes the
        rates; none when it would come after more than `patience` seconds."""
        ...

    async def correct(self, name: str, turn: UUID, tokens: int) -> None:
        """What the request really used."""
        ...

    async def pause(self, name: str, kind: str, seconds: float, reason: str) -> bool:
        """Leave it alone for so long; whether that is news (False: it was paused for at least as long already)."""
        ...

    async def paused(self, names: Collection[str] = ()) -> list[Pause]:
        """What is left alone at this moment among `names`; all there is without names."""
        ...

    async def resume(self, name: str) -> None:
        """Use it again at once."""
        ...
