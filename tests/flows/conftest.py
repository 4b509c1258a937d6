"""One Prefect server for all tests that run flows."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from aiwriter.testing.terminal import ROOT
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
