"""What a new user sees first: the demo, with the network taken away."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aiwriter.testing.terminal import Terminal
from tests.conftest import Prefect

pytestmark = pytest.mark.e2e

CUT_OFF = (sys.executable, "-m", "aiwriter.testing.cut_off")


def test_the_demo_writes_an_article_and_catches_tampering_without_a_network(tmp_path: Path, prefect: Prefect) -> None:
    prefect.prepare(tmp_path / "home" / "prefect")  # the server of the test run has made these tables from nothing
    ended = Terminal(tmp_path / "home", prefix=CUT_OFF).run("demo", "--json", seconds=240)
    assert ended.code == 0, ended.err
    result = ended.result
    assert result["status"] == "done"
    assert result["counts"]["words"] > 600
    assert [case["caught"] for case in result["tampering"]] == [True, True]
    assert float(result["cost_usd"]) == 0.0
    assert all(Path(path).exists() for path in result["paths"].values())


def test_there_really_is_no_network_in_there(tmp_path: Path) -> None:
    script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    terminal = Terminal(tmp_path, prefix=(*CUT_OFF, sys.executable, "-c", script))
    ended = terminal.run()
    assert "Network is unreachable" in ended.err
