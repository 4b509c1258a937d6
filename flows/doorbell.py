"""How a worker hears at once of what was submitted on its machine: a file of the home whose time of change tells.

Without it (another machine, a home that cannot be written) what was submitted is found at the worker's next look.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

ASK_SECONDS = 1.0  # how soon what was submitted elsewhere is seen
# The same after a quiet minute. A question costs the server 30 ms of a core: on an idle laptop, all day long.
REST_SECONDS, QUIET_SECONDS = 3.0, 60.0


class Doorbell:
    """Rung by whoever submits; each worker hears it for itself."""

    def __init__(self, home: Path) -> None:
        self._file = home / "prefect" / "submitted"
        self._heard = self._rung_at()

    def ring(self) -> None:
        with suppress(OSError):
            self._file.touch()

    def has_rung(self) -> bool:
        """Whether it rang since it was asked last."""
        before, self._heard = self._heard, self._rung_at()
        return self._heard != before

    def _rung_at(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0


class Rhythm:
    """When a worker asks the server what there is to do: every second, or every three after a quiet minute."""

    def __init__(self) -> None:
        self._asked, self._stirred = -REST_SECONDS, -QUIET_SECONDS

    def is_due(self, now: float, *, at_once: bool, busy: bool) -> bool:
        """Whether it is to ask now, in seconds of any clock that only goes on; it is taken to do so."""
        if at_once or busy:
            self._stirred = now
        pause = ASK_SECONDS if now - self._stirred < QUIET_SECONDS else REST_SECONDS
        if not at_once and now - self._asked < pause:
            return False
        self._asked = now
        return True
