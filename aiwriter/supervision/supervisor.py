"""Starts parts in the order of their needs, keeps them alive, names those that cannot be, and stops them all.

A part is any command with a health check; nothing here knows what the parts of `aiwriter up` are. A part that ends is
started again, a little later each time; one that ends MOST_ENDS times within a minute is given up and named, while
the others stay up. One that is not ready in time, on a busy machine, is waited for while its log grows, else started
again, MOST_ENDS times as well; nobody waits for it who does not need it. Each runs below a small parent of its own
(child.py), so that nothing of it outlives us.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aiwriter import servers
from aiwriter.errors import AIWriterError

LARGEST_LOG = 5_000_000
MOST_LINE = 200
DONE = "it ended by itself"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Part:
    """One process that is kept alive. `is_healthy` may block for a second; None means healthy as soon as it runs.

    `early`: it waits itself for what it needs, and is started at once to load meanwhile; it still stops first.
    `once`: commands that must end well before the first start. `lock`: a file that is locked while the part lives.
    `watched`: a part that stops answering is ended and started again.
    """

    name: str
    command: tuple[str, ...]
    address: str | None = None
    is_healthy: Callable[[], bool] | None = None
    needs: tuple[str, ...] = ()
    early: bool = False
    once: tuple[tuple[str, ...], ...] = ()
    lock: Path | None = None
    watched: bool = True
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a key


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and how often a part may end."""

    start_seconds: float = 120.0  # once those it needs are ready
    most_waits: int = 4  # as long again, for a part whose log grows
    look_seconds: float = 0.15
    watch_seconds: float = 5.0
    silent_seconds: float = 60.0
    first_pause: float = 0.2
    longest_pause: float = 5.0
    most_ends: int = 5
    within_seconds: float = 60.0
    lock_seconds: float = 2.0  # waiting longer for a lock is worth a line
    grace_seconds: float = 3.0


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    ENDED = "ended"  # and is started again
    FAILED = "failed"  # and is not
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a part: `seconds` since its start, `detail` why, in words."""

    name: str
    state: State
    address: str | None = None
    seconds: float = 0.0
    detail: str = ""


class GivenUp(Exception):
    """A part cannot be kept alive; the message says why."""


class Supervisor:
    """Keeps parts alive over a home; `tell` hears of every change."""

    def __init__(
        self,
        home: Path,
        folder: Path,
        parts: Sequence[Part],
        tell: Callable[[Change], None],
        limits: Limits | None = None,
    ) -> None:
        self._keepers = {part.name: Keeper(part, home, folder, tell, limits or Limits()) for part in _in_order(parts)}
        for keeper in self._keepers.values():
            keeper.needs = [self._keepers[name] for name in keeper.part.needs if name in self._keepers]
            for need in keeper.needs:
                need.needed_by.append(keeper)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def late(self) -> dict[str, str]:
        """Parts that are neither ready nor given up yet, and why."""
        late = (State.WAITING, State.STARTING, State.ENDED)
        return {name: keeper.why for name, keeper in self._keepers.items() if keeper.state in late}

    @property
    def failed(self) -> dict[str, str]:
        """Parts that were given up, and why."""
        return {name: keeper.why for name, keeper in self._keepers.items() if keeper.state is State.FAILED}

    async def start(self) -> None:
        """Begin; returns when every part is ready, late or given up."""
        self._tasks = [asyncio.create_task(keeper.keep()) for keeper in self._keepers.values()]
        await asyncio.gather(*(keeper.heard.wait() for keeper in self._keepers.values()))

    async def stop(self) -> None:
        """End all, those first that need others; returns when nothing of them is left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values()))

    def hurry(self) -> None:
        """Do not wait for anybody's last words."""
        for keeper in self._keepers.values():
            keeper.hurry()


class Keeper:
    """Keeps one part alive."""

    def __init__(self, part: Part, home: Path, folder: Path, tell: Callable[[Change], None], limits: Limits) -> None:
        self.part = part
        self.state = State.WAITING
        self.why = ""
        self.needs: list[Keeper] = []
        self.needed_by: list[Keeper] = []
        self.settled = asyncio.Event()  # ready for the first time, or given up
        self.heard = asyncio.Event()  # the same, or late
        self._gone = asyncio.Event()
        self._home = home
        self._folder = folder
        self._tell = tell
        self._limits = limits
        self._log = home / "logs" / f"{part.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._prepared = False
        self._slow = 0  # times in a row that it was not ready in time
        self._began = 0.0

    async def keep(self) -> None:
        """Until it is cancelled or must be given up."""
        try:
            if not self.part.early:
                await self._wait_for_needs()
            ends: deque[float] = deque(maxlen=self._limits.most_ends)
            while True:
                self._began = time.monotonic()
                self._change(State.STARTING)
                why = await self._live()
                ends.append(time.monotonic())
                lasted = ends[-1] - ends[0]
                if len(ends) == self._limits.most_ends and lasted < self._limits.within_seconds:
                    raise GivenUp(f"it ended {len(ends)} times within {lasted:.0f} s, lastly: {why}")
                self._change(State.ENDED, why)
                recent = sum(1 for end in ends if ends[-1] - end < self._limits.within_seconds)
                await asyncio.sleep(min(self._limits.longest_pause, self._limits.first_pause * 2 ** (recent - 1)))
        except (GivenUp, AIWriterError, OSError) as reason:
            await self._end()
            self._change(State.FAILED, str(reason))

    async def stop(self) -> None:
        """End it, after those that need it."""
        for keeper in self.needed_by:
            await keeper._gone.wait()
        was_running = self._process is not None
        await self._end()
        if was_running:
            self._change(State.STOPPED)
        self._gone.set()

    def hurry(self) -> None:
        self._signal(signal.SIGINT)

    async def _wait_for_needs(self) -> None:
        for need in self.needs:
            await need.heard.wait()
            if not need.settled.is_set():
                self.why = f"it needs {need.part.name}, which is not ready"
                self.heard.set()
            await need.settled.wait()
            self._refuse_failed(need)

    def _refuse_failed(self, need: Keeper) -> None:
        if need.state is State.FAILED:
            raise GivenUp(f"it needs {need.part.name}, which failed")

    async def _live(self) -> str:
        """One life of the part; why it ended."""
        if not self._prepared:
            for command in self.part.once:
                await self._spawn(command)
                why = await self._until_end()
                if why != DONE:
                    return f"{command[-1]} {why}"
            self._prepared = True
        pid = await self._spawn(self.part.command, self.part.lock)
        ending = asyncio.create_task(self._until_end())
        try:
            if late := await self._is_late(ending):
                await self._end()
                return late
            if not ending.done():
                self._slow = 0
                servers.put(self._home, self.part.name, self.part.address, pid)
                self._change(State.READY)
                return await self._stays_healthy(ending)
            return await ending
        finally:
            ending.cancel()
            servers.drop(self._home, self.part.name)

    async def _is_late(self, ending: asyncio.Task[str]) -> str:
        """Wait until it is ready or has ended: then ""; else why it is not waited for any longer. Raises GivenUp."""
        since, waits, logged = time.monotonic(), 0, _size(self._log)
        while not ending.done() and not await self._is_healthy():
            await asyncio.wait([ending], timeout=self._limits.look_seconds)
            if not self._has_what_it_needs():
                since = time.monotonic()
            if time.monotonic() - since <= self._limits.start_seconds:
                continue
            why = f"it was not ready after {time.monotonic() - self._began:.0f} s"
            self.heard.set()
            if waits == self._limits.most_waits or _size(self._log) == logged:
                self._slow += 1
                if self._slow == self._limits.most_ends:
                    raise GivenUp(f"{why}, nor the {self._slow - 1} times before; its log is {self._log}")
                return f"{why}; its log is {self._log}"
            since, waits, logged = time.monotonic(), waits + 1, _size(self._log)
            self._change(State.STARTING, f"{why}; its log grows, so it is waited for: {self._log}")
        return ""

    def _has_what_it_needs(self) -> bool:
        """Whether those it needs are ready: what starts early has no fair chance before. Raises GivenUp."""
        for need in self.needs:
            self._refuse_failed(need)
            if need.heard.is_set() and not need.settled.is_set():
                self.why = f"it needs {need.part.name}, which is not ready"
                self.heard.set()
        return all(need.settled.is_set() for need in self.needs)

    async def _stays_healthy(self, ending: asyncio.Task[str]) -> str:
        """Until it ends, and why; it is ended when it has been silent for too long."""
        heard = time.monotonic()
        while not ending.done():
            await asyncio.wait([ending], timeout=self._limits.watch_seconds)
            with suppress(OSError):  # such as a full disk: a later look may find room
                make_room(self._log)
            if not self.part.watched or await self._is_healthy():
                heard = time.monotonic()
            elif time.monotonic() - heard > self._limits.silent_seconds:
                await self._end()
                return f"it did not answer for {self._limits.silent_seconds:.0f} s; its log is {self._log}"
        return await ending

    async def _is_healthy(self) -> bool:
        return self.part.is_healthy is None or await asyncio.to_thread(self.part.is_healthy)

    async def _spawn(self, command: Sequence[str], lock: Path | None = None) -> int | None:
        """Start it below a small parent; its process id, or None when it never came to that."""
        make_room(self._log)
        options = ["--log", str(self._log), "--grace", str(self._limits.grace_seconds)]
        options += ["--lock", str(lock)] if lock else []
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "aiwriter.supervision.child", *options, "--", *command),
            stdin=asyncio.subprocess.PIPE,  # held open by us: it closes when we are gone, however we end
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self.part.env or None,
            cwd=self._folder,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        for patience in (self._limits.lock_seconds, self._limits.start_seconds):
            try:
                line = await asyncio.wait_for(self._process.stdout.readline(), patience)
            except TimeoutError:
                self._change(State.STARTING, f"waits for {lock}, which another process holds")
            else:
                return int(line) if line.strip().isdigit() else None
        raise GivenUp(f"another process holds {lock}")

    async def _until_end(self) -> str:
        """Why it ended, in words."""
        assert self._process is not None
        code = await self._process.wait()
        if code == 0:
            return DONE
        said = _last_line(self._log) if 0 < code < 128 else ""  # who was ended by a signal had no last words
        return f"{_how(code)}; {said}its log is {self._log}"

    async def _end(self) -> None:
        """End its process and all below it."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        patience = self._limits.grace_seconds + 2
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), patience)
        if self._process.returncode is None:  # only when the kernel itself does not let go of something
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        self._process = None

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(sign)

    def _change(self, state: State, detail: str = "") -> None:
        self.state, self.why = state, detail
        self._tell(Change(self.part.name, state, self.part.address, time.monotonic() - self._began, detail))
        if state in (State.READY, State.FAILED):
            self.settled.set()
            self.heard.set()


def _how(code: int) -> str:
    """An exit code in words; a signal is negative, or what shells make of it."""
    number = -code if code < 0 else code - 128
    known = number in signal.valid_signals() and number > 0
    return f"was ended by {signal.Signals(number).name}" if known else f"ended with code {code}"


def make_room(log: Path) -> None:
    """What a log has grown to becomes NAME.log.1 when it is large; its folder is there afterwards. The file stays the
    same: who writes to it appends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if _size(log) > LARGEST_LOG:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _last_line(log: Path) -> str:
    """The last line of a log, for a message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"it said {COLOURS.sub('', last)[:MOST_LINE]!r}; " if last else ""


def _in_order(parts: Sequence[Part]) -> list[Part]:
    """Each after those it needs. A need that is not among the parts is somebody else's affair (it was joined)."""
    names = {part.name for part in parts}
    placed: list[Part] = []
    left = list(parts)
    while left:
        done = {part.name for part in placed}
        ready = [part for part in left if set(part.needs) & names <= done]
        if not ready:
            raise ValueError(f"these parts need one another in a circle: {', '.join(part.name for part in left)}")
        placed += ready
        left = [part for part in left if part not in ready]
    return placed
