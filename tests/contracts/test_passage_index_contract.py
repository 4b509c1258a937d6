"""What every index of passages promises: the double, a Chroma folder, a real Chroma server."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiwriter.errors import BadInput
from aiwriter.ids import new_id
from aiwriter.knowledge import passage_vectors
from aiwriter.ports import PassageIndex, PassageVector
from aiwriter.testing.vectors import MemoryPassageIndex
from tests.contracts.test_vector_index_contract import EAST, EMBEDDER, NORTH, UP, chroma_server

__all__ = ["chroma_server"]


@pytest.fixture(params=["memory", "folder", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> PassageIndex:
    if request.param == "memory":
        return MemoryPassageIndex()
    spec = "chroma-folder:" if request.param == "folder" else request.getfixturevalue("chroma_server")
    return passage_vectors.create(spec, tmp_path, new_id(), EMBEDDER)


def entry(name: str, vector: tuple[float, ...], text_hash: str = "t") -> PassageVector:
    return PassageVector(name, new_id(), text_hash, vector)


async def test_the_nearest_comes_first_with_its_cosine(index: PassageIndex) -> None:
    await index.put([entry("a", EAST), entry("b", NORTH)])
    hits = await index.nearest((0.6, 0.8, 0.0, 0.0), 2)
    assert [key for key, _ in hits] == ["b", "a"]
    assert [cosine for _, cosine in hits] == pytest.approx([0.8, 0.6], abs=1e-4)


async def test_what_is_put_again_is_replaced(index: PassageIndex) -> None:
    await index.put([entry("a", EAST, "old"), entry("b", UP)])
    await index.put([entry("a", NORTH, "new")])
    assert await index.text_hashes() == {"a": "new", "b": "t"}
    assert (await index.nearest(NORTH, 1))[0] == ("a", pytest.approx(1.0, abs=1e-4))


async def test_what_is_removed_is_gone_and_what_is_not_there_is_passed_over(index: PassageIndex) -> None:
    await index.put([entry("a", EAST), entry("b", UP)])
    await index.remove({"a", "nothing"})
    await index.remove(set())
    assert await index.text_hashes() == {"b": "t"}
    assert [key for key, _ in await index.nearest(EAST, 5)] == ["b"]


async def test_a_cleared_index_is_empty_and_can_be_filled_again(index: PassageIndex) -> None:
    await index.put([entry("a", EAST)])
    await index.clear()
    assert (await index.text_hashes(), await index.nearest(EAST, 5)) == ({}, [])
    await index.put([entry("a", EAST)])
    assert [key for key, _ in await index.nearest(EAST, 5)] == ["a"]


async def test_many_go_in_and_are_listed(index: PassageIndex) -> None:
    await index.put([entry(f"p{number}", (1.0, number / 2500, 0.0, 0.0)) for number in range(2500)])
    assert len(await index.text_hashes()) == 2500
    await index.remove({f"p{number}" for number in range(2400)})
    assert len(await index.text_hashes()) == 100


async def test_workspaces_and_embedders_do_not_see_one_another(tmp_path: Path) -> None:
    workspace = new_id()
    await passage_vectors.create("chroma-folder:", tmp_path, workspace, EMBEDDER).put([entry("a", EAST)])
    for other in (
        passage_vectors.create("chroma-folder:", tmp_path, new_id(), EMBEDDER),
        passage_vectors.create("chroma-folder:", tmp_path, workspace, "other"),
    ):
        assert await other.nearest(EAST, 5) == []


def test_an_unknown_index_is_refused_with_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        passage_vectors.create("chroma-foldr:", tmp_path, new_id(), EMBEDDER)
    assert "chroma-folder" in str(refused.value.hint)
