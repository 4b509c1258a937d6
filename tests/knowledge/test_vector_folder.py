"""The Chroma folder belongs to one process at a time, and a wrong setting is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from aiwriter import servers
from aiwriter.errors import BadInput, Unavailable
from aiwriter.ids import new_id
from aiwriter.knowledge import vectors
from aiwriter.ports import VectorEntry


def _made(home: Path) -> Path:
    """The Chroma folder of a home."""
    (home / "chroma").mkdir(exist_ok=True)
    return home / "chroma"


async def test_a_folder_in_use_is_unavailable_within_seconds(tmp_path: Path) -> None:
    index = vectors.create("chroma-folder:", tmp_path, new_id(), "hashing:4", lock_seconds=0.1)
    with FileLock(_made(tmp_path) / "aiwriter.lock"), pytest.raises(Unavailable, match="in use by another process"):
        await index.nearest([1.0, 0.0, 0.0, 0.0], 1)


async def test_a_home_without_a_server_has_its_folder(tmp_path: Path) -> None:
    servers.put(tmp_path, "chroma", "127.0.0.1:9")  # of a server that was killed
    workspace, article = new_id(), new_id()
    entry = VectorEntry(f"{article}:0", article, "text", (1.0, 0.0, 0.0, 0.0))
    await vectors.create("chroma-home:", tmp_path, workspace, "hashing:4").replace(article, [entry])
    assert await vectors.create("chroma-folder:", tmp_path, workspace, "hashing:4").article_ids() == {article}


async def test_a_home_whose_folder_is_held_and_has_no_server_is_unavailable(tmp_path: Path) -> None:
    index = vectors.create("chroma-home:", tmp_path, new_id(), "hashing:4", lock_seconds=0.1)
    with FileLock(_made(tmp_path) / "aiwriter.lock"), pytest.raises(Unavailable, match="in use"):
        await index.article_ids()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    index = vectors.create("chroma:127.0.0.1:9", tmp_path, new_id(), "hashing:4")
    with pytest.raises(Unavailable, match="vector index"):
        await index.article_ids()


@pytest.mark.parametrize("spec", ["pinecone:x", "chroma:nowhere", "chroma-foldr:"])
def test_an_unknown_index_is_refused_with_the_known_ones(spec: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        vectors.create(spec, tmp_path, new_id(), "hashing:4")
    assert refusal.value.hint
