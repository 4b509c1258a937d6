"""`aiwriter up`, the real thing, over a home that already has an article: a visitor's way through, and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from aiwriter import servers, settings
from aiwriter.bootstrap import open_tools
from aiwriter.testing.parts import eventually
from aiwriter.testing.terminal import ROOT, TEXTS, Terminal, interrupt_group, kill_group, processes_of
from tests.conftest import Prefect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

BUSY_SECONDS = 180  # for what takes a few on an idle machine
BRIEF = ROOT / "examples" / "briefs" / "blackout.toml"
# The default, a model, takes most of an article's time.
EMBEDDERS = ["hashing:64", pytest.param("minilm", marks=pytest.mark.faults)]
FREE = {f"AIWRITER_SERVE__{name}_PORT": "0" for name in ("PREFECT", "CHROMA", "DASHBOARD")} | {
    "AIWRITER_API__PORT": "0"
}


@dataclass
class House:
    """A running `aiwriter up` and a visitor with its first key."""

    home: Path
    embedder: str
    article_id: str
    process: subprocess.Popen[str]
    report: dict[str, Any]

    def ask(self, path: str, **params: Any) -> Any:
        answer = httpx.get(f"{self.api}{path}", params=params, headers=self.key, timeout=30)
        return answer.raise_for_status().json()

    def generate(self) -> dict[str, Any]:
        brief = {"topic": "How the ferry Lanternfish kept the lights on", "sources": TEXTS}
        answer = httpx.post(f"{self.api}/generate/content", json={"brief": brief}, headers=self.key, timeout=30)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    @property
    def api(self) -> str:
        return f"{self.report['addresses']['api']}/api/v1"

    @property
    def key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.report['api_key']}"}

    def killed(self, name: str) -> int:
        """SIGKILL to a part; the process id that it had."""
        pid = servers.read(self.home)[name].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_back(self, name: str, pid: int) -> None:
        """Wait until another process is this part."""
        eventually(lambda: servers.find(self.home, name) and servers.read(self.home)[name].pid != pid, 60)


@pytest.fixture(scope="module", params=EMBEDDERS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prefect: Prefect
) -> Iterator[House]:
    settled = {"AIWRITER_EMBEDDER": str(request.param)}
    terminal = Terminal(tmp_path_factory.mktemp("up") / "home", settled | FREE)
    before = Terminal(terminal.home, settled | {"PREFECT_API_URL": prefect.api})
    written = before.run("write", "--brief", str(BRIEF), "--json")
    assert written.code == 0, written.err
    prefect.prepare(terminal.home / "prefect")
    process = terminal.start("up", "--json")
    try:
        assert process.stdout is not None
        report = json.loads(process.stdout.readline())
        assert report["failed"] == {}, report["failed"]
        yield House(terminal.home, str(request.param), written.result["article_id"], process, report)
    finally:
        kill_group(process)
        eventually(lambda: not processes_of(terminal.home))


def test_the_article_written_before_is_there_and_is_found(house: House) -> None:
    assert [article["id"] for article in house.ask("/content")["items"]] == [house.article_id]
    assert house.ask("/content/search", q="who supplied the clinic with power")["items"]


async def test_the_chroma_server_has_the_index_that_was_a_folder_before(house: House) -> None:
    async with open_tools(settings.load(home=house.home, embedder=house.embedder)) as tools:
        assert await tools.vectors(tools.settings.embedder).article_ids() == {UUID(house.article_id)}


def test_every_page_is_served(house: House) -> None:
    for name in ("dashboard", "prefect"):
        page = httpx.get(house.report["addresses"][name], follow_redirects=True)
        assert page.status_code == 200, name
        assert "<html" in page.text, name


def test_a_run_asked_for_is_queued_at_once_and_begins_soon(house: House) -> None:
    accepted = house.generate()
    assert accepted["status"] == "queued"
    eventually(lambda: "stage.started" in kinds(house, accepted["run_id"]), BUSY_SECONDS)
    eventually(lambda: house.ask(f"/runs/{accepted['run_id']}")["run"]["status"] == "done", 120)
    assert house.ask("/content")["total"] == 2


def kinds(house: House, run_id: str) -> set[str]:
    return {event["kind"] for event in house.ask(f"/runs/{run_id}/history", after=0)["items"]}


@pytest.mark.parametrize("name", ["api", "chroma", "dashboard"])
def test_a_part_that_is_killed_is_back(house: House, name: str) -> None:
    house.is_back(name, house.killed(name))
    eventually(lambda: all(part["state"] == "ok" for part in house.ask("/readiness")["parts"].values()), 60)
    assert house.ask("/content/search", q="who supplied the clinic with power")["items"]


def answered(server: httpx.Client, path: str, body: dict[str, object]) -> httpx.Response:
    """The answer to a POST, asked for again while the server says that it is busy, as Prefect's own clients do."""
    answers: list[httpx.Response] = []

    def is_no_longer_busy() -> bool:
        answers.append(server.post(path, json=body))
        return answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

    eventually(is_no_longer_busy, 60)
    return answers[-1]


def test_prefect_that_was_killed_carries_out_what_was_asked_for_meanwhile_and_knows_who_holds_a_place(
    house: House,
) -> None:
    """Else a scheduled batch that runs meanwhile is cancelled, and its place may stay taken for good."""
    with httpx.Client(
        base_url=f"{house.report['addresses']['prefect']}/api/v2/concurrency_limits", timeout=30
    ) as limits:
        answered(limits, "/", {"name": "place", "limit": 1}).raise_for_status()
        place = {"names": ["place"], "slots": 1, "mode": "concurrency", "lease_duration": 300}
        taken = answered(limits, "/increment-with-lease", place).raise_for_status().json()
        pid = house.killed("prefect")
        accepted = house.generate()
        house.is_back("prefect", pid)
        renewed = answered(limits, f"/leases/{taken['lease_id']}/renew", {"lease_duration": 300})
    assert renewed.status_code == 204, renewed.text
    eventually(lambda: house.ask(f"/runs/{accepted['run_id']}")["run"]["status"] == "done", 200)


def test_a_run_begins_after_the_worker_was_killed(house: House) -> None:
    house.killed("worker")
    accepted = house.generate()
    eventually(lambda: "stage.started" in kinds(house, accepted["run_id"]), BUSY_SECONDS)


def test_an_article_written_beside_is_indexed_by_the_server_and_takes_its_prefect(house: House) -> None:
    """The command line finds the servers of the home; nobody opens the folder that Chroma owns."""
    terminal = Terminal(house.home, {"AIWRITER_EMBEDDER": house.embedder})
    written = terminal.run("write", "--brief", str(BRIEF), "--json")
    assert written.code == 0, written.err
    assert not any("index" in note for note in written.result["notes"])


def test_ctrl_c_ends_everything(house: House) -> None:
    """In the middle of a run, whose process has a session of its own. The last test: afterwards there is no house."""
    accepted = house.generate()
    eventually(lambda: "stage.started" in kinds(house, accepted["run_id"]), BUSY_SECONDS)
    interrupt_group(house.process)
    assert house.process.returncode == 130
    assert processes_of(house.home) == []
    assert servers.read(house.home) == {}
