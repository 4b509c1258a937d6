"""A flow process is a copy of the warm one, or starts cold; either way it ends as Prefect's engine ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwriter.testing.terminal import ROOT
from flows import worker
from flows.flow_process import SOCKET

pytestmark = pytest.mark.flow
BUSY_SECONDS = 120  # for what takes three on an idle machine


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    homes = {"AIWRITER_HOME": str(folder / "home"), "PREFECT_HOME": str(folder / "prefect")}
    return kept | homes | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Where the warm process of a worker listens, and its id; as the worker finds it when it begins."""
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:  # of flows that other tests ran here
            patch.delenv(name)
        for name, value in environment(tmp_path_factory.mktemp("warm"), **{SOCKET: ""}).items():
            patch.setenv(name, value)
        patch.chdir(ROOT)
        process = worker.warm(BUSY_SECONDS)
        pid = runner.run(process.__aenter__())
        yield os.environ[SOCKET], pid
        runner.run(process.__aexit__(None, None, None))


def test_a_worker_begins_when_its_warm_process_listens(warm: tuple[str, int]) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(warm[0])


def test_copies_share_the_default_embedder_of_the_warm_process(warm: tuple[str, int]) -> None:
    assert "onnxruntime" in Path(f"/proc/{warm[1]}/maps").read_text()


def flow_process(folder: Path, path: str, run: str = "no-id") -> subprocess.Popen[str]:
    given = environment(folder, **{SOCKET: path, "PREFECT__FLOW_RUN_ID": run, "PREFECT_LOGGING_LEVEL": "INFO"})
    command = [sys.executable, "-m", "flows.flow_process"]
    return subprocess.Popen(command, env=given, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_warm_and_cold_it_says_and_ends_the_same(warm: tuple[str, int], tmp_path: Path) -> None:
    path, server = warm
    for where in (path, ""):
        with flow_process(tmp_path, where) as process:
            said, _ = process.communicate(timeout=BUSY_SECONDS)
        assert (process.returncode, "Invalid flow run id" in said) == (1, True), (where or "cold", said)
    assert Path(f"/proc/{server}").exists()


def test_when_the_warm_process_ends_before_it_has_made_a_copy_the_run_starts_cold(tmp_path: Path) -> None:
    path = tmp_path / "warm"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with flow_process(tmp_path, str(path)) as process:
            asked, _ = listening.accept()
            asked.recv(10)
            asked.close()
            said, _ = process.communicate(timeout=BUSY_SECONDS)
    assert (process.returncode, "Invalid flow run id" in said) == (1, True), said


def test_a_signal_reaches_the_copy_and_its_end_is_told(warm: tuple[str, int], tmp_path: Path) -> None:
    run = "00000000-0000-7000-8000-000000000002"  # there is no server: the engine tries for a while
    path, server = warm
    with flow_process(tmp_path, path, run) as process:
        deadline = time.monotonic() + 30
        while not (copies := _children(server)) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert len(copies) == 1
    assert _children(server) == []


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
