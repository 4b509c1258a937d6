"""What models behind an HTTP API have in common: address, key, price, one client, and the way of an answer.

Each provider says how it is asked (`_ask`), how its models are listed, what its SDK raises and what that means.
Retries, repair, the journal and budgets are layers around it (aiwriter/resilience/layers.py).
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from aiwriter.documents import ArticleKind
from aiwriter.errors import BadInput
from aiwriter.llm.errors import Endpoint, Translator, translate
from aiwriter.llm.profiles import FREE, HOMES, Price, Profile, find, is_self_hosted
from aiwriter.llm.replies import Said, without_thoughts
from aiwriter.ports import ModelReply, ModelRequest, Usage
from aiwriter.text.tokens import estimate_tokens, most_tokens

CONNECT_SECONDS = 10.0
REPLY_SECONDS = 120.0
SELF_HOSTED_REPLY_SECONDS = 900.0  # a small machine writes 6 to 20 tokens a second, and reads the prompt before that
REASONING_TOKENS = 4_096  # added to what a reasoning model may write, since its thoughts count as output
MESSAGE_OVERHEAD_TOKENS = 64  # roles and separators, counted high

SCHEMA_INSTRUCTION = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach a provider. None means: the provider itself, the usual time, what the table says."""

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    timeout_seconds: float | None = None
    context_tokens: int | None = None
    price: Price | None = None
    allow_unknown_price: bool = False


class RemoteModel(ABC, Generic[Client]):
    """A model behind an HTTP API: a `Provider`. Raises BadInput when key, address or price are missing."""

    writes = ArticleKind.ARTICLE
    scheme: ClassVar[str]
    table: ClassVar[Mapping[str, Translator]]

    def __init__(self, model: str, options: Options) -> None:
        self.name = f"{self.scheme}:{model}"
        self._model = model
        self._url = _checked_url(options.base_url or HOMES[self.scheme], self.scheme)
        self._key = _checked_key(options.api_key, self._url, self.scheme)
        self._profile = _profile(model, self._url, options, self.scheme)
        self._price = self._profile.price or FREE
        default = SELF_HOSTED_REPLY_SECONDS if is_self_hosted(self._url) else REPLY_SECONDS
        self._timeout = options.timeout_seconds or default
        self._open: tuple[asyncio.AbstractEventLoop, Client] | None = None

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
        try:
            said = await self._ask(request)
        except self._foreign() as error:
            raise translate(error, self._endpoint, self.table) from error
        return self._reply(said, request)

    async def probe(self) -> str:
        """Ask which models there are, which costs nothing, and say what a run will use. Raises as `answer` does."""
        try:
            listed = await self._listed()
        except self._foreign() as error:
            raise translate(error, self._endpoint, self.table) from error
        known = "is listed there" if self._model in listed else f"is not among the {len(listed)} models listed there"
        price = f"${self._price.input}/{self._price.output} a million tokens read/written"
        return f"{self._url} answers; {self._model} {known}; context {self.context_tokens} tokens; {price}"

    @abstractmethod
    async def _ask(self, request: ModelRequest) -> Said: ...

    @abstractmethod
    async def _listed(self) -> list[str]: ...

    @abstractmethod
    def _foreign(self) -> tuple[type[Exception], ...]:
        """The roots of all that the SDK raises."""

    @abstractmethod
    def _new_client(self) -> Client: ...

    def _client(self) -> Client:
        """One client an event loop. It keeps no idle connection, so there is nothing to close: a new one costs a
        handshake, and a call takes seconds."""
        loop = asyncio.get_running_loop()
        if self._open is None or self._open[0] is not loop:
            self._open = (loop, self._new_client())
        return self._open[1]

    def _transport(self) -> dict[str, Any]:
        """How the HTTP client below each SDK is made; `trust_env` lets proxies in, which nobody wants at home."""
        import httpx2

        return {
            "timeout": httpx2.Timeout(self._timeout, connect=CONNECT_SECONDS),
            "limits": httpx2.Limits(max_keepalive_connections=0),
            "trust_env": not is_self_hosted(self._url),
        }

    @cached_property
    def _endpoint(self) -> Endpoint:
        return Endpoint(self.name, self._url, self._key)

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


def schema_text(schema: type[BaseModel] | None) -> str:
    return "" if schema is None else json.dumps(strict_schema(schema), ensure_ascii=False)


def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema as strict decoders want it: every property required, no other allowed, no prose."""
    strict: dict[str, Any] = _strict(schema.model_json_schema())
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


def _checked_url(url: str, scheme: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(
            f"AIWRITER_{scheme.upper()}__BASE_URL is no http(s) address: {url!r}",
            hint=f"Give an address such as {HOMES[scheme]} or http://127.0.0.1:8311/v1.",
        )
    return url.rstrip("/")


def _checked_key(key: str | None, url: str, scheme: str) -> str:
    clean, name = (key or "").strip(), f"{scheme.upper()}_API_KEY"
    if not clean and not is_self_hosted(url):
        raise BadInput(
            f"no key for {url}: {name} is not set",
            hint=f"Put {name}=… (or AIWRITER_{name}) into the environment or into .env; or set "
            "AIWRITER_OPENAI__BASE_URL to a server on this machine, which needs no key; or write without a model: "
            "--model offline:extractive.",
        )
    if not clean.isascii() or not clean.isprintable() or " " in clean:
        raise BadInput(f"{name} has a character that no key has", hint="Copy the key once more, without quotes.")
    return clean


def _profile(model: str, url: str, options: Options, scheme: str) -> Profile:
    found = find(scheme, model, url)
    price = options.price or found.price
    if price is None and not options.allow_unknown_price:
        group = f"AIWRITER_{scheme.upper()}"
        raise BadInput(
            f"nobody knows what {model!r} costs at {url}, so no budget could hold",
            hint=f"Set {group}__INPUT_USD and {group}__OUTPUT_USD (per million tokens), or "
            f"{group}__ALLOW_UNKNOWN_PRICE=true to count it as free.",
        )
    return replace(found, price=price, context_tokens=options.context_tokens or found.context_tokens)
