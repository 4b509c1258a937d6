"""Politeness towards hosts: few requests at once, pauses between them, and rest where a host asked for it.

One `Hosts` belongs to a `Fetcher`, of which a process has one; what one reader is told by a host, all readers keep to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Sleep = Callable[[float], Awaitable[None]]
Now = Callable[[], float]

AT_ONCE = 2
LONGEST_REST = 3_600.0  # seconds that a host can ask for and be believed
_MOST_HOSTS = 1_000  # remembered; those with nobody waiting go first


@dataclass(slots=True)
class _Host:
    """Times are seconds of the clock. `users` are at it or wait for it."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0
    last_start: float = float("-inf")
    rest_until: float = float("-inf")


class Hosts:
    """Turns at hosts ("example.org:8080"). `enter` waits for one, `leave` gives it back."""

    def __init__(self, sleep: Sleep = asyncio.sleep, now: Now = time.monotonic) -> None:
        self._hosts: dict[str, _Host] = {}
        self._sleep, self._now = sleep, now

    def __len__(self) -> int:
        return len(self._hosts)

    async def enter(self, name: str, pause: float = 0.0) -> None:
        """Return when fewer than two requests are under way at the host, none began within the last `pause` seconds,
        and it has had the rest it asked for."""
        host = self._host(name)
        host.users += 1
        try:
            await host.slots.acquire()
        except BaseException:
            host.users -= 1
            raise
        try:
            now = self._now()
            start = max(now, host.last_start + pause, host.rest_until)
            host.last_start = start  # taken before sleeping, so that the next in line starts after this one
            if start > now:
                await self._sleep(start - now)
        except BaseException:
            self.leave(name)
            raise

    def leave(self, name: str) -> None:
        """Give the turn back."""
        host = self._hosts[name]
        host.users -= 1
        host.slots.release()

    def rest(self, name: str, seconds: float) -> None:
        """The host asked for no request for so long."""
        host = self._host(name)
        host.rest_until = max(host.rest_until, self._now() + min(seconds, LONGEST_REST))

    def resting(self, name: str) -> float:
        """Seconds of rest that are left."""
        host = self._hosts.get(name)
        return max(0.0, host.rest_until - self._now()) if host else 0.0

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= _MOST_HOSTS:
                now = self._now()
                self._hosts = {key: host for key, host in self._hosts.items() if host.users or host.rest_until > now}
            self._hosts[name] = _Host()
        return self._hosts[name]
