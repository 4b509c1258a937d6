"""Tell who watches a run what its sections say while they are written, and what it waits for."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from aiwriter.errors import Unavailable
from aiwriter.ports import NO_RUN, CallKey, Clock, Database, OnText, Principal
from aiwriter.services import runs

A_SECOND = 2  # times a text is handed on at most
IN_ALL = 10  # times a second that texts are handed on by this process: each is a write to the database
_writing: set[Throttle] = set()


@asynccontextmanager
async def section(
    database: Database, principal: Principal, clock: Clock, run_id: UUID, item: str, heading: str
) -> AsyncIterator[OnText]:
    """Hears a section grow while the block runs, and tells it as events `section.text`, each with all of it so far.

    Who watches may miss a glance while the database cannot be had; the writing goes on.
    """

    async def tell(text: str) -> None:
        data: dict[str, object] = {"item": item, "heading": heading, "text": text}
        with suppress(Unavailable):  # only progress is lost: the section is stored, or fails, by itself
            await runs.announce(database, principal, run_id, "section.text", data)

    throttle = Throttle(tell, clock)
    _writing.add(throttle)
    try:
        yield throttle.hear
        await throttle.finish()
    finally:
        _writing.discard(throttle)


async def held_up(database: Database, principal: Principal, key: CallKey, model: str, seconds: float, why: str) -> None:
    """Tell, as an event `call.held_up`, that a call of a run is sent in so many seconds only. Raises Conflict when the
    run was ours and is not any more: then there is nothing to wait for."""
    if key.run_id == NO_RUN:
        return
    call: dict[str, object] = {"stage": key.stage, "item": key.item, "model": model}
    with suppress(Unavailable):
        wait = {"seconds": round(seconds, 1), "why": why}
        await runs.announce(database, principal, key.run_id, "call.held_up", call | wait)


class Throttle:
    """Hands on a text that grows, at most twice in any second and less often while many are written at once; what comes
    between is passed over, but for the last."""

    def __init__(self, on_text: OnText, clock: Clock) -> None:
        self._on_text = on_text
        self._clock = clock
        self._times: deque[float] = deque(maxlen=A_SECOND)
        self._waiting: str | None = None

    async def hear(self, text: str) -> None:
        """Hand it on, or keep it until there is more."""
        self._waiting = text
        pause = max(1 / A_SECOND, len(_writing) / IN_ALL)
        if not self._times or self._clock.monotonic() - self._times[-1] >= pause:
            await self._hand_on(text)

    async def finish(self) -> None:
        """Hand on what was kept, after a wait of half a second at most."""
        if self._waiting is None:
            return
        if len(self._times) == A_SECOND:
            await self._clock.sleep(max(0.0, self._times[0] + 1 - self._clock.monotonic()))
        await self._hand_on(self._waiting)

    async def _hand_on(self, text: str) -> None:
        self._times.append(self._clock.monotonic())
        self._waiting = None
        await self._on_text(text)
