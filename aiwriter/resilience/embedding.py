"""Paid embedders: every request accounted for and capped like a model call, and no text embedded twice.

From outside in: cache (which is their replay) › the layers of language models from retry inwards › keeping › provider.
A request is one row of `model_calls`. Its vectors are kept before its outcome is written: whoever is killed between the
two finds the vectors there, and the row is counted as unknown, that is as spent.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from aiwriter.documents import ArticleKind
from aiwriter.errors import BadReply, Unavailable
from aiwriter.ports import EMBED, Embedder, ModelReply, ModelRequest, Prompt, Usage, VectorCache, account
from aiwriter.resilience.embedding_cache import CachedEmbedder
from aiwriter.resilience.layers import PER_MODEL, AnswerNotKept, Gear, within
from aiwriter.sdks.connection import PerLoop
from aiwriter.text.tokens import estimate_tokens

if TYPE_CHECKING:
    import numpy as np

ACCOUNT = "embeddings"  # that of an embedder with an address or a key of its own: models of its provider have another
FLOAT_BYTES = 4  # of a number in a vector that is kept


@dataclass(frozen=True, slots=True)
class Embedded:
    """The answer to one request: a row of unit length for each text."""

    rows: np.ndarray
    usage: Usage


class PaidEmbedder(Embedder, Protocol):
    """An embedder whose work goes out in requests that may cost."""

    def batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """The texts in portions of what one request may hold."""
        ...

    def upper_bound(self, texts: Sequence[str]) -> Decimal:
        """US dollars: the most that one request with these texts can cost."""
        ...

    def cost_of(self, usage: Usage, /) -> Decimal: ...
    async def request(self, texts: Sequence[str]) -> Embedded:
        """One request. Raises RateLimited, Unavailable, ProviderRejected."""
        ...


class AccountedEmbedder(CachedEmbedder):
    """A paid embedder as the rest of the house sees it. Raises BudgetSpent and what the provider's failures become.

    One `embed` at a time asks for what is not in the cache, so that runs over the same sources do not pay for each
    other's texts.
    """

    def __init__(self, inner: PaidEmbedder, cache: VectorCache, gear: Gear) -> None:
        super().__init__(inner, cache)
        self._paid = inner
        self._turn = PerLoop(asyncio.Lock)
        rates, model = gear.rates, inner.name.partition("@")[0]  # …@768: shorter vectors of the same model
        if model in rates:
            rates = {inner.name: rates[model], **rates}
        counting = replace(gear, tokens=_tokens, rates=rates)  # tokens of the texts: the prompt is empty
        self._model = within(_Keeping(inner, cache), PER_MODEL, counting)

    async def _embed(self, new: Mapping[str, str]) -> dict[str, bytes]:
        async with self._turn():
            made = await self._cache.get(self.name, set(new))
            # broken PDFs yield lone surrogates, which fit into no JSON
            texts = {text.encode(errors="replace").decode(): key for key, text in new.items() if key not in made}
            for batch in self._paid.batches(list(texts)):
                hashes = tuple(texts[text] for text in batch)
                reply = await self._model.answer(_request(hashes, batch))
                made |= _vectors(reply)
        return made


class _Texts(BaseModel):
    hashes: tuple[str, ...]
    texts: tuple[str, ...]


class _Rows(BaseModel):
    vectors: dict[str, bytes]


def _request(hashes: Sequence[str], texts: Sequence[str]) -> ModelRequest:
    """A request for vectors in the shape that the layers know; what is to be embedded is its material."""
    prompt = Prompt(EMBED, "", "", hashlib.sha256(json.dumps(hashes).encode()).hexdigest())
    material = _Texts(hashes=tuple(hashes), texts=tuple(texts))
    return ModelRequest(account(), prompt, max_output_tokens=0, temperature=0.0, material=material)


def _tokens(request: ModelRequest) -> int:
    return sum(map(estimate_tokens, _material(request).texts))


def _vectors(reply: ModelReply) -> dict[str, bytes]:
    assert isinstance(reply.parsed, _Rows), "only _Keeping answers here"
    return reply.parsed.vectors


class _Keeping:
    """The provider as the layers see it: answers with vectors, once they are kept."""

    writes = ArticleKind.ARTICLE
    context_tokens = 0

    def __init__(self, inner: PaidEmbedder, cache: VectorCache) -> None:
        self._inner = inner
        self._cache = cache

    @property
    def name(self) -> str:
        return self._inner.name

    def upper_bound(self, request: ModelRequest, /) -> Decimal:
        return self._inner.upper_bound(_material(request).texts)

    def cost_of(self, usage: Usage, /) -> Decimal:
        return self._inner.cost_of(usage)

    async def answer(self, request: ModelRequest) -> ModelReply:
        import numpy as np

        asked = _material(request)
        done = await self._inner.request(asked.texts)
        if len(done.rows) != len(asked.texts):
            raise BadReply(f"{self.name} gave {len(done.rows)} vectors for {len(asked.texts)} texts")
        rows = {key: row.astype(np.float32).tobytes() for key, row in zip(asked.hashes, done.rows, strict=True)}
        try:
            self._same_as_before(await self._cache.bytes_each(self.name), rows)
            await self._cache.put(self.name, rows)
        except Unavailable as error:
            lost = f"the vectors of {len(rows)} texts could not be stored: {error}"
            raise AnswerNotKept(lost, hint=error.hint, sent=True) from error
        cost = self.cost_of(done.usage)
        return ModelReply("", self.name, done.usage, cost, parsed=_Rows(vectors=rows))

    def _same_as_before(self, known: int | None, rows: Mapping[str, bytes]) -> None:
        """Raises BadReply for vectors of another length than those kept under this name: they cannot be compared."""
        length = len(next(iter(rows.values())))
        if known not in (None, length):
            raise BadReply(
                f"{self.name} gives vectors of {length // FLOAT_BYTES} numbers, and those that are kept of it have "
                f"{known // FLOAT_BYTES}: another model answers by its name now",
                hint=f"Bring back the model that answered before, or give this one a name of its own, such as "
                f"AIWRITER_EMBEDDER={self.name.partition('@')[0]}@{length // FLOAT_BYTES}, and run "
                "`aiwriter reindex --all`.",
            )


def _material(request: ModelRequest) -> _Texts:
    assert isinstance(request.material, _Texts), "only _request asks here"
    return request.material
