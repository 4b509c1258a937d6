"""`python -m flows.flow_process`: Prefect's engine for one flow run, in a process that ends when its worker does.

A copy of the warm process beside the worker does the work (flows/warm.py), and this one stands for it: it hands on
signals and ends as the copy ends. Without a warm process it becomes the engine itself.
"""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from aiwriter.supervision.child import die_with_parent

SOCKET = "FLOW_PROCESS_SOCKET"  # the variable that says where the warm process listens
HANDED_ON = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    die_with_parent()
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ.get(SOCKET, ""))
        except OSError:  # there is no warm process, or not yet
            _become_the_engine()
        return _stand_for(connection)


def _become_the_engine() -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", "prefect.engine"])  # noqa: S606 - our own interpreter


def _stand_for(connection: socket.socket) -> int:
    """Ask for a copy and wait for its end; its exit code. A signal that ended it ends this process as well."""
    told: list[int] = []
    copies: list[int] = []

    def hand_on(sign: int, _frame: object) -> None:
        told.append(sign)
        for pid in copies:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)

    for sign in HANDED_ON:
        signal.signal(sign, hand_on)
    request = {"environment": dict(os.environ), "folder": str(Path.cwd())}
    streams = array.array("i", [0, 1, 2])
    message = json.dumps(request).encode() + b"\n"
    pid = ""
    with suppress(ConnectionError):
        sent = connection.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        connection.sendall(message[sent:])
        answers = connection.makefile()
        pid = answers.readline()
    if not pid and not told:  # the warm process ended before it had made a copy
        _become_the_engine()
    if not pid:
        return 1
    copies.append(int(pid))
    for before in told:
        os.kill(copies[0], before)
    code = int(answers.readline() or 1)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
