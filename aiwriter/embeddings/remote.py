"""What embedders behind an HTTP API have in common: address, key, price, portions, and rows of unit length.

Each says what one request is (`_ask`). The cache, retries, the journal and
budgets are around it (aiwriter/resilience/embedding.py).
"""

from __future__ import annotations

import asyncio
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from aiwriter.errors import BadInput
from aiwriter.ports import Usage
from aiwriter.resilience.embedding import Embedded
from aiwriter.sdks import Sdk
from aiwriter.sdks.connection import Connection, PerLoop, checked_key, checked_url, is_self_hosted
from aiwriter.sdks.failures import Endpoint, no_answer
from aiwriter.text.tokens import estimate_tokens, most_tokens

if TYPE_CHECKING:
    import numpy as np

SETTINGS, CHOICE = "AIWRITER_EMBEDDINGS", "AIWRITER_EMBEDDER"
WITHOUT_A_KEY = f"with {SETTINGS}__BASE_URL give {SETTINGS}__API_KEY; or use the embedder without one: {CHOICE}=minilm"
REPLY_SECONDS, SELF_HOSTED_REPLY_SECONDS = 60.0, 300.0
MOST_BYTES = 250_000  # in one request: OpenAI takes 300,000 tokens, and no text has more tokens than bytes
FEWEST_BYTES_PER_TOKEN = 2  # what is longer is cut; Chinese and Japanese run at 2.3 to 4
UNKNOWN_TOKENS = 2_048
NOTHING = "."  # stands for a text of white space, which providers refuse
MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach a provider. None means: the provider itself, the usual time, what the table says."""

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    timeout_seconds: float | None = None
    input_usd: Decimal | None = None
    allow_unknown_price: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Vectors as the provider gave them, in the order of the texts; `tokens` None when it did not count."""

    vectors: Sequence[Sequence[float]]
    tokens: int | None


class RemoteEmbedder(ABC):
    """An embedder behind an HTTP API: a `PaidEmbedder`. Raises BadInput when key, address or price are missing.

    `dimensions` is 0 until the first answer for a model that is in no table.
    """

    scheme: ClassVar[str]
    home: ClassVar[str]
    most_texts: ClassVar[int]
    sdk: ClassVar[Sdk[Any]]

    def __init__(self, value: str, options: Options) -> None:
        self._model, self._shorter = _split(self.scheme, value)
        self.name = f"{self.scheme}:{value}"
        url = checked_url(options.base_url or self.home, f"{SETTINGS}__BASE_URL", self.home)
        key = checked_key(options.api_key, url, f"{self.scheme.upper()}_API_KEY", WITHOUT_A_KEY)
        facts = known().get(f"{self.scheme}:{self._model}", {})
        if self._shorter and facts and not (facts["shorter"] and self._shorter <= facts["dimensions"]):
            raise BadInput(
                f"{self._model!r} gives no vectors of {self._shorter} numbers", hint=f"Leave out @{self._shorter}."
            )
        self.dimensions: int = self._shorter or facts.get("dimensions", 0)
        self._most_tokens: int = facts.get("tokens", UNKNOWN_TOKENS)
        self._price = _price(self._model, url, facts if url == self.home else {}, options)
        default = SELF_HOSTED_REPLY_SECONDS if is_self_hosted(url) else REPLY_SECONDS
        connection = Connection(url, key, options.timeout_seconds or default)
        self._client = PerLoop(partial(self.sdk.client, connection))
        self._endpoint = Endpoint(self.name, url, key, SETTINGS, CHOICE)

    def upper_bound(self, texts: Sequence[str]) -> Decimal:
        return self._price * sum(most_tokens(self._readable(text)) for text in texts) / MILLION

    def cost_of(self, usage: Usage, /) -> Decimal:
        return self._price * usage.input_tokens / MILLION

    def batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        size = 0
        for text in texts:
            length = most_tokens(self._readable(text))
            if batch and (len(batch) == self.most_texts or size + length > MOST_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(text)
            size += length
        if batch:
            yield batch

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As it comes: neither cached nor accounted for."""
        import numpy as np

        rows = [(await self.request(batch)).rows for batch in self.batches(texts)]
        return np.concatenate(rows) if rows else np.empty((0, self.dimensions), np.float32)

    async def request(self, texts: Sequence[str]) -> Embedded:
        """One request for so many texts as `batches` puts together; equal ones are sent once."""
        readable = [self._readable(text) for text in texts]
        distinct = list(dict.fromkeys(readable))
        with self.sdk.translated(self._endpoint):
            answer = await self._ask(distinct)
        rows = await asyncio.to_thread(self._rows, answer, len(distinct))
        row_of = {text: row for row, text in enumerate(distinct)}
        return Embedded(rows[[row_of[text] for text in readable]], _usage(answer, distinct))

    @abstractmethod
    async def _ask(self, texts: list[str]) -> Answer: ...

    def _readable(self, text: str) -> str:
        """What is sent of a text: as much of it as the model reads."""
        cut = text.encode(errors="replace")[: self._most_tokens * FEWEST_BYTES_PER_TOKEN]
        return cut.decode(errors="ignore").strip() or NOTHING

    def _rows(self, answer: Answer, count: int) -> np.ndarray:
        import numpy as np

        lengths = {len(vector) for vector in answer.vectors}
        if len(answer.vectors) != count or len(lengths) != 1 or lengths - {self.dimensions or max(lengths)}:
            said = f"{len(answer.vectors)} vectors of {sorted(lengths)} numbers for {count} texts"
            raise no_answer(f"{said}, not {self.dimensions or 'of one length'}", self._endpoint)
        rows = np.asarray(answer.vectors, dtype=np.float64)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise no_answer("a vector without a direction", self._endpoint)
        self.dimensions = rows.shape[1]
        unit: np.ndarray = (rows / norms).astype(np.float32)
        return unit


def _usage(answer: Answer, texts: Sequence[str]) -> Usage:
    if answer.tokens is not None:
        return Usage(input_tokens=answer.tokens)
    return Usage(input_tokens=sum(map(estimate_tokens, texts)), estimated=True)


@cache
def known() -> dict[str, dict[str, Any]]:
    """The table of facts, by `scheme:model`."""
    return tomllib.loads(Path(__file__).with_name("profiles.toml").read_text(encoding="utf-8"))


# ── settings that make no sense are refused before work begins ───────────────────────────────────────────────────────


def _split(scheme: str, value: str) -> tuple[str, int]:
    """`MODEL` or `MODEL@DIMENSIONS`."""
    model, at, shorter = value.partition("@")
    if not model or (at and not (shorter.isascii() and shorter.isdigit() and 1 <= int(shorter) <= 16_384)):
        example = next(name for name in known() if name.startswith(f"{scheme}:"))
        raise BadInput(f"'{scheme}:{value}' names no embedder", hint=f"such as {example} or {example}@512")
    return model, int(shorter or 0)


def _price(model: str, url: str, facts: Mapping[str, Any], options: Options) -> Decimal:
    if options.input_usd is not None:
        return options.input_usd
    if "input" in facts:
        return Decimal(facts["input"])
    if is_self_hosted(url) or options.allow_unknown_price:
        return Decimal(0)
    raise BadInput(
        f"nobody knows what the embedder {model!r} costs at {url}, so no budget could hold",
        hint=f"Set {SETTINGS}__INPUT_USD (per million tokens), or {SETTINGS}__ALLOW_UNKNOWN_PRICE=true to count it "
        "as free.",
    )
