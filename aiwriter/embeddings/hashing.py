"""`hashing:256`: signed hashing of words and word pairs. No model, no meaning; for tests and for trying things out."""

from __future__ import annotations

import asyncio
import re
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING

from aiwriter.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 256
WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Texts that share words are near one another; the same text gives the same row on every machine."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.name = f"hashing:{dimensions}"
        self.dimensions = dimensions

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await asyncio.to_thread(self._rows, list(texts))

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            self._add(row, _features(text))
            if not row.any():  # no words in it, or words that cancel each other out
                self._add(row, [text])
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def _add(self, row: NDArray[np.float32], features: Iterable[str]) -> None:
        for feature in features:
            number = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "big")
            row[(number >> 1) % self.dimensions] += 1.0 if number & 1 else -1.0


def _features(text: str) -> list[str]:
    words = WORD.findall(text.lower())
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def from_spec(value: str) -> HashingEmbedder:
    """`hashing` or `hashing:DIMENSIONS`."""
    if not value:
        return HashingEmbedder()
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 4096):
        raise BadInput(f"'hashing:{value}' does not name a vector length", hint="give 1 to 4096, such as hashing:256")
    return HashingEmbedder(int(value))
