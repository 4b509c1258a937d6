"""The shared limits of the database in dictionaries, in the same time as those of SQL (aiwriter/storage/limits.py)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from uuid import UUID

from aiwriter.ids import new_id
from aiwriter.ports import Clock, Pause, Rates, Turn
from aiwriter.storage.limits import WINDOW_MS


@dataclass(slots=True)
class State:
    """What is held about one model or provider; `turns` in order, each with its time and tokens."""

    lived_ms: int = 0
    turns: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    pause: Pause | None = None
    seconds: float = 0.0


HeldTo = dict[str, State]


class MemoryLimits:
    """`SharedLimits` as one process sees them: others have the same states and clocks of their own."""

    def __init__(self, states: HeldTo, clock: Clock) -> None:
        self._states = states
        self._clock = clock

    async def take(self, name: str, tokens: int, rates: Rates, patience: float) -> Turn:
        state = self._states.setdefault(name, State())
        now = self._time(state)
        state.turns = {key: turn for key, turn in state.turns.items() if turn[0] > now - WINDOW_MS}
        at = _first_turn(list(state.turns.values())[::-1], now, tokens, rates)
        if at > now + round(patience * 1000):
            return Turn((at - now) / 1000, None)
        call_id = new_id()
        state.turns[call_id] = at, tokens
        return Turn((at - now) / 1000, call_id)

    async def correct(self, name: str, turn: UUID, tokens: int) -> None:
        turns = self._states[name].turns
        if turn in turns:
            turns[turn] = turns[turn][0], tokens

    async def pause(self, name: str, kind: str, seconds: float, reason: str) -> bool:
        state, now = self._states.setdefault(name, State()), self._clock.now()
        was, until = state.pause, now + timedelta(seconds=seconds)
        if was and was.until > now and (was.until >= until or was.kind == "disabled"):
            return False
        state.pause, state.seconds = Pause(name, kind, reason, until), seconds
        return True

    async def paused(self, names: Collection[str] = ()) -> list[Pause]:
        now = self._clock.now()
        return [
            state.pause
            for name, state in sorted(self._states.items())
            if state.pause
            and (not names or name in names)
            and 0 < (state.pause.until - now).total_seconds() <= state.seconds + 1
        ]

    async def resume(self, name: str) -> None:
        self._states.setdefault(name, State()).pause = None

    def _time(self, state: State) -> int:
        now, before = int(self._clock.monotonic() * 1000), state.lived_ms
        if now < before:
            state.turns = {key: (at - (before - now), tokens) for key, (at, tokens) in state.turns.items()}
        state.lived_ms = now
        return now


def _first_turn(newest_first: list[tuple[int, int]], now: int, tokens: int, rates: Rates) -> int:
    since = accumulate(used for _, used in newest_first)
    full = [
        at
        for number, ((at, _), used) in enumerate(zip(newest_first, since, strict=True), 1)
        if (rates.rpm is not None and number >= rates.rpm) or (rates.tpm is not None and used + tokens > rates.tpm)
    ]
    return max([now, *(at for at, _ in newest_first[:1]), *(at + WINDOW_MS for at in full[:1])])
