"""One Prefect server for all tests that run flows, what its pages would show, and tools to run flows in the test."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.testing.terminal import ROOT, Terminal
from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS, is_healthy

START_SECONDS = 120


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    environment = os.environ | CLIENT_SETTINGS | SERVER_SETTINGS
    environment |= {"PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "flows.prefect_child", str(port)]
    log = (home / "log").open("w")
    with log, subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True) as server:
        deadline = time.monotonic() + START_SECONDS
        while not is_healthy(api):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the Prefect server did not start: {(home / 'log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield api
        os.killpg(server.pid, signal.SIGTERM)


@dataclass(frozen=True)
class Pages:
    """What Prefect's pages would show, asked of its API."""

    api: str

    def ask(self, path: str, **query: Any) -> Any:
        body = json.dumps(query).encode()
        request = Request(f"{self.api}/{path}", data=body, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def flow_run(self, name: str) -> dict[str, Any]:
        """The newest flow run of that name."""
        found: list[dict[str, Any]] = self.ask(
            "flow_runs/filter", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_DESC"
        )
        assert found, f"there is no flow run {name!r}"
        return found[0]

    def artifacts(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("artifacts/filter", artifacts={"key": {"any_": [key]}})
        return found


@pytest.fixture
def pages(prefect_api: str) -> Pages:
    return Pages(prefect_api)


@pytest.fixture
def terminal(tmp_path: Path, prefect_api: str) -> Terminal:
    """The command line under the one server."""
    return Terminal(tmp_path / "home", {"PREFECT_API_URL": prefect_api, "AIWRITER_EMBEDDER": "hashing:64"})


@pytest.fixture
async def tools(prefect_api: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tools]:
    """Tools over a home of their own, with an embedder that costs nothing; flows that the test runs find the same."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    monkeypatch.setenv("PREFECT_HOME", str(Path(os.environ["AIWRITER_HOME"]) / "prefect"))
    monkeypatch.setenv("AIWRITER_EMBEDDER", "hashing:64")
    async with bootstrap.open_tools(settings.load()) as opened:
        await bootstrap.prepare_database(opened.settings)
        yield opened
    await asyncio.sleep(0.1)
    with warnings.catch_warnings():  # on a busy machine Prefect's client leaves a websocket to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
