"""What every embedder promises."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from aiwriter import settings
from aiwriter.embeddings import create, create_paid
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Embedder
from aiwriter.resilience.embedding import AccountedEmbedder
from aiwriter.resilience.layers import Gear
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_embedder import FakeEmbedder
from aiwriter.testing.vectors import MemoryVectorCache

TEXTS = [
    "The harbour office reopened on Monday after repairs.",
    "",
    "   \n\t ",
    "港口在维修三周后重新开放。",
    "🚢⚓🎉",
    "naïve Ærøskøbing, “quoted” and half a pair: \ud83d",
    "a\x00b",
    "The council approved the budget. " * 20,
]


Make = Callable[[], Embedder]


@pytest.fixture(
    scope="module",
    params=[
        "hashing:256",
        "minilm",
        pytest.param("sentence-transformers:all-MiniLM-L6-v2", marks=pytest.mark.local_models),
        "openai:fake@64",
        "gemini:fake@64",
        "openai:fake@64 accounted",
        "gemini:fake@64 accounted",
    ],
)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """What makes a fresh embedder; those behind an API bare, and as the rest of the house sees them."""
    spec, _, accounted = request.param.partition(" ")
    scheme = spec.partition(":")[0]
    if scheme not in {"openai", "gemini"}:
        yield lambda: create(spec)
        return
    with FakeEmbedder() as server:
        chosen = settings.load(embeddings=settings.EmbeddingsSettings(base_url=server.base_url(scheme)))

        def made() -> Embedder:
            paid = create_paid(spec, chosen)
            assert paid is not None
            gear = Gear(MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock())
            return AccountedEmbedder(paid, MemoryVectorCache(), gear) if accounted else paid

        yield made


@pytest.fixture(scope="module")
def embedder(make: Make) -> Embedder:
    return make()


async def test_a_row_of_unit_length_for_each_text_whatever_it_holds(embedder: Embedder) -> None:
    rows = await embedder.embed(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


async def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    rows = await embedder.embed([])
    assert rows.dtype == np.float32
    assert rows.shape == (0, embedder.dimensions)


async def test_the_same_texts_give_the_same_rows_again_and_in_a_fresh_embedder(embedder: Embedder, make: Make) -> None:
    rows = await embedder.embed(TEXTS)
    again = await make().embed(TEXTS)
    np.testing.assert_array_equal(rows, await embedder.embed(TEXTS))
    np.testing.assert_array_equal(rows, again)


async def test_equal_texts_of_one_call_give_equal_rows(embedder: Embedder) -> None:
    rows = await embedder.embed([TEXTS[0], *TEXTS[1:], TEXTS[0]])
    np.testing.assert_array_equal(rows[0], rows[-1])


async def test_a_row_depends_neither_on_the_order_nor_on_the_company(embedder: Embedder) -> None:
    texts = TEXTS + [f"Ferry {number} leaves at {number} o'clock. " * number for number in range(1, 24)]
    order = random.Random(7).sample(range(len(texts)), len(texts))
    shuffled = await embedder.embed([texts[index] for index in order])
    alone = np.concatenate([await embedder.embed([text]) for text in texts])
    np.testing.assert_allclose(shuffled, alone[order], atol=1e-5)


async def test_a_text_as_long_as_a_book_is_taken(embedder: Embedder) -> None:
    [row] = await embedder.embed(["The harbour office reopened on Monday. " * 50_000])
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


async def test_a_sentence_is_nearer_to_its_like_than_to_a_stranger(embedder: Embedder) -> None:
    one, like, stranger = await embedder.embed(
        [
            "The harbour office reopened on Monday after repairs.",
            "After repairs the office at the harbour opened again on Monday.",
            "Whales sleep with half of their brain.",
        ]
    )
    assert one @ like > one @ stranger + 0.2


async def test_callers_at_the_same_time_get_each_their_own_rows(embedder: Embedder) -> None:
    together = await asyncio.gather(*(embedder.embed([text]) for text in TEXTS))
    np.testing.assert_allclose(np.concatenate(together), await embedder.embed(TEXTS), atol=1e-5)


async def test_the_event_loop_goes_on_while_it_loads_and_works(make: Make) -> None:
    work = asyncio.create_task(make().embed([f"{number} " + "harbour " * 2000 for number in range(24)]))
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 2  # if it were held up, it would come to one or two
    assert len(await work) == 24


async def test_its_name_makes_the_same_embedder_again(embedder: Embedder, make: Make) -> None:
    assert make().name == embedder.name
