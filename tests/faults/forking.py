"""`python -m tests.faults.forking`: programs of ours, each in a copy of one process that has imported all.

Reads a JSON line a request and answers with the process id of the copy, and after its end with its exit code, -9 when
it was killed. `Forks` is this process from the outside.

A copy can kill or stop itself at the n-th SQL statement that begins so: before it is sent, or after it was committed.
No code of the product knows of it.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunning
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Literal

CLI, CARRYING = "aiwriter.cli", "tests.faults.carrying"
IMPORTED = (
    *(CLI, CARRYING, "aiwriter.commands.writing", "flows.launcher", "aiwriter.embeddings"),
    *("fastapi", "filelock", "jinja2", "prefect.utilities.visualization", "pyphen", "sentencex"),
    *("sqlalchemy.ext.asyncio", "sqlalchemy.orm", "uuid_utils.compat"),
    *("flows.deploy", "flows.processes", "flows.worker"),
)
STOP_SECONDS = 120
TRANSACTION = "a transaction"  # as a statement: one begins, before anything of it is sent, while no other is open


@dataclass(frozen=True)
class Crash:
    """Where a copy kills itself (or stops): at the `number`-th statement that begins with `statement`."""

    statement: str
    number: int
    when: Literal["before", "after"]
    sign: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        return f"{self.when} {self.statement} {self.number}"


@dataclass(frozen=True)
class Copy:
    """A copy that became a program of ours."""

    pid: int
    said: str = ""  # the file of what it says of errors
    ended: Future[int] = field(default_factory=Future)

    def send(self, sign: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Its exit code, once it has ended."""
        return self.ended.result(seconds)

    def wait_until_stopped(self) -> bool:
        """Whether it stopped; it may have ended before."""
        deadline = time.monotonic() + STOP_SECONDS
        while not self.ended.done():
            assert time.monotonic() < deadline, "it neither stopped nor ended"
            with suppress(OSError):
                if Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
                    return True
            time.sleep(0.02)
        return False


class Forks:
    """Carries programs out, each in a copy."""

    def __init__(self, environment: dict[str, str], folder: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=folder,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.environment = environment
        self._requests: IO[str] = self._process.stdin
        self._answers: IO[str] = self._process.stdout
        assert json.loads(self._answers.readline()) == "ready"
        self._asking = threading.Lock()
        self._begun: SimpleQueue[Copy | None] = SimpleQueue()
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def start(
        self,
        words: Sequence[str],
        environment: dict[str, str],
        out: str,
        err: str | None = None,
        *,
        crash: Crash | None = None,
        program: str = CLI,
    ) -> Copy:
        """A copy that carries a command out, with this environment; what it says is added to the files."""
        request = {"program": program, "words": words, "environment": environment, "out": out, "err": err or out}
        with self._asking:
            print(json.dumps(request | {"crash": crash and asdict(crash)}), file=self._requests, flush=True)
            copy = self._begun.get()
        assert copy is not None, "the process that is copied has ended"
        return replace(copy, said=request["err"])

    def run(
        self,
        words: Sequence[str],
        environment: dict[str, str],
        out: str,
        *,
        crash: Crash | None = None,
        signal_after: tuple[float, signal.Signals] | None = None,
    ) -> int:
        """The exit code of a command."""
        copy = self.start(words, environment, out, crash=crash)
        if signal_after is not None:
            seconds, sign = signal_after
            try:
                copy.wait(seconds)
            except StillRunning:
                copy.send(sign)
        return copy.wait()

    def stop(self) -> None:
        self._requests.close()
        self._process.wait(60)
        self._hearing.join(60)
        self._answers.close()

    def _hear(self) -> None:
        copies: dict[int, Copy] = {}
        for pid, code in map(json.loads, self._answers):
            if code is None:
                copies[pid] = Copy(pid)
                copies[pid].ended.set_running_or_notify_cancel()  # who waits may be cancelled, the end is told anyway
                self._begun.put(copies[pid])
            else:
                copies.pop(pid).ended.set_result(code)
        self._begun.put(None)


# ── within the process ───────────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    from flows.prefect_server import CLIENT_SETTINGS
    from flows.worker import WORKER_SETTINGS

    os.environ.update(CLIENT_SETTINGS | WORKER_SETTINGS)  # Prefect reads them once, when it is imported
    for module in IMPORTED:
        import_module(module)
    import_module("flows.warm").prepare()
    gc.freeze()  # what is shared with the copies is not to be touched by counting it
    _say("ready")
    copies: set[int] = set()
    for request in _requests(copies):
        pid = os.fork()
        if not pid:
            _become(request)
        copies.add(pid)
        _say((pid, None))
    for pid in copies:
        os.kill(pid, signal.SIGKILL)


def _requests(copies: set[int]) -> Iterator[dict[str, Any]]:
    """What is asked for; between the requests it is told which copies have ended."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    heard = b""
    while True:
        ready = select.select([0, read], [], [])[0]
        if read in ready:
            os.read(read, 512)
            _tell_ends(copies)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                return
            *lines, heard = (heard + more).split(b"\n")
            yield from map(json.loads, lines)


def _tell_ends(copies: set[int]) -> None:
    while copies:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        copies.discard(pid)
        _say((pid, os.waitstatus_to_exitcode(status)))


def _become(request: dict[str, Any]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(request["environment"])
    streams = [os.open(os.devnull, os.O_RDONLY)]
    streams += [os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in ("out", "err")]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    faulthandler.register(signal.SIGUSR1)
    if request["crash"]:
        _crash_at(Crash(**request["crash"]))
    sys.argv = ["aiwriter", *request["words"]]
    code = 0
    try:
        code = import_module(request["program"]).main() or 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - the copy must not go on as the process that it was copied from
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _crash_at(crash: Crash) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.pool import Pool

    seen, due = 0, False
    in_use: set[int] = set()  # connections that have begun a transaction; a commit is over when they are given back

    def before(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        nonlocal seen
        seen += sql.startswith(crash.statement)
        if due or (sql.startswith(crash.statement) and (seen, crash.when) == (crash.number, "before")):
            os.kill(os.getpid(), crash.sign)

    def beginning(connection: Any) -> None:
        """Nothing has been sent yet, no BEGIN either."""
        if not in_use:
            before(connection, None, TRANSACTION)
        in_use.add(id(connection.connection.dbapi_connection))

    def given_back(connection: Any, _record: Any) -> None:
        in_use.discard(id(connection))

    def committing(_connection: Any) -> None:
        """SQLAlchemy tells of a commit just before it: the next statement is the first that is surely behind it."""
        nonlocal due
        due = crash.when == "after" and seen >= crash.number

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "begin", beginning)
    event.listen(Engine, "commit", committing)
    event.listen(Pool, "checkin", given_back)


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
