"""Database, vector index and orchestrator go and come back: a clear state meanwhile, and no restart is needed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from aiwriter.api.client import Client
from aiwriter.documents import Brief
from aiwriter.errors import Unavailable
from aiwriter.servers import free_port
from aiwriter.services import articles
from aiwriter.testing.launcher import submissions
from tests.api.harness import OWNER, Api, running, settings_for, until


class Gate:
    """A door between the API and PostgreSQL that can be shut: connections break, new ones are refused."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        there, away = await asyncio.open_unix_connection(self._socket)
        try:
            await asyncio.gather(_copy(reader, away), _copy(there, writer))
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            writer.transport.abort()
            away.transport.abort()
            self._open.discard(task)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def behind_a_gate(url: str) -> AsyncIterator[tuple[Gate, str]]:
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if not folder.startswith("/"):
        pytest.skip("the given server has no socket file")
    gate = Gate(Path(folder) / ".s.PGSQL.5432")
    await gate.open()
    yield gate, f"postgresql+psycopg://postgres@127.0.0.1:{gate.port}{parts.path}"
    await gate.shut()


async def test_a_database_that_goes_away_is_told_and_found_again(sqlite_url: str, tmp_path: Path, brief: Brief) -> None:
    """On SQLite: the file is moved away and back."""
    settings = settings_for(tmp_path / "home", sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    async with running(settings) as api, api.client() as client:
        accepted = await client.generate(brief)
        await asyncio.sleep(0.6)  # the key is no longer believed without asking, and no sweep goes on
        await api.tools.database.close()
        away = file.rename(file.with_suffix(".away"))
        file.mkdir()
        try:
            await _is_told(api, client)
        finally:
            file.rmdir()
            away.rename(file)
        await _is_well(client)
        assert (await client.run(accepted.run_id)).run.id == accepted.run_id


async def test_a_database_server_that_goes_away_is_told_and_found_again(
    postgres_url: str, tmp_path: Path, brief: Brief
) -> None:
    async with (
        behind_a_gate(postgres_url) as (gate, url),
        running(settings_for(tmp_path / "home", url)) as api,
        api.client() as client,
    ):
        accepted = await client.generate(brief)
        await gate.shut()
        await asyncio.sleep(0.6)
        await _is_told(api, client)
        await gate.open()
        await _is_well(client)
        assert (await client.run(accepted.run_id)).run.id == accepted.run_id
        later = await client.generate(brief)

        async def is_handed_on() -> bool:
            return any(run_id == later.run_id for _, run_id, _ in submissions(api.settings.home_folder))

        await until(is_handed_on)


async def _is_told(api: Api, client: Client) -> None:
    with pytest.raises(Unavailable):
        await client.articles()
    async with api.http() as http:
        reply = await http.get("/content")
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
        assert int(reply.headers["Retry-After"]) > 0
        assert (await http.get("/health")).status_code == 200

    async def unready() -> bool:
        return (await client.readiness()).status == "unavailable"

    await until(unready)
    async with api.http("") as http:
        reply = await http.get("/readiness")
        assert (reply.status_code, reply.json()["parts"]["database"]["state"]) == (503, "down")


async def _is_well(client: Client) -> None:
    async def ready() -> bool:
        return (await client.readiness()).parts["database"].state == "ok"

    await until(ready)

    async def answers() -> bool:
        try:
            await client.articles()
        except Unavailable:
            return False
        return True

    await until(answers)


async def test_an_api_that_starts_before_its_database_waits_for_it(sqlite_url: str, tmp_path: Path) -> None:
    from aiwriter.api.app import create_app

    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    away = file.rename(file.with_suffix(".away"))
    file.mkdir()
    made: list[object] = []
    app = create_app(settings_for(tmp_path / "home", sqlite_url), announce=made.append)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.test/api/v1") as http,
    ):
        reply = await http.get("/content", headers={"Authorization": "Bearer aw_x"})
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
        assert (await http.get("/readiness")).status_code == 503
        file.rmdir()
        away.rename(file)

        async def is_ready() -> bool:
            return (await http.get("/readiness")).status_code == 200

        await until(is_ready)
        assert len(made) == 1


@contextmanager
def chroma_server(folder: Path, port: int) -> Iterator[None]:
    program = str(Path(sys.executable).with_name("chroma"))
    command = [program, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


async def test_without_the_vector_index_words_are_searched_and_a_deletion_is_done(
    sqlite_url: str, tmp_path: Path
) -> None:
    port = free_port()
    settings = settings_for(tmp_path / "home", sqlite_url, vectors=f"chroma:127.0.0.1:{port}")
    async with running(settings) as api, api.client() as client:
        article = await api.store()
        found = await client.search(article.title)
        assert [answer.article_id for answer in found.items] == [article.id]
        assert found.note is not None
        assert found.note.startswith("searched by words only")
        assert (await client.readiness()).parts["vectors"].state == "down"
        with chroma_server(tmp_path / "chroma", port):

            async def is_up() -> bool:
                return (await client.readiness()).parts["vectors"].state == "ok"

            await until(is_up, 60)
            vectors, embedder = api.tools.vectors("hashing:128"), api.tools.embedder("hashing:128")
            await articles.reindex(api.tools.database, OWNER, vectors, embedder, everything=False)
            assert (await client.search(article.title)).note is None
        assert (await client.delete_article(article.id)).index == "pending"
