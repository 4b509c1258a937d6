"""What models behind an HTTP API have in common: address, key, price, one client, and the way of an answer.

Each provider says how it is asked (`_ask`) and how its models are listed.
Retries, repair, the journal and budgets are layers around it (aiwriter/resilience/layers.py).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, ClassVar

from pydantic import BaseModel

from aiwriter.documents import ArticleKind
from aiwriter.errors import BadInput
from aiwriter.llm.profiles import FREE, HOMES, Price, Profile, find
from aiwriter.llm.replies import Said, without_thoughts
from aiwriter.ports import ModelReply, ModelRequest, Usage
from aiwriter.sdks import Sdk
from aiwriter.sdks.connection import Connection, PerLoop, checked_key, checked_url, is_self_hosted
from aiwriter.sdks.failures import Endpoint
from aiwriter.text.tokens import estimate_tokens, most_tokens

REPLY_SECONDS = 120.0
# until the first words: a small machine reads a prompt at 6 to 20 tokens a second, and sections wait for one another
SELF_HOSTED_REPLY_SECONDS = 3_600.0
REASONING_TOKENS = 4_096  # added to what a reasoning model may write, since its thoughts count as output
MESSAGE_OVERHEAD_TOKENS = 64  # roles and separators, counted high

SCHEMA_INSTRUCTION = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"

WITHOUT_A_KEY = (
    "ask a server on this machine, which needs no key: AIWRITER_OPENAI__BASE_URL=… and --model openai:NAME; or write "
    "without a model: --model offline:extractive"
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach a provider. None means: the provider itself, the usual time, what the table says."""

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    timeout_seconds: float | None = None
    context_tokens: int | None = None
    price: Price | None = None
    allow_unknown_price: bool = False


class RemoteModel(ABC):
    """A model behind an HTTP API: a `ModelProvider`. Raises BadInput when key, address or price are missing."""

    writes = ArticleKind.ARTICLE
    scheme: ClassVar[str]
    sdk: ClassVar[Sdk[Any]]

    def __init__(self, model: str, options: Options) -> None:
        self.name = f"{self.scheme}:{model}"
        self._model = model
        settings, home = f"AIWRITER_{self.scheme.upper()}", HOMES[self.scheme]
        url = checked_url(options.base_url or home, f"{settings}__BASE_URL", home)
        key = checked_key(options.api_key, url, f"{self.scheme.upper()}_API_KEY", WITHOUT_A_KEY)
        default = SELF_HOSTED_REPLY_SECONDS if is_self_hosted(url) else REPLY_SECONDS
        connection = Connection(url, key, options.timeout_seconds or default)
        self._url = url
        self._profile = _profile(model, url, options, settings, self.scheme)
        self._price = self._profile.price or FREE
        self._endpoint = Endpoint(self.name, url, key, settings)
        self._client = PerLoop(partial(self.sdk.client, connection))

    @property
    def context_tokens(self) -> int:
        return self._profile.context_tokens

    def upper_bound(self, request: ModelRequest, /) -> Decimal:
        texts = (request.prompt.system, request.prompt.text, schema_text(request.schema))
        read = sum(most_tokens(text) for text in texts) + MESSAGE_OVERHEAD_TOKENS
        return self._price.cost(Usage(input_tokens=read, output_tokens=self._most_output(request)))

    def cost_of(self, usage: Usage, /) -> Decimal:
        return self._price.cost(usage)

    async def answer(self, request: ModelRequest) -> ModelReply:
        """The model's answer, by one request. Raises Unavailable, RateLimited, ProviderRejected, BadReply."""
        with self.sdk.translated(self._endpoint):
            said = await self._ask(request)
        return self._reply(said, request)

    def prepare(self) -> None:
        """Load what the first call needs, in the event loop that will make it."""
        self._client()

    async def listed(self) -> list[str]:
        """The models that the provider has, by name; no paid call. Raises as `answer` does."""
        with self.sdk.translated(self._endpoint):
            return [f"{self.scheme}:{name}" for name in await self._listed()]

    async def probe(self) -> str:
        """Ask which models there are, which costs nothing, and say what a run will use. Raises as `answer` does."""
        with self.sdk.translated(self._endpoint):
            listed = await self._listed()
        known = "is listed there" if self._model in listed else f"is not among the {len(listed)} models listed there"
        price = f"${self._price.input}/{self._price.output} a million tokens read/written"
        return f"{self._url} answers; {self._model} {known}; context {self.context_tokens} tokens; {price}"

    @abstractmethod
    async def _ask(self, request: ModelRequest) -> Said: ...

    @abstractmethod
    async def _listed(self) -> list[str]: ...

    def _most_output(self, request: ModelRequest) -> int:
        return request.max_output_tokens + (REASONING_TOKENS if self._profile.reasoning else 0)

    def _text(self, request: ModelRequest) -> str:
        """The prompt, with the schema in words for a model that takes none."""
        if request.schema is None or self._profile.json_schema:
            return request.prompt.text
        return with_instruction(request.prompt.text, request.schema)

    def _reply(self, said: Said, request: ModelRequest) -> ModelReply:
        usage = said.usage or _estimated(request, said.text)
        text = without_thoughts(said.text)
        if said.finish == "refused":
            text = said.refusal or text
        return ModelReply(text, self._answered_by(said.model), usage, self._price.cost(usage), finish=said.finish)

    def _answered_by(self, model: str | None) -> str:
        """A dated version of what was asked for is told; local servers tell file names, which are nobody's business."""
        return f"{self.scheme}:{model}" if model and model.startswith(self._model) else self.name


def _estimated(request: ModelRequest, text: str) -> Usage:
    read = estimate_tokens(request.prompt.system) + estimate_tokens(request.prompt.text)
    return Usage(read, estimate_tokens(text), estimated=True)


# ── schemas ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_instruction(text: str, schema: type[BaseModel]) -> str:
    """The prompt with the schema in words."""
    return text + "\n\n" + SCHEMA_INSTRUCTION.format(schema=schema_text(schema))


@lru_cache(maxsize=64)  # a run asks dozens of times what calls may cost, each in one of a few shapes
def schema_text(schema: type[BaseModel] | None) -> str:
    """The JSON schema as strict decoders want it: every property required, no other allowed, no prose."""
    return "" if schema is None else json.dumps(_strict(schema.model_json_schema()), ensure_ascii=False)


def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """`schema_text` as a value of one's own."""
    strict: dict[str, Any] = json.loads(schema_text(schema))
    return strict


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    prose = {name for name in ("title", "description") if isinstance(node.get(name), str)} | {"default"}
    kept = {name: _strict(value) for name, value in node.items() if name not in prose}
    if node.get("type") == "object" and "properties" in node:
        kept |= {"additionalProperties": False, "required": list(node["properties"])}
    return kept


# ── settings that make no sense are refused before work begins ───────────────────────────────────────────────────────


def _profile(model: str, url: str, options: Options, settings: str, scheme: str) -> Profile:
    found = find(scheme, model, url)
    price = options.price.with_shares_of(found.price) if options.price else found.price
    if price is None and not options.allow_unknown_price:
        raise BadInput(
            f"nobody knows what {model!r} costs at {url}, so no budget could hold",
            hint=f"Set {settings}__INPUT_USD and {settings}__OUTPUT_USD (per million tokens), or "
            f"{settings}__ALLOW_UNKNOWN_PRICE=true to count it as free.",
        )
    return replace(found, price=price, context_tokens=options.context_tokens or found.context_tokens)
