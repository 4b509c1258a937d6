"""The layer around embedders that embeds each text once, whoever asks, in this run or a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aiwriter.ids import content_hash
from aiwriter.ports import Embedder, VectorCache

if TYPE_CHECKING:
    import numpy as np


class CachedEmbedder:
    """An `Embedder` that asks `inner` only for texts whose vectors are not in the cache."""

    def __init__(self, inner: Embedder, cache: VectorCache) -> None:
        self._inner = inner
        self._cache = cache

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        hashes = [content_hash(text.encode(errors="replace").decode()) for text in texts]
        known = await self._cache.get(self.name, set(hashes))
        new = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
        if new:
            known |= await self._embed(new)
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return np.stack([np.frombuffer(known[key], np.float32) for key in hashes])

    async def _embed(self, new: Mapping[str, str]) -> dict[str, bytes]:
        """The vectors of texts that are not in the cache, by content hash; they are there afterwards."""
        import numpy as np

        rows = await self._inner.embed(list(new.values()))
        fresh = {key: row.astype(np.float32).tobytes() for key, row in zip(new, rows, strict=True)}
        await self._cache.put(self.name, fresh)
        return fresh
