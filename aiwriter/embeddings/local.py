"""What models on this machine share: loaded once, off the event loop, fed in small batches of like length."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

#: Batches at once, whoever asks: each keeps one core busy, and ten at once would hold ten times the memory.
AT_ONCE = min(2, os.cpu_count() or 1)
#: Two batches of four texts of 256 tokens keep the peak near 450 MB (32 of them: 1 GB) at about the same speed, and are
#: the longest (about 0.4 s) that a cancelled call goes on.
BATCH = 4
#: Models read 256 or 512 tokens; cutting first spares tokenizing a book that is thrown away afterwards.
LONGEST_TEXT = 20_000

_ENCODING = ThreadPoolExecutor(AT_ONCE, "embedding")


class Once(Generic[T]):
    """`Once(load)()` loads on the first call, in whichever thread comes first; the others wait for it."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._lock = Lock()
        self._loaded: T | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


async def in_batches(
    texts: Sequence[str], dimensions: int, encode: Callable[[list[str]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Rows of `encode` for `texts`, in their order; see `each_once`."""
    import numpy as np

    rows = await each_once(texts, lambda batch: list(encode(batch)))
    return np.array(rows, dtype=np.float32).reshape(len(texts), dimensions)


async def each_once(texts: Sequence[str], encode: Callable[[list[str]], list[T]]) -> list[T]:
    """What `encode` makes of `texts`, in their order; equal texts are encoded once. Off the event loop, AT_ONCE batches
    at a time in the whole process."""
    loop = asyncio.get_running_loop()
    prepared = [_readable(text) for text in texts]
    distinct = sorted(set(prepared), key=lambda text: (len(text), text))
    made: dict[str, T] = {}
    batches = (distinct[start : start + BATCH] for start in range(0, len(distinct), BATCH))

    async def in_turn() -> None:
        for batch in batches:
            made.update(zip(batch, await loop.run_in_executor(_ENCODING, encode, batch), strict=True))

    try:
        await asyncio.gather(*(in_turn() for _ in range(AT_ONCE)))
    finally:
        batches.close()  # after an error there is nothing left to do for the others
    return [made[text] for text in prepared]


def _readable(text: str) -> str:
    """Broken PDFs yield lone surrogates, which no tokenizer takes."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
