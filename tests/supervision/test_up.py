"""`aiwriter up` with stand-ins for its parts: what it says, whom it lets in, and that nothing is left of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aiwriter import servers, settings
from aiwriter.bootstrap import open_tools
from aiwriter.commands.up import DASHBOARD_KEY, require_installed
from aiwriter.documents import utc_now
from aiwriter.errors import BadInput
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.servers import free_port
from aiwriter.services import keys
from aiwriter.supervision.parts import Place, choose_ports, environment, parts, wanted_ports
from aiwriter.testing.parts import eventually
from aiwriter.testing.terminal import ROOT, Terminal, processes_of

SCRIPT = Path(__file__).with_name("standing_in.py")
FREE = {f"AIWRITER_SERVE__{name}_PORT": "0" for name in ("PREFECT", "CHROMA", "DASHBOARD")} | {
    "AIWRITER_API__PORT": "0"
}


@dataclass
class Stage:
    """A home, and `up`s over it in processes of their own."""

    home: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home.parent,  # anywhere but the root
            env=Terminal(self.home, FREE | settings).environment(),
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def up(self, **settings: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """A running `up --json` and its report."""
        process = self.start("--json", **settings)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        report = json.loads(line)
        assert report["status"] != "error", report
        return process, report

    def processes(self) -> list[str]:
        return processes_of(self.home)


@pytest.fixture
def stage(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "home")
    stage.home.mkdir()
    shutil.copy(migrated_sqlite, stage.home)  # to make the tables takes longer than to start the parts
    yield stage
    for process in stage.running:
        with process:
            process.kill()
    eventually(lambda: not stage.processes())


def end(process: subprocess.Popen[str], sign: signal.Signals) -> str:
    """What was said on standard error until the end."""
    os.killpg(process.pid, sign)
    _, said = process.communicate(timeout=60)
    return said


def test_it_says_where_everything_is_when_all_are_ready(stage: Stage) -> None:
    (stage.home / "aiwriter.db").unlink()  # the first start makes the tables
    _, report = stage.up()
    assert report["status"] == "up"
    assert list(report["addresses"]) == ["dashboard", "api", "prefect", "chroma"]
    assert report["failed"] == {}
    for name in report["addresses"]:
        assert servers.find(stage.home, name), name
    assert servers.read(stage.home)["up"].pid == report["pid"]


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_a_signal_ends_everything_and_empties_servers_json(sign: signal.Signals, code: int, stage: Stage) -> None:
    process, _ = stage.up()
    assert len(stage.processes()) > 10  # each part below a small parent, and a flow process of the worker
    end(process, sign)
    assert stage.processes() == []
    assert servers.read(stage.home) == {}
    assert process.returncode == code


def test_a_signal_while_starting_leaves_nothing_either_and_loses_no_key(stage: Stage) -> None:
    process = stage.start()
    eventually((stage.home / "pids").exists)
    os.killpg(process.pid, signal.SIGINT)
    assert len(re.findall(r"API key +aw_\w+", "".join(process.communicate(timeout=60)))) == 1
    assert stage.processes() == []
    assert servers.read(stage.home) == {}


def test_a_killed_up_leaves_nothing_and_the_next_one_starts_as_if_nothing_had_been(stage: Stage) -> None:
    process, _ = stage.up()
    process.kill()
    eventually(lambda: not stage.processes(), 8)
    assert servers.read(stage.home)  # nobody could empty it
    assert servers.find(stage.home, "api") is None
    _, report = stage.up()
    assert report["status"] == "up"


def test_a_second_up_says_where_the_first_is_and_does_no_harm(stage: Stage) -> None:
    _, report = stage.up()
    second = stage.start()
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 0
    assert f"already up for {stage.home} (process {report['pid']})" in said
    assert all(address in said for address in report["addresses"].values())
    again, told = stage.up()
    assert (told["status"], told["pid"], told["addresses"]) == ("already up", report["pid"], report["addresses"])
    assert all(told["answers"].values())
    assert again.wait(10) == 0
    assert servers.find(stage.home, "api")


def test_a_taken_port_is_passed_over_and_told(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, report = stage.up(AIWRITER_API__PORT=str(port))
        assert report["addresses"]["api"] != f"http://127.0.0.1:{port}"
        said = end(process, signal.SIGTERM)
    assert f"port {port} is taken: API gets" in said


def test_a_part_that_dies_is_told_and_comes_back_where_it_was(stage: Stage) -> None:
    process, report = stage.up()
    first = servers.read(stage.home)["api"].pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: servers.find(stage.home, "api") and servers.read(stage.home)["api"].pid != first)
    assert servers.known(stage.home, "api") == report["addresses"]["api"]
    said = end(process, signal.SIGTERM)
    ended = [json.loads(line) for line in said.splitlines() if '"ended"' in line]
    assert [(change["part"], "SIGKILL" in change["detail"]) for change in ended] == [("api", True)]


async def test_the_first_key_is_shown_once_and_the_dashboards_never(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, report = stage.up()
    eventually((stage.home / "key").exists)
    session = (stage.home / "key").read_text()
    assert session.startswith("aw_")
    assert session not in " ".join(stage.processes())
    assert report["api_key"] not in {None, session}
    assert await scopes(stage.home, report["api_key"]) == {"read", "write", "admin"}
    assert await scopes(stage.home, session) == {"read", "write"}
    first.kill()
    eventually(lambda: not stage.processes(), 8)
    second, report = stage.up()
    assert report["api_key"] is None
    assert await scopes(stage.home, session) is None, "the key of the killed start is refused"
    session = (stage.home / "key").read_text()
    assert await scopes(stage.home, session)
    said = end(second, signal.SIGTERM)
    assert await scopes(stage.home, session) is None
    assert session not in said
    logs = "".join(log.read_text() for log in (stage.home / "logs").iterdir())
    assert session not in logs


async def scopes(home: Path, key: str) -> set[str] | None:
    """What a key allows; None when it is refused."""
    async with open_tools(settings.load(home=home)) as tools:
        caller = await keys.authenticate(tools.database, key, utc_now())
        if caller is None:
            return None
        names = {known.id: known.name for known in await keys.all(tools.database, Principal("t", LOCAL_WORKSPACE))}
        assert names[caller.key_id] in {"first key", DASHBOARD_KEY}
        return set(caller.principal.scopes)


# ── the list of parts ────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_what_the_dashboard_needs_there_is_one_line_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="checkout or the image"):
        require_installed(tmp_path, dashboard=False)


def test_a_dashboard_whose_packages_are_missing_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "streamlit", None)
    with pytest.raises(BadInput, match="the dashboard needs streamlit, which is not installed") as refusal:
        require_installed(ROOT, dashboard=True)
    assert "make setup-serve" in str(refusal.value.hint)
    require_installed(ROOT, dashboard=False)


def test_ports_of_the_parts_never_collide() -> None:
    port = free_port()
    wanted = {"api": ("127.0.0.1", port), "chroma": ("127.0.0.1", port), "prefect": ("127.0.0.1", 0)}
    chosen = choose_ports(wanted)
    assert chosen["api"] == port
    assert len(set(chosen.values())) == 3


def test_a_host_that_is_not_ours_is_refused(stage: Stage) -> None:
    process = stage.start(AIWRITER_API__HOST="203.0.113.1")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "no port can be had on '203.0.113.1'" in said


def place(home: Path, **more: Any) -> Place:
    return Place(home, home, choose_ports(wanted_ports(settings.load(), dashboard=True)), **more)


def test_what_explicit_settings_name_is_not_started(tmp_path: Path) -> None:
    joined = parts(settings.load(), place(tmp_path, prefect="http://elsewhere/api", vectors=True), {}, None)
    assert {part.name for part in joined} == {"worker", "api"}
    assert {part.env["PREFECT_API_URL"] for part in joined} == {"http://elsewhere/api"}


def test_every_part_sees_the_home_the_checkout_and_one_thread(tmp_path: Path) -> None:
    for part in parts(settings.load(), place(tmp_path), {"PATH": "/bin", "no_proxy": "inside"}, "aw_x"):
        assert part.env["AIWRITER_HOME"] == str(tmp_path)
        assert part.env["PYTHONPATH"] == str(tmp_path)
        assert part.env["OMP_NUM_THREADS"] == "1"
        assert part.env["no_proxy"] == "inside,127.0.0.1,localhost"
        assert "aw_x" not in repr(part)


def test_a_prefect_home_of_the_users_stays(tmp_path: Path) -> None:
    assert environment(place(tmp_path), {"PREFECT_HOME": "/mine"})["PREFECT_HOME"] == "/mine"


def test_an_api_that_listens_everywhere_is_found_on_loopback(tmp_path: Path) -> None:
    assert place(tmp_path).address("api", "0.0.0.0").startswith("http://127.0.0.1:")
