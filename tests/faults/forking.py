"""`python -m tests.faults.forking`: command lines of aiwriter, each in a copy of one process that has imported all.

Reads a JSON line a request and answers with the process id of the copy, and after its end with its exit code, -9 when
it was killed. `Forks` is this process from the outside.

A crash is a SIGKILL of the copy by itself, at the n-th SQL statement that begins so: before it is sent, or after it was
committed. No code of the product knows of it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import IO, Any, Literal

COMMANDS = ("aiwriter.cli", "aiwriter.commands.writing", "flows.launcher")


@dataclass(frozen=True)
class Crash:
    """Where a copy kills itself: at the `number`-th statement that begins with `statement`."""

    statement: str
    number: int
    when: Literal["before", "after"]

    def __str__(self) -> str:
        return f"{self.when} {self.statement} {self.number}"


class Forks:
    """Carries commands out, one after the other."""

    def __init__(self, environment: dict[str, str], folder: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=folder,
        )
        assert self._heard() == "ready"

    def run(
        self,
        words: list[str],
        environment: dict[str, str],
        out: str,
        *,
        crash: Crash | None = None,
        signal_after: tuple[float, signal.Signals] | None = None,
    ) -> int:
        """The exit code of a command; what it said is added to the file `out`."""
        request = {"words": words, "environment": environment, "out": out, "crash": crash and asdict(crash)}
        print(json.dumps(request), file=self._stream(self._process.stdin), flush=True)
        pid = self._heard()
        if signal_after is not None:
            seconds, sign = signal_after
            if not select.select([self._process.stdout], [], [], seconds)[0]:
                os.kill(pid, sign)
        return int(self._heard())

    def stop(self) -> None:
        self._stream(self._process.stdin).close()
        self._process.wait(60)
        self._stream(self._process.stdout).close()

    def _heard(self) -> Any:
        line = self._stream(self._process.stdout).readline()
        assert line, "the process that is copied has ended"
        return json.loads(line)

    def _stream(self, stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


# ── within the process ───────────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    from flows.prefect_server import CLIENT_SETTINGS

    os.environ.update(CLIENT_SETTINGS)
    for module in (*COMMANDS, *import_module("flows.warm").IMPORTED):
        import_module(module)
    _say("ready")
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _become(json.loads(line))
        _say(pid)
        _say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(request: dict[str, Any]) -> None:
    os.setsid()
    os.environ.update(request["environment"])
    output = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(stream, number)
    if request["crash"]:
        _crash_at(Crash(**request["crash"]))
    sys.argv = ["aiwriter", *request["words"]]
    code = 0
    try:
        import_module("aiwriter.cli").main()
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _crash_at(crash: Crash) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    seen, due = 0, False

    def before(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        nonlocal seen
        seen += sql.startswith(crash.statement)
        if due or (sql.startswith(crash.statement) and (seen, crash.when) == (crash.number, "before")):
            os.kill(os.getpid(), signal.SIGKILL)

    def committing(_connection: Any) -> None:
        """SQLAlchemy tells of a commit just before it: the next statement is the first that is surely behind it."""
        nonlocal due
        due = crash.when == "after" and seen >= crash.number

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", committing)


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
