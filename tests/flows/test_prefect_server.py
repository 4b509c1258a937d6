"""A running Prefect server is joined, one that does not answer is named, ours goes when we go."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from filelock import FileLock, Timeout

from aiwriter.errors import Unavailable
from aiwriter.testing.terminal import ROOT, Terminal, kill_group, processes_of, wait_for_line
from flows import prefect_child, prefect_server
from tests.conftest import Prefect

if TYPE_CHECKING:
    import uvicorn

pytestmark = pytest.mark.flow

DEAD = "http://127.0.0.1:9/api"


async def test_a_named_server_that_does_not_answer_is_refused_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", DEAD)
    with pytest.raises(Unavailable, match=DEAD):
        async with prefect_server.server(tmp_path, 1):
            pytest.fail("it was joined")


async def test_a_server_in_servers_json_is_joined_when_it_answers(
    tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "servers.json").write_text(json.dumps({"prefect": {"address": prefect_api}}))
    async with prefect_server.server(tmp_path, 1) as api:
        assert api == prefect_api


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"prefect": {}}', '{"prefect": {"address": 5}}', "{"])
def test_a_servers_json_that_says_nothing_useful_is_passed_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text(text)
    assert prefect_server.known_server(tmp_path) is None


def test_prefect_forgets_the_runs_of_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """One every five minutes is a hundred thousand a year; by default it keeps them for ever."""
    from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

    for name, value in prefect_server.SERVER_SETTINGS.items():
        monkeypatch.setenv(name, value)
    forgetting = ServerServicesDBVacuumSettings()
    assert forgetting.enabled_vacuum_types >= {"flow_runs", "events"}
    assert forgetting.retention_period.days == 90


def test_a_server_of_a_laptop_seldom_looks_for_what_nobody_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By default it does so every five seconds, all day long, and for each of these services."""
    from prefect.settings.models.server import events, services

    for name, value in prefect_child.LOOKS.items():
        monkeypatch.setenv(name, value)
    pauses = [
        services.ServerServicesPauseExpirationsSettings().loop_seconds,
        services.ServerServicesLateRunsSettings().loop_seconds,
        services.ServerServicesCleanupReconcilerSettings().loop_seconds,
        events.ServerEventsSettings().proactive_granularity.total_seconds(),
    ]
    assert all(15 <= seconds <= 60 for seconds in pauses), pauses


@pytest.mark.parametrize(("api", "spared"), [("", True), (DEAD, True), ("https://prefect.example/api", False)])
def test_authorities_of_the_web_are_read_for_a_server_behind_https_alone(
    api: str, spared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", api)
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", "")
    monkeypatch.delenv("PREFECT_API_SSL_CERT_FILE")
    prefect_server.prepare_environment(tmp_path)
    assert ("PREFECT_API_SSL_CERT_FILE" in os.environ) is spared


GARBAGE = """
import sys, threading, time
from flows.prefect_child import collect_elsewhere

class Ring:
    def __init__(self):
        self.itself = self
    def __del__(self):
        gone.append(threading.current_thread() is threading.main_thread())

gone = []
collect_elsewhere()
while not gone:
    rings = [Ring() for _ in range(10_000)]  # so many that a collection is due
    time.sleep(0.1)
sys.exit(any(gone))
"""


def test_the_thread_that_serves_collects_no_garbage() -> None:
    """A cursor among it may wait for a lock that only this thread could have given up."""
    assert subprocess.run([sys.executable, "-c", GARBAGE], cwd=ROOT, timeout=60, check=False).returncode == 0


async def test_no_server_of_a_home_starts_while_another_does(tmp_path: Path) -> None:
    """Both would make the same tables: the second of two first commands in a fresh home had no server."""

    class Server:
        async def startup(self, _sockets: object) -> None:
            seen.append(another_could())

    def another_could() -> bool:
        try:
            with FileLock(tmp_path / "starting.lock", timeout=0):
                return True
        except Timeout:
            return False

    seen: list[bool] = []
    await prefect_child.alone_until_started(cast("uvicorn.Server", Server()), tmp_path).startup(None)
    assert [*seen, another_could()] == [False, True]


def test_nobody_is_an_authority_that_can_be_loaded() -> None:
    assert len(ssl.create_default_context(cafile=prefect_server.NOBODY).get_ca_certs()) == 1


def test_a_killed_command_leaves_no_server_behind(tmp_path: Path, prefect: Prefect) -> None:
    prefect.prepare(tmp_path / "home" / "prefect")
    terminal = Terminal(tmp_path / "home")
    running = terminal.start("write", "--brief", str(ROOT / "examples" / "briefs" / "blackout.toml"))
    wait_for_line(running, "reading the sources")
    assert any("prefect" in command for command in processes_of(terminal.home))
    kill_group(running)
    deadline = time.monotonic() + 10
    while processes_of(terminal.home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(terminal.home) == []
