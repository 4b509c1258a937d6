"""The Chroma folder belongs to one process at a time, and a wrong setting is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from aiwriter.errors import BadInput, Unavailable
from aiwriter.ids import new_id
from aiwriter.knowledge import vectors


async def test_a_folder_in_use_is_unavailable_within_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    folder.mkdir()
    index = vectors.create("chroma-folder:", tmp_path, new_id(), "hashing:4", lock_seconds=0.1)
    with FileLock(folder / "aiwriter.lock"), pytest.raises(Unavailable, match="in use by another process"):
        await index.nearest([1.0, 0.0, 0.0, 0.0], 1)


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    index = vectors.create("chroma:127.0.0.1:9", tmp_path, new_id(), "hashing:4")
    with pytest.raises(Unavailable, match="vector index"):
        await index.article_ids()


@pytest.mark.parametrize("spec", ["pinecone:x", "chroma:nowhere", "chroma-foldr:"])
def test_an_unknown_index_is_refused_with_the_known_ones(spec: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        vectors.create(spec, tmp_path, new_id(), "hashing:4")
    assert refusal.value.hint
