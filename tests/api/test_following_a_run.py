"""Events of a run over a real server: in order, once each, after any break, and to the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from aiwriter.api.app import create_app
from aiwriter.api.client import Client
from aiwriter.documents import Brief, RunStatus
from aiwriter.errors import Conflict, Forbidden, Unavailable
from aiwriter.ids import new_id
from aiwriter.servers import free_port
from aiwriter.services import holding, keys, runs
from aiwriter.settings import Settings
from aiwriter.storage import open_database
from aiwriter.testing.terminal import ROOT
from tests.api.harness import OWNER, Api, settings_for, until


@asynccontextmanager
async def served(settings: Settings, port: int) -> AsyncIterator[tuple[str, Api]]:
    """The API on loopback, in this process: its address."""
    app = create_app(settings)
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    try:
        await until(lambda: _is(server.started))
        await until(lambda: _is(app.state.house.prepared))
        made = await keys.add(app.state.house.tools.database, OWNER, "tests")
        yield f"http://127.0.0.1:{port}", Api(app, settings, made.secret)
    finally:
        app.state.house.close()
        server.should_exit = True
        await serving


async def _is(value: bool) -> bool:
    return value


async def test_events_come_as_they_happen_each_once_and_the_stream_ends_with_the_run(
    sql_url: str, tmp_path: Path, brief: Brief
) -> None:
    async with served(settings_for(tmp_path / "home", sql_url), free_port()) as (url, api):
        database, clock = api.tools.database, api.tools.clock
        async with Client(url, api.secret) as client:
            accepted = await client.generate(brief)
            seen = []

            async def follow() -> None:
                async for event in client.events(accepted.run_id):
                    seen.append(event)  # noqa: PERF401 - it is read while it grows

            following = asyncio.create_task(follow())
            await until(lambda: _is(len(seen) >= 2))
            async with holding.held(database, OWNER, accepted.run_id, clock) as owner:
                for number in range(20):
                    await runs.announce(database, OWNER, accepted.run_id, "stage.progress", {"done": number})
                    await asyncio.sleep(0.02)
                await until(lambda: _is(len(seen) >= 22))  # while the run goes on
                await holding.end(database, OWNER, accepted.run_id, owner, RunStatus.FAILED, reason="enough")
            await asyncio.wait_for(following, 10)
            assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
            assert [event.kind for event in seen][-1] == "run.finished"
            later = [event async for event in client.events(accepted.run_id, after=len(seen) - 2)]
            assert [event.seq for event in later] == [len(seen) - 1, len(seen)]


async def test_the_bytes_of_a_stream_are_server_sent_events(sqlite_url: str, tmp_path: Path, brief: Brief) -> None:
    async with served(settings_for(tmp_path / "home", sqlite_url), free_port()) as (url, api):
        async with Client(url, api.secret) as client:
            run_id = (await client.generate(brief)).run_id
            await client.cancel(run_id)
        headers = {"Authorization": f"Bearer {api.secret}", "Last-Event-ID": "nonsense"}
        reply = await asyncio.to_thread(httpx.get, f"{url}/api/v1/runs/{run_id}/events", headers=headers)
        assert reply.headers["content-type"].startswith("text/event-stream")
        blocks = reply.text.strip().split("\n\n")
        first = dict(line.split(": ", 1) for line in blocks[1].splitlines())
        assert (first["id"], first["event"]) == ("1", "run.queued")
        assert json.loads(first["data"])["data"]["topic"] == brief.topic
        assert blocks[-1].startswith("event: stream.end")
        missing = await asyncio.to_thread(httpx.get, f"{url}/api/v1/runs/{new_id()}/events", headers=headers)
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_a_client_goes_on_after_the_last_event_when_the_api_was_away(
    sqlite_url: str, tmp_path: Path, brief: Brief
) -> None:
    settings, port = settings_for(tmp_path / "home", sqlite_url), free_port()
    async with served(settings, port) as (url, api):
        secret = api.secret
        async with Client(url, secret) as client:
            run_id = (await client.generate(brief)).run_id
    seen: list[int] = []

    async def follow() -> None:
        async with Client(url, secret) as client:
            async for event in client.events(run_id, patience_seconds=30):
                seen.append(event.seq)  # noqa: PERF401 - looked at while it grows

    following = asyncio.create_task(follow())
    async with served(settings, port) as (_, api):
        await until(lambda: _is(len(seen) >= 2))
    await asyncio.sleep(0.3)
    assert not following.done()
    async with served(settings, port) as (_, api):
        await runs.announce(api.tools.database, OWNER, run_id, "stage.progress", {})
        await runs.cancel(api.tools.database, OWNER, run_id)
        await asyncio.wait_for(following, 20)
    assert seen == list(range(1, len(seen) + 1))


async def test_nobody_waits_for_an_api_that_does_not_come_back(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    async with Client(f"http://127.0.0.1:{port}", "aw_x") as client:
        with pytest.raises(Unavailable, match=f"http://127.0.0.1:{port} does not answer"):
            await client.articles()
        with pytest.raises(Unavailable, match=str(port)):
            async for _ in client.events(new_id(), patience_seconds=0.5):
                pass


async def test_a_stream_needs_a_key_too(sqlite_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home", sqlite_url)
    async with served(settings, free_port()) as (url, _), Client(url, "aw_x") as client:
        with pytest.raises(Forbidden):
            async for _event in client.events(new_id()):
                pass


async def test_a_stream_ends_when_its_key_is_revoked(sqlite_url: str, tmp_path: Path, brief: Brief) -> None:
    async with served(settings_for(tmp_path / "home", sqlite_url), free_port()) as (url, api):
        visitor = await keys.add(api.tools.database, OWNER, "visitor")
        async with Client(url, visitor.secret) as client:
            run_id = (await client.generate(brief)).run_id

            async def follow() -> None:
                async for _event in client.events(run_id):
                    pass

            following = asyncio.create_task(follow())
            await asyncio.sleep(0.5)
            await keys.revoke(api.tools.database, OWNER, visitor.key.id)
            with pytest.raises(Forbidden):
                await asyncio.wait_for(following, 5)


@pytest.mark.e2e
async def test_the_server_prints_a_first_key_once_and_stops_at_once_with_streams_open(
    sqlite_url: str, tmp_path: Path, brief: Brief
) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AIWRITER_HOME": str(tmp_path / "home"),
        "AIWRITER_DATABASE_URL": sqlite_url,
        "AIWRITER_EMBEDDER": "hashing:128",
        "AIWRITER_LAUNCHER": "aiwriter.testing.launcher:RecordingLauncher",
        "AIWRITER_API__PORT": str(port),
    }

    async def started() -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "aiwriter.api")
        return await asyncio.create_subprocess_exec(*command, env=environment, cwd=tmp_path, stdout=pipe, stderr=pipe)

    process = await started()
    assert process.stdout is not None
    secret = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["api_key"]
    async with Client(f"http://127.0.0.1:{port}", secret) as client:

        async def answers() -> bool:
            try:
                return (await client.health()).status == "ok"
            except Unavailable:
                return False

        await until(answers, 60)
        run_id = (await client.generate(brief)).run_id

        async def follow() -> None:
            async for _ in client.events(run_id, patience_seconds=0.1):
                pass

        following = asyncio.create_task(follow())
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)  # the run will never end: who waits for the follower waits forever
        printed, log = await asyncio.wait_for(process.communicate(), 60)
        with pytest.raises(Unavailable):
            await following
    assert printed == b""
    assert secret.encode() not in log

    database = open_database(sqlite_url)
    assert [key.name for key in await keys.all(database, OWNER)] == ["first key"]
    with pytest.raises(Conflict):
        await runs.resume(database, OWNER, run_id)
    await database.close()
    process = await started()
    await until(answers_at(port), 60)
    process.send_signal(signal.SIGINT)
    printed, _ = await asyncio.wait_for(process.communicate(), 20)
    assert printed == b""


def answers_at(port: int):
    async def answers() -> bool:
        async with Client(f"http://127.0.0.1:{port}", "") as client:
            try:
                return (await client.health()).status == "ok"
            except Unavailable:
                return False

    return answers
