"""One Prefect server for all tests that run flows, what its pages would show, and tools to run flows in the test."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.testing.parts import eventually
from aiwriter.testing.terminal import PASSED_ON, ROOT, Ended, Terminal, processes_of
from flows.flow_process import SOCKET
from tests.faults.forking import Copy, Forks

START_SECONDS = 120
BUSY_TRIES = 20
PATIENCE_SECONDS = 90  # on SQLite a Prefect server that is short of time may wait a minute for its own lock


@dataclass(frozen=True)
class Pages:
    """What Prefect's pages would show, asked of its API."""

    api: str

    def ask(self, path: str, method: str = "POST", **query: Any) -> Any:
        body = json.dumps(query).encode() if query else None
        header = {"Content-Type": "application/json"}
        request = Request(f"{self.api}/{path}", data=body, headers=header, method=method)
        for _ in range(BUSY_TRIES):
            with suppress(HTTPError), urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return json.loads(answer.read() or "null")
            time.sleep(0.5)  # a Prefect server on SQLite says 503 when it is busy
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.loads(answer.read() or "null")

    def flow_run(self, name: str) -> dict[str, Any]:
        """The newest flow run of that name."""
        found: list[dict[str, Any]] = self.ask(
            "flow_runs/filter", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_DESC"
        )
        assert found, f"there is no flow run {name!r}"
        return found[0]

    async def states(self, name: str) -> list[str]:
        """How the flow runs of that name ended, newest first; waits for the ends."""
        query = {"flow_runs": {"name": {"any_": [name]}}, "sort": "START_TIME_DESC"}
        for _ in range(200):
            found = [
                one["state_type"] for one in await asyncio.to_thread(partial(self.ask, "flow_runs/filter", **query))
            ]
            if not {"SCHEDULED", "PENDING", "RUNNING"} & set(found):
                break
            await asyncio.sleep(0.1)
        return found

    def deployment(self, flow: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"deployments/name/{flow}/{name}", method="GET")
        return found

    def artifacts(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("artifacts/filter", artifacts={"key": {"any_": [key]}})
        return found


@pytest.fixture
def pages(prefect_api: str) -> Pages:
    return Pages(prefect_api)


@dataclass(frozen=True)
class WarmTerminal(Terminal):
    """The same command line, run in a copy of a process that has imported all; `start` starts a new one."""

    forks: Forks = field(kw_only=True)

    def run(self, *words: str, seconds: float = 180) -> Ended:
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            copy = self.forks.start(words, self.environment(), str(out), str(err))
            try:
                code = copy.wait(seconds)
            finally:
                copy.send(signal.SIGKILL)
            return Ended(code, out.read_text(), err.read_text())


@pytest.fixture
def terminal(tmp_path: Path, migrated_sqlite: Path, prefect_api: str, forks: Forks) -> Terminal:
    """The command line under the one server, over a home whose tables are there."""
    _give_tables(tmp_path / "home", migrated_sqlite)
    settings = {"PREFECT_API_URL": prefect_api, "AIWRITER_EMBEDDER": "hashing:64"}
    return WarmTerminal(tmp_path / "home", settings, forks=forks)


@pytest.fixture
async def tools(
    tmp_path: Path, migrated_sqlite: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Tools]:
    """Tools over a home of their own, with an embedder that costs nothing; flows that the test runs find the same."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    monkeypatch.setenv("PREFECT_HOME", str(Path(os.environ["AIWRITER_HOME"]) / "prefect"))
    monkeypatch.setenv("AIWRITER_EMBEDDER", "hashing:64")
    monkeypatch.setenv("AIWRITER_PREFECT__POOL", tmp_path.name)
    _give_tables(Path(os.environ["AIWRITER_HOME"]), migrated_sqlite)
    async with bootstrap.open_tools(settings.load()) as opened:
        yield opened
    await asyncio.sleep(0.1)
    with warnings.catch_warnings():  # on a busy machine Prefect's client leaves a websocket to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _give_tables(home: Path, migrated: Path) -> None:
    """To make them takes longer than most of what is tested over them."""
    if not home.exists():
        home.mkdir()
        shutil.copy(migrated, home)


class Worker:
    """`python -m flows.worker` over the home of the test, serving a work pool of its own."""

    def __init__(self, forks: Forks, warm: str, environment: dict[str, str], log: Path) -> None:
        self._forks = forks
        self._warm = warm
        self._environment = environment
        self._log = log
        self._copy: Copy | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._registered: dict[str, str] = {}

    def start(self, **settings: str) -> None:
        """Register what there is to run, and start working: all in copies of a process that has imported all."""
        environment = self.register(**settings) | {SOCKET: self._warm}
        self._copy = self._forks.start((), environment, str(self._log), program="flows.worker")

    def start_anew(self, **settings: str) -> None:
        """The same in a new process, whose environment tells the system whose it and its children are."""
        environment = self.register(**settings)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flows.worker"], env=environment, cwd=ROOT, stdout=log, stderr=log
            )

    def register(self, **settings: str) -> dict[str, str]:
        """Tell the server what there is to run, so that it can be submitted before anybody works; the environment."""
        environment = self._environment | settings
        if environment != self._registered:
            registering = self._forks.start((), environment, str(self._log), program="flows.deploy")
            assert registering.wait() == 0, self._log.read_text()
            self._registered = environment
        return environment

    def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        if self._copy is not None:
            self._copy.send(signal.SIGTERM)
            self._copy.wait(60)
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def processes(self) -> list[str]:
        """What is left of one that was started anew."""
        return [line for line in processes_of(Path(self._environment["AIWRITER_HOME"])) if "flows." in line]


@pytest.fixture(scope="session")
def warm_flows(forks: Forks) -> Iterator[str]:
    """Where a process listens whose copies are the flow runs of all workers."""
    with tempfile.TemporaryDirectory(prefix="flows-") as folder:
        path, log = Path(folder, "warm"), Path(folder, "log")
        copy = forks.start([str(path)], forks.environment, str(log), program="flows.warm")
        eventually(lambda: path.is_socket() or copy.ended.done())
        yield str(path)
        copy.send(signal.SIGKILL)


@pytest.fixture
def worker(tmp_path: Path, tools: Tools, forks: Forks, warm_flows: str) -> Iterator[Worker]:
    """A worker that is not started yet."""
    passed = {name: value for name, value in os.environ.items() if name.startswith(("AIWRITER_", "PREFECT_"))}
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    one = Worker(
        forks, warm_flows, kept | passed | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, tmp_path / "worker.log"
    )
    yield one
    one.stop()
