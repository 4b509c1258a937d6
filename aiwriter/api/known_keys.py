"""Keys that were found valid a moment ago, so that a burst of requests asks the database once."""

from __future__ import annotations

import hashlib
import time

from aiwriter.services.keys import Caller

KNOWN_SECONDS = 0.5  # so long a key that was just found valid is believed: a revoked one is refused within a second
KNOWN_AT_MOST = 1000


class KnownKeys:
    """By the hash of the key; nothing is believed for longer than KNOWN_SECONDS."""

    def __init__(self) -> None:
        self._until: dict[bytes, tuple[float, Caller]] = {}

    def get(self, text: str) -> Caller | None:
        """Whose key it is, if that was found out just now."""
        until, caller = self._until.get(_hash(text), (0.0, None))
        return caller if until > time.monotonic() else None

    def put(self, text: str, caller: Caller) -> None:
        """Believe it for a moment."""
        if len(self._until) >= KNOWN_AT_MOST:
            self._until.clear()
        self._until[_hash(text)] = (time.monotonic() + KNOWN_SECONDS, caller)

    def forget(self) -> None:
        """A key was revoked here: ask again about all."""
        self._until.clear()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
