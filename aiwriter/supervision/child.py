"""`python -m aiwriter.supervision.child [--log FILE] [--lock FILE] [--grace SECONDS] -- COMMAND …`

A small parent that keeps one command and everything it starts. It ends when the command ends, when it is told to
(SIGTERM; SIGINT: at once), or when whoever started it is gone, however that ended (the other end of its standard input
closes); and then nothing that the command started is left, in whatever session it runs. A flow process of a worker is
such a grandchild: it has a session of its own, so that no signal to a process group reaches it.

The first line on standard output is the command's process id. With --lock the command inherits a locked file, so that
the lock is held for exactly as long as the command lives.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h; kept across exec
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.05
CANNOT_START = 127


def die_with_parent() -> None:
    """Have this process ended (SIGTERM) as soon as its parent is gone, where the kernel can do that."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="child")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--lock", type=Path)
    parser.add_argument("--grace", type=float, default=GRACE_SECONDS)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(arguments)
    with Wakeups() as wakeups:
        _prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans among our descendants become our children
        held = []
        if given.lock is not None:
            lock = _locked(given.lock, wakeups)
            if lock is None:
                return 0  # told to stop while waiting
            held.append(lock)
        return Family(given.command, given.log, held).live(wakeups, given.grace)


class Wakeups:
    """Tells when to look: a child ended, we are to stop, or our parent is gone."""

    def __init__(self) -> None:
        self.stopping = False
        self.hurried = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def __enter__(self) -> Wakeups:
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)

    def _stop(self, sign: int, _frame: object) -> None:
        self.stopping = True
        self.hurried = self.hurried or sign == signal.SIGINT

    def wait(self, seconds: float | None) -> None:
        watched = [self._read] if self.stopping else [self._read, 0]
        for ready in select.select(watched, [], [], seconds)[0]:
            if ready == self._read:
                os.read(self._read, 512)
            elif not os.read(0, 512):
                self.stopping = True


class Family:
    """The command and its descendants."""

    def __init__(self, command: Sequence[str], log: Path | None, held: Sequence[int]) -> None:
        self._command = command
        self._log = log
        self._held = held
        self._pid = 0
        self._status: int | None = None

    def live(self, wakeups: Wakeups, grace: float) -> int:
        """Until the command ends or we are to stop; then end what is left. The exit code of the command."""
        try:
            self._start()
        except OSError as error:
            sys.stderr.write(f"{self._command[0]}: {error.strerror}\n")
            return CANNOT_START
        for lock in self._held:
            os.close(lock)  # the command has it now
        sys.stdout.write(f"{self._pid}\n")
        sys.stdout.flush()
        while not self._reaped() and not wakeups.stopping:
            wakeups.wait(None)
        self._end(wakeups, grace)
        return self._code()

    def _start(self) -> None:
        with (self._log or Path(os.devnull)).open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - the command of the part
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - safe: this process has one thread
                pass_fds=self._held,
            )
        self._pid = process.pid
        process.returncode = 0  # we reap it ourselves, along with orphans

    def _end(self, wakeups: Wakeups, grace: float) -> None:
        """First politely: the command, then what it left behind; what is still there after the grace is killed."""
        deadline = time.monotonic() + grace
        asked: set[int] = set()
        while not self._reaped() or _descendants():
            late = wakeups.hurried or time.monotonic() > deadline
            left = [self._pid] if self._status is None and not late else _descendants()
            for pid in left:
                if late or pid not in asked:
                    _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
            asked.update(left)
            wakeups.wait(LOOK_SECONDS)

    def _reaped(self) -> bool:
        """Reap whoever has ended; whether the command is among those who have."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid == self._pid:
                self._status = status
        return self._status is not None

    def _code(self) -> int:
        code = os.waitstatus_to_exitcode(self._status or 0)
        return code if code >= 0 else 128 - code


def _locked(path: Path, wakeups: Wakeups) -> int | None:
    """The locked file, as soon as nobody else holds it; None when we are to stop before. As filelock does it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    while not wakeups.stopping:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wakeups.wait(LOOK_SECONDS)
        else:
            return file
    return None


def _descendants() -> list[int]:
    """All living processes below this one (Linux); those that have ended and wait to be reaped do not count."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            _name, _, rest = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        state, parent = rest.split()[:2]
        if state not in "ZX":
            parents[int(entry.parent.name)] = int(parent)
    below = {os.getpid()}
    grown = True
    while grown:
        found = {pid for pid, parent in parents.items() if parent in below} | below
        grown = len(found) > len(below)
        below = found
    return sorted(below - {os.getpid()})


def _signal(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(pid, sign)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
