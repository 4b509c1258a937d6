"""servers.json is written under a lock, read with caution and believed only after a health call."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiwriter import servers
from aiwriter.testing.webserver import Page, WebServer

NOBODY = "http://127.0.0.1:9"


def test_what_is_put_is_read_and_what_is_dropped_is_not(tmp_path: Path) -> None:
    servers.put(tmp_path, "api", NOBODY, 41)
    servers.put(tmp_path, "up", pid=40)
    servers.drop(tmp_path, "up")
    (server,) = servers.read(tmp_path).values()
    assert (server.name, server.address, server.pid) == ("api", NOBODY, 41)
    assert server.started_at is not None
    servers.clear(tmp_path)
    assert servers.read(tmp_path) == {}


def test_an_address_of_nobody_is_known_but_not_believed(tmp_path: Path) -> None:
    servers.put(tmp_path, "api", NOBODY, 41)
    assert servers.known(tmp_path, "api") == NOBODY
    assert servers.find(tmp_path, "api") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"api": 5}', '{"api": {"address": 5, "pid": "x"}}'])
def test_a_file_that_says_nothing_useful_is_passed_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text(text)
    assert servers.find(tmp_path, "api") is None
    servers.put(tmp_path, "api", NOBODY)
    assert servers.known(tmp_path, "api") == NOBODY


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: servers.put(tmp_path, f"part {n}", pid=n), range(24)))
    assert len(json.loads((tmp_path / "servers.json").read_text())) == 24


def test_loopback_is_not_asked_through_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", NOBODY)
    with WebServer({"/api/v1/health": Page("{}")}) as server:
        servers.put(tmp_path, "api", server.url("/"))
        assert servers.find(tmp_path, "api") == server.url("/")


def test_a_server_that_answers_with_an_error_is_not_well(tmp_path: Path) -> None:
    with WebServer({"/api/v1/health": Page(status=503)}) as server:
        assert not servers.is_healthy("api", server.url(""))
