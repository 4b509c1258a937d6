"""A small parent and its command: whatever ends one, nothing is left of the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from aiwriter.testing.parts import all_gone, eventually, is_alive, pids_in, python

# Like a worker with a flow process: the grandchild has a session of its own and outlives whoever started it.
WORKER = """
import os, subprocess, sys, time
inner = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); time.sleep(600)"
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
subprocess.Popen([sys.executable, "-c", inner, sys.argv[1]], start_new_session=True)
time.sleep(600)
"""
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""
Started = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Started]:
    started: list[subprocess.Popen[bytes]] = []

    def run(command: tuple[str, ...], *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "aiwriter.supervision.child", *options, "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with process:  # waits, and closes its pipes
            process.kill()


def test_it_ends_with_the_code_of_its_command_and_tells_its_pid_first(start: Started, tmp_path: Path) -> None:
    process = start(python("import os; print('pid', os.getpid()); raise SystemExit(7)"), "--log", str(tmp_path / "log"))
    assert process.wait(10) == 7
    assert process.stdout is not None
    assert (tmp_path / "log").read_bytes() == b"pid " + process.stdout.read()


def test_a_command_that_a_signal_ended_is_told_as_shells_do(start: Started) -> None:
    process = start(python("import os; os.kill(os.getpid(), 9)"))
    assert process.wait(10) == 128 + signal.SIGKILL


def test_a_command_that_is_not_there_is_told_as_shells_do(start: Started) -> None:
    assert start(("no-such-command",)).wait(10) == 127


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_when_told_to_stop_nothing_is_left_not_even_in_other_sessions(
    sign: signal.Signals, start: Started, tmp_path: Path
) -> None:
    process = start(python(WORKER, tmp_path / "pids"), "--grace", "2")
    pids = pids_in(tmp_path / "pids", 2)
    process.send_signal(sign)
    process.wait(10)
    assert all_gone(pids)


def test_what_a_command_leaves_behind_when_it_dies_goes_too(start: Started, tmp_path: Path) -> None:
    process = start(python(WORKER, tmp_path / "pids"), "--grace", "2")
    command, flow = pids_in(tmp_path / "pids", 2)
    os.kill(command, signal.SIGKILL)
    assert process.wait(10) == 128 + signal.SIGKILL
    assert not is_alive(flow)


def test_when_whoever_started_it_is_gone_nothing_is_left(start: Started, tmp_path: Path) -> None:
    process = start(python(WORKER, tmp_path / "pids"), "--grace", "2")
    pids = pids_in(tmp_path / "pids", 2)
    assert process.stdin is not None
    process.stdin.close()  # what the kernel does when the starter ends, however it ends
    process.wait(10)
    assert all_gone(pids)


def test_a_command_goes_when_its_small_parent_is_killed(start: Started, tmp_path: Path) -> None:
    process = start(python("import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"))
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    eventually(lambda: not is_alive(pid))


def test_who_does_not_listen_is_killed_after_the_grace(start: Started, tmp_path: Path) -> None:
    process = start(python(STUBBORN, tmp_path / "pids"), "--grace", "0.5")
    pids = pids_in(tmp_path / "pids", 1)
    began = time.monotonic()
    process.terminate()
    process.wait(60)
    assert time.monotonic() - began > 0.4
    assert all_gone(pids)


def test_who_is_in_a_hurry_does_not_wait_for_the_grace(start: Started, tmp_path: Path) -> None:
    process = start(python(STUBBORN, tmp_path / "pids"), "--grace", "60")
    pids = pids_in(tmp_path / "pids", 1)
    process.terminate()
    process.send_signal(signal.SIGINT)
    process.wait(10)
    assert all_gone(pids)


def test_the_lock_is_held_for_exactly_as_long_as_the_command_lives(start: Started, tmp_path: Path) -> None:
    lock = tmp_path / "folder" / "some.lock"
    process = start(python("import time; time.sleep(600)"), "--lock", str(lock))
    assert process.stdout is not None
    command = int(process.stdout.readline())
    with pytest.raises(Timeout):
        FileLock(lock, timeout=0).acquire()
    process.kill()  # even when the small parent cannot say anything any more
    eventually(lambda: not is_alive(command))
    FileLock(lock, timeout=0).acquire()


def test_it_waits_for_a_lock_that_another_process_holds(start: Started, tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "some.lock")
    with lock:
        waiting = start(python(""), "--lock", lock.lock_file)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.5)
    assert waiting.wait(10) == 0


def test_it_can_be_stopped_while_it_waits_for_a_lock(start: Started, tmp_path: Path) -> None:
    with FileLock(tmp_path / "some.lock") as lock:
        waiting = start(python("open('never', 'w')"), "--lock", str(lock.lock_file))
        time.sleep(0.3)
        waiting.terminate()
        assert waiting.communicate(timeout=10) == (b"", None)
