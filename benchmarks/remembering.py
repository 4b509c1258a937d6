"""An embedder that embeds no text twice, for measurements that ask for the same texts again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiwriter.ports import Embedder


class Remembering:
    def __init__(self, inner: Embedder) -> None:
        self.name, self.dimensions, self._inner = inner.name, inner.dimensions, inner
        self._rows: dict[str, np.ndarray] = {}

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, await self._inner.embed(new), strict=True))
        return np.stack([self._rows[text] for text in texts])
