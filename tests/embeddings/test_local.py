from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

from aiwriter.embeddings.local import AT_ONCE, BATCH, LONGEST_TEXT, Once, in_batches


def test_a_model_is_loaded_once_however_many_threads_ask() -> None:
    loads: list[str] = []

    def load() -> str:
        time.sleep(0.05)
        loads.append("loaded")
        return "model"

    model = Once(load)
    threads = [threading.Thread(target=model) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (loads, model()) == (["loaded"], "model")


def test_a_load_that_failed_is_tried_again() -> None:
    failures = [OSError("no")]

    def load() -> str:
        if failures:
            raise failures.pop()
        return "model"

    model = Once(load)
    with pytest.raises(OSError, match="no"):
        model()
    assert model() == "model"


async def test_cancelling_ends_after_the_batches_under_way() -> None:
    batches: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def encode(batch: list[str]) -> np.ndarray:
        batches.append(len(batch))
        begun.set()
        go_on.wait(5)
        return np.ones((len(batch), 1), dtype=np.float32)

    work = asyncio.create_task(in_batches([str(number) for number in range(BATCH * 10)], 1, encode))
    await asyncio.to_thread(begun.wait, 5)
    work.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert 1 <= len(batches) <= AT_ONCE


async def test_equal_texts_are_encoded_once_and_long_ones_are_cut() -> None:
    seen: list[str] = []

    def encode(batch: list[str]) -> np.ndarray:
        seen.extend(batch)
        return np.array([[len(text)] for text in batch], dtype=np.float32)

    rows = await in_batches(["aa", "b", "aa", "c" * (LONGEST_TEXT + 1)], 1, encode)
    assert [len(text) for text in seen] == [1, 2, LONGEST_TEXT]
    assert rows.ravel().tolist() == [2, 1, 2, LONGEST_TEXT]


async def test_what_failed_ends_the_others_as_well() -> None:
    batches: list[list[str]] = []

    def encode(batch: list[str]) -> np.ndarray:
        batches.append(batch)
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await in_batches([str(number) for number in range(BATCH * 10)], 1, encode)
    assert len(batches) <= 2 * AT_ONCE


async def test_many_who_ask_at_once_hold_the_memory_of_few() -> None:
    at_once: list[int] = []
    inside = 0
    counting = threading.Lock()

    def encode(batch: list[str]) -> np.ndarray:
        nonlocal inside
        with counting:
            inside += 1
            at_once.append(inside)
        time.sleep(0.01)
        with counting:
            inside -= 1
        return np.ones((len(batch), 1), dtype=np.float32)

    await asyncio.gather(*(in_batches([f"{who} {n}" for n in range(BATCH * 2)], 1, encode) for who in range(10)))
    assert len(at_once) == 20
    assert max(at_once) <= AT_ONCE
