"""What every vector index promises: the double, a Chroma folder, a real Chroma server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID

import pytest
from filelock import FileLock

from aiwriter import servers
from aiwriter.ids import new_id
from aiwriter.knowledge import vectors
from aiwriter.ports import VectorEntry, VectorIndex
from aiwriter.testing.vectors import MemoryVectorIndex

EMBEDDER = "hashing:4"


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = servers.free_port()
    chroma = Path(sys.executable).with_name("chroma")
    command = [
        str(chroma),
        "run",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--path",
        str(tmp_path_factory.mktemp("chroma")),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(300):
            with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1):
                break
            time.sleep(0.1)
        else:
            pytest.fail("the Chroma server did not start within 30 s")
        yield f"chroma:127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(params=["memory", "folder", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> VectorIndex:
    if request.param == "memory":
        return MemoryVectorIndex()
    spec = "chroma-folder:" if request.param == "folder" else request.getfixturevalue("chroma_server")
    return vectors.create(spec, tmp_path, new_id(), EMBEDDER)


def entries(article_id: UUID, *rows: tuple[float, float, float, float]) -> list[VectorEntry]:
    return [VectorEntry(f"{article_id}:{n}", article_id, f"text {n}", row) for n, row in enumerate(rows)]


EAST, NORTH, UP = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)


async def test_the_nearest_text_comes_first_with_its_article_and_similarity(index: VectorIndex) -> None:
    first, second = new_id(), new_id()
    await index.replace(first, entries(first, EAST))
    await index.replace(second, entries(second, NORTH))
    hits = await index.nearest((0.6, 0.8, 0.0, 0.0), 2)
    assert [hit.article_id for hit in hits] == [second, first]
    assert [hit.similarity for hit in hits] == pytest.approx([0.8, 0.6], abs=1e-4)
    assert hits[0].text == "text 0"


async def test_replacing_leaves_nothing_of_what_was_there(index: VectorIndex) -> None:
    article = new_id()
    await index.replace(article, entries(article, EAST, NORTH, UP))
    await index.replace(article, entries(article, NORTH))
    assert len(await index.nearest(EAST, 10)) == 1


async def test_replacing_with_nothing_deletes_the_article(index: VectorIndex) -> None:
    article = new_id()
    await index.replace(article, entries(article, EAST))
    await index.replace(article, [])
    assert await index.article_ids() == set()


async def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert await index.nearest(EAST, 5) == []


@pytest.mark.parametrize("scheme", ["chroma-folder:", "chroma"])
async def test_workspaces_and_embedders_do_not_see_one_another(
    scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    spec = scheme if scheme.endswith(":") else request.getfixturevalue("chroma_server")
    workspace, article = new_id(), new_id()
    await vectors.create(spec, tmp_path, workspace, EMBEDDER).replace(article, entries(article, EAST))
    for other in (
        vectors.create(spec, tmp_path, new_id(), EMBEDDER),
        vectors.create(spec, tmp_path, workspace, "other"),
    ):
        assert await other.nearest(EAST, 5) == []


def _held(home: Path) -> FileLock:
    """The lock of the home's folder, as the Chroma server of `aiwriter up` holds it."""
    (home / "chroma").mkdir()
    return FileLock(home / "chroma" / "aiwriter.lock")


async def test_a_home_with_a_server_has_that_server(tmp_path: Path, chroma_server: str) -> None:
    servers.put(tmp_path, "chroma", chroma_server.removeprefix("chroma:"))
    workspace, article = new_id(), new_id()
    with _held(tmp_path):
        await vectors.create("chroma-home:", tmp_path, workspace, EMBEDDER).replace(article, entries(article, EAST))
    assert await vectors.create(chroma_server, tmp_path, workspace, EMBEDDER).article_ids() == {article}


async def test_a_server_that_is_on_its_way_back_is_waited_for(tmp_path: Path, chroma_server: str) -> None:
    index = vectors.create("chroma-home:", tmp_path, new_id(), EMBEDDER)
    with _held(tmp_path):
        asking = asyncio.create_task(index.article_ids())
        await asyncio.sleep(0.3)
        servers.put(tmp_path, "chroma", chroma_server.removeprefix("chroma:"))
        assert await asking == set()
