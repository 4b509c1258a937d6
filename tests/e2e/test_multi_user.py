"""Many users: the servers of docker-compose.yml as real processes, runs at once, and things that die on the way.

`make test` has five runs at once, `make faults` ten."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID

import httpx
import pytest

from aiwriter.api.client import Client
from aiwriter.documents import Brief, RunEvent, RunStatus
from aiwriter.errors import Unavailable
from aiwriter.ports.lists import ArticleFilter, Paging, RunFilter
from aiwriter.servers import answers
from aiwriter.testing.topology import Topology, topology

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

# The default, a model, takes most of an article's time.
EMBEDDERS = ["hashing:64", pytest.param("minilm", marks=pytest.mark.faults)]
PATIENCE_SECONDS = 420.0  # a quiet machine with two cores needs 60
SOURCES = (
    "fact-sheet-2025.md",
    "history.md",
    "faq.md",
    "interview-captain-and-doctor.html",
    "courier-quiet-ship-loud-questions.html",
    "university-porpoise-study.html",
)
TOPICS = (
    "How the islanders of Ostrel run a battery-powered night ferry",
    "What the night ferry has changed for the people of Ostrel",
    "How Ostrel's cooperative pays for its night ferry",
    "How the ferry Lanternfish supplied Ostrel's clinic with power",
    "Why quiet ferries matter to the porpoises around Ostrel",
    "How the battery rooms of the ferry Lanternfish are kept safe",
    "What the islanders of Ostrel say about the night ferry",
    "How many passengers the night ferry of Ostrel carries",
    "How the ferry Lanternfish is charged at Ostrel",
    "What the annual report says about the ferry cooperative of Ostrel",
)


class Listener:
    """Follows a run's events as a page would."""

    def __init__(self, api: Client, run_id: UUID) -> None:
        self.events: list[RunEvent] = []
        self._following = asyncio.create_task(self._follow(api, run_id))

    async def _follow(self, api: Client, run_id: UUID) -> None:
        async for event in api.events(run_id, patience_seconds=PATIENCE_SECONDS):
            self.events.append(event)

    async def count(self) -> int:
        return len(self.events)

    async def to_the_end(self) -> list[RunEvent]:
        await asyncio.wait_for(self._following, PATIENCE_SECONDS)
        return self.events


@pytest.fixture(scope="module", params=EMBEDDERS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """The whole installation; afterwards nothing of it is left."""
    settled = {"AIWRITER_EMBEDDER": str(request.param)}
    with topology(tmp_path_factory.mktemp("house") / "home", settings=settled) as running:
        yield running
    assert running.pids() == []
    assert not answers(f"{running.url}/nginx-health")


@pytest.mark.parametrize("at_once", [5, pytest.param(10, marks=pytest.mark.faults)])
async def test_runs_at_once_end_well_though_a_worker_and_an_api_are_killed(at_once: int, house: Topology) -> None:
    async with Client(house.url, house.key) as api:
        asked = await asyncio.gather(*(api.generate(brief(house, topic)) for topic in TOPICS[:at_once]))
        listeners = [Listener(api, one.run_id) for one in asked]

        await until(lambda: how_many(api, RunStatus.RUNNING), 3)  # a worker carries two at once: both are at work
        house.kill("worker-1")
        house.kill("api-1")
        for _ in range(20):  # a dead API is not noticed
            assert (await api.run(asked[0].run_id)).run.id == asked[0].run_id
        house.start("api-1")  # as the restart policy does
        house.start("worker-1")

        heard = [await listener.to_the_end() for listener in listeners]
        runs = [(await api.run(one.run_id)).run for one in asked]
        articles = await api.articles(ArticleFilter(), Paging(limit=50))
    told = "\n".join([*(f"{run.id} {run.status} {run.attempts} {run.reason}" for run in runs), house.log("worker-2")])
    assert Counter(run.status for run in runs) == {RunStatus.DONE: at_once}, told
    written = {run.article_id for run in runs}
    assert len(written) == at_once, told
    stored = Counter((head.id, head.version) for head in articles.items if head.id in written)  # and others before
    assert stored == {(article, 1): 1 for article in written}

    kinds = [Counter(event.kind for event in events) for events in heard]
    assert [kind["run.finished"] for kind in kinds] == [1] * at_once, told
    assert 1 <= sum(kind["run.reclaimed"] for kind in kinds) <= 2, told  # what the dead worker had in hand
    for events in heard:  # each once and in order, though its stream broke
        assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_what_was_asked_for_is_asked_for_once_whichever_api_answers(house: Topology) -> None:
    async with Client(house.url, house.key) as api:
        wanted = brief(house, TOPICS[1])
        asked = [await api.generate(wanted, idempotency_key="the-same") for _ in range(6)]
        assert len({one.run_id for one in asked}) == 1
        await Listener(api, asked[0].run_id).to_the_end()


async def test_events_pass_through_nginx_as_they_happen(house: Topology) -> None:
    """A buffer would hold everything back until the run has ended, and this one waits for a person."""
    async with Client(house.url, house.key) as api:
        asked = await api.generate(brief(house, TOPICS[0]).model_copy(update={"approve_outline": True}))
        listener = Listener(api, asked.run_id)
        await until(lambda: how_many(api, RunStatus.WAITING), 1)
        await until(listener.count, len(await api.history(asked.run_id)))
        await api.cancel(asked.run_id)
        assert (await listener.to_the_end())[-1].kind == "run.finished"


async def test_without_any_api_nginx_says_so_as_the_api_would(house: Topology) -> None:
    for name in house.apis:
        house.kill(name)
    async with Client(house.url, house.key) as api:
        with pytest.raises(Unavailable, match="no API server answers"):
            await api.runs()
        for name in house.apis:
            house.start(name)
        house.until_ready(*house.apis)
        await until(lambda: answers_again(api), 1)


async def test_nginx_lets_in_neither_large_bodies_nor_strange_names_nor_doors_for_programs(house: Topology) -> None:
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as browser:
        large = await browser.post("/api/v1/generate/content", content=b" " * 3_000_000)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        assert large.headers["content-type"] == "application/problem+json"
        assert (await browser.get("/", headers={"Host": "somebody.example"})).status_code == 421
        assert (await browser.get("/_stcore/agent/openapi.json")).status_code == 404
        unknown = await browser.get("/api/v1/runs", headers={"X-Request-Id": "mine-1", "Authorization": "Bearer aw_x"})
        assert (unknown.status_code, unknown.headers["x-request-id"]) == (401, "mine-1")
        assert "server" not in unknown.headers or "/" not in unknown.headers["server"]


async def test_prefects_ui_asks_for_its_password(house: Topology) -> None:
    address = f"http://127.0.0.1:{house.ports['prefect-ui']}"
    async with httpx.AsyncClient(base_url=address, trust_env=False, follow_redirects=True) as browser:
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/ui-settings")).json()["api_url"] == "/api"
        assert (await browser.get("/api/work_pools/aiwriter")).status_code == 401
        allowed = await browser.get("/api/work_pools/aiwriter", headers={"Authorization": house.prefect_login})
        assert allowed.json()["type"] == "process"


def brief(house: Topology, topic: str) -> Brief:
    return Brief(topic=topic, sources=tuple(f"{house.sources}/{name}" for name in SOURCES), words=200)


async def how_many(api: Client, status: RunStatus) -> int:
    return (await api.runs(RunFilter(status=(status,)), Paging(limit=1))).total


async def answers_again(api: Client) -> int:
    try:
        return int((await api.readiness()).status != "unavailable")
    except Unavailable:
        return 0


async def until(count: Callable[[], Awaitable[int]], least: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await count() < least:
        assert time.monotonic() < deadline, f"it did not come to {least}"
        await asyncio.sleep(0.2)
