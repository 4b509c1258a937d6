"""The real API on a port of this machine, in a thread of its own, and a worker of ours that carries a run out by hand.

The orchestrator is a double that writes down what it is given; events come from `Worker`, as a flow's would.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Response
from starlette.types import Message, Receive, Scope, Send

from aiwriter.api.app import create_app
from aiwriter.bootstrap import Tools
from aiwriter.documents import Article, Brief, Outline, Run, RunStatus, SectionPlan, Shortage, Stage
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.services import analytics, articles, holding, keys, runs
from aiwriter.settings import Settings
from aiwriter.testing import sample_article, sample_evidence

T = TypeVar("T")
OWNER = Principal("dashboard", LOCAL_WORKSPACE)


def _secret() -> str:
    """A key that is the same in every test; it opens nothing else."""
    body = f"aw_{'0' * 12}_{'test' * 10}key"
    return f"{body}_{keys._checksum(body)}"


SECRET = _secret()


class Served:
    """An API that answers at `url`; `do` runs a coroutine where it lives."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.server = uvicorn.Server(uvicorn.Config(self, host="127.0.0.1", port=settings.api.port, log_level="error"))
        self._losing = ""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve())

    @property
    def url(self) -> str:
        host, port = self.server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def tools(self) -> Tools:
        return self.app.state.house.tools

    def do(self, coroutine: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await coroutine

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(60)

    def close(self) -> None:
        self.app.state.house.close()
        self.server.should_exit = True
        self.thread.join(20)
        self.loop.close()

    def lose_answer(self, path: str) -> None:
        """Do what the next POST to `path` asks for, and give no answer, as when a connection breaks."""
        self._losing = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The API, to its server."""
        if not self._losing or (scope.get("method"), scope["path"].endswith(self._losing)) != ("POST", True):
            await self.app(scope, receive, send)
            return
        self._losing = ""

        async def dropped(_message: Message) -> None: ...

        await self.app(scope, receive, dropped)
        await Response("the connection broke", 502)(scope, receive, send)

    # ── what is in the house ─────────────────────────────────────────────────────────────────────────────────────────

    def store(self, article: Article | None = None) -> Article:
        """Keep an article as a run would, with its files and its vectors."""
        kept = article or sample_article()
        embedder = self.settings.embedder
        kept = kept.model_copy(update={"provenance": kept.provenance.model_copy(update={"embedder": embedder})})
        tools = self.tools
        self.do(
            articles.store(
                tools.database, OWNER, kept, tools.publisher(None), tools.vectors(embedder), tools.embedder(embedder)
            )
        )
        return kept

    def ask(
        self,
        topic: str = "What the ferry carries",
        budget_usd: Decimal | None = None,
        model: str = "offline:extractive",
        **brief: Any,
    ) -> Run:
        """A run in line."""
        return self.do(
            runs.ask(
                self.tools.database,
                OWNER,
                Brief(topic=topic, sources=("https://ferries.example/a",), **brief),
                model=model,
                embedder=self.settings.embedder,
                budget_usd=budget_usd,
            )
        )

    def worker(self, run_id: UUID) -> Worker:
        return Worker(self, run_id)


class Worker:
    """Carries a run out by hand: each step leaves the events and records that a flow leaves."""

    def __init__(self, served: Served, run_id: UUID) -> None:
        self._served, self.run_id = served, run_id
        self.owner = holding.owner_name()

    def tell(self, kind: str, **data: Any) -> None:
        self._served.do(runs.announce(self._served.tools.database, OWNER, self.run_id, kind, data))

    def start(self) -> None:
        """Take the run."""
        tools = self._served.tools
        self._served.do(_claimed(tools, self.run_id, self.owner))

    def stage(self, stage: Stage, item: str = "", seconds: float = 0.4) -> None:
        self.tell("stage.started", stage=stage, item=item)
        self.tell("stage.finished", stage=stage, item=item, seconds=seconds)

    def write(self, item: int, heading: str, text: str) -> None:
        """Text of a section as it comes."""
        self.tell("section.text", item=str(item), heading=heading, text=text)

    def leave_outline(self, outline: Outline) -> None:
        """Keep what an outline needs, and wait for approval with no process held."""
        self._served.do(_outlined(self._served.tools, self.run_id, outline))
        database = self._served.tools.database
        self._served.do(holding.put_down(database, OWNER, self.run_id, self.owner, "outline"))

    def end(
        self,
        status: RunStatus,
        reason: str | None = None,
        article: Article | None = None,
        short: Shortage | None = None,
    ) -> None:
        tools = self._served.tools
        article_id = article.id if article else None
        self._served.do(
            holding.end(
                tools.database,
                OWNER,
                self.run_id,
                self.owner,
                status,
                reason=reason,
                article_id=article_id,
                short=short,
            )
        )
        self._served.do(analytics.record_run(tools.database, OWNER, self.run_id, status, article))


def sample_outline() -> Outline:
    """An outline whose sections may use the passages of the sample sources."""
    keys = tuple(item.passage.id for item in sample_evidence().items)
    plans = [("", "Say what is new."), ("Quieter", "How the noise fell."), ("What it costs", "Energy and money.")]
    return Outline(
        title="Electric ferries",
        sections=tuple(
            SectionPlan(heading=heading, purpose=purpose, passages=keys[n : n + 2], words=100)
            for n, (heading, purpose) in enumerate(plans)
        ),
    )


async def _claimed(tools: Tools, run_id: UUID, owner: str) -> None:
    async with tools.unit_of_work() as work:
        taken = await work.runs.claim(run_id, owner, 600.0, tools.clock.now())
        assert taken
        await work.events.append(run_id, "run.started", {"owner": owner})
        await work.commit()


async def _outlined(tools: Tools, run_id: UUID, outline: Outline) -> None:
    async with tools.unit_of_work() as work:
        await work.stages.put(run_id, Stage.EVIDENCE, "", sample_evidence(), 0.3)
        await work.stages.put(run_id, Stage.OUTLINE, "", outline, 0.3)
        await work.commit()


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """The API over these settings until the block ends; SECRET is a key of it."""
    app = create_app(settings)
    served = Served(app, settings)
    server = served.server
    served.thread.start()
    try:
        until(lambda: server.started and app.state.house.prepared)
        yield served
    finally:
        served.close()


def settings_for(home: Path, url: str, port: int = 0, vectors: str = "chroma-folder:") -> Settings:
    """Settings of an API over this database that starts nothing and asks nobody."""
    from aiwriter.settings import load

    return load(
        home=home,
        database_url=url,
        embedder="hashing:128",
        launcher="aiwriter.testing.launcher:RecordingLauncher",
        vectors=vectors,
        api={"port": port, "bootstrap_key": SECRET},
    )


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
