"""How a worker hears at once of what was submitted on its machine: a file of the home whose time of change tells.

Without it (another machine, a home that cannot be written) what was submitted is found at the worker's next look.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


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
