"""Any endpoint that speaks OpenAI's chat completions, through the official SDK: translation and nothing else.

Retries, repair, the journal and budgets are layers around it (aiwriter/resilience/layers.py).
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from aiwriter.documents import ArticleKind
from aiwriter.errors import BadInput
from aiwriter.llm.openai_errors import Endpoint, translate
from aiwriter.llm.openai_wire import Choice, Wire, read_stream, read_whole, without_thoughts
from aiwriter.llm.profiles import FREE, OPENAI_URL, Price, Profile, find, is_self_hosted
from aiwriter.ports import ModelReply, ModelRequest, OnText, Usage
from aiwriter.text.tokens import estimate_tokens, most_tokens

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT_SECONDS = 10.0
REPLY_SECONDS = 120.0
SELF_HOSTED_REPLY_SECONDS = 900.0  # a small machine writes 6 to 20 tokens a second, and reads the prompt before that
REASONING_TOKENS = 4_096  # added to what a reasoning model may write, since its thoughts count as output
MESSAGE_OVERHEAD_TOKENS = 64  # roles and separators, counted high

# How an endpoint is asked for JSON, most exact first, and for its text while it writes, most telling first; what one
# refuses is not tried again in this process.
SCHEMA, OBJECT, PLAIN = "json_schema", "json_object", "plain"
COUNTED, UNCOUNTED, WHOLE = "streamed, with usage", "streamed", "whole"
_LESS = {SCHEMA: OBJECT, OBJECT: PLAIN, COUNTED: UNCOUNTED, UNCOUNTED: WHOLE}
_spoken: dict[tuple[str, str], str] = {}
_streamed: dict[tuple[str, str], str] = {}

_STREAMING: dict[str, dict[str, Any]] = {
    COUNTED: {"stream": True, "stream_options": {"include_usage": True}},
    UNCOUNTED: {"stream": True},
    WHOLE: {},
}

_FORMAT_WORDS = re.compile("response_format|json_schema|json_object|structured output|grammar")
_STREAM_WORDS = re.compile(r"\bstream")  # "stream_options", "streaming", "must be verified to stream this model"
_REFUSING = (400, 404, 415, 422, 501)
EVENTS = "text/event-stream"

SCHEMA_INSTRUCTION = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"


@dataclass(frozen=True, slots=True)
class OpenAIOptions:
    """How to reach an endpoint. None means: OpenAI itself, the usual time, what the table says."""

    api_key: str | None = None
    base_url: str | None = None
    timeout_seconds: float | None = None
    context_tokens: int | None = None
    price: Price | None = None
    allow_unknown_price: bool = False


class OpenAIModel:
    """A model at an endpoint: a `Provider`. Raises BadInput when key, address or price are missing."""

    writes = ArticleKind.ARTICLE

    def __init__(self, model: str, options: OpenAIOptions) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._url = _checked_url(options.base_url or OPENAI_URL)
        self._key = _checked_key(options.api_key, self._url)
        self._profile = _profile(model, self._url, options)
        self._price = self._profile.price or FREE
        default = SELF_HOSTED_REPLY_SECONDS if is_self_hosted(self._url) else REPLY_SECONDS
        self._timeout = options.timeout_seconds or default
        self._open: tuple[asyncio.AbstractEventLoop, AsyncOpenAI] | None = None

    @property
    def context_tokens(self) -> int:
        return self._profile.context_tokens

    def upper_bound(self, request: ModelRequest) -> Decimal:
        texts = (request.prompt.system, request.prompt.text, _schema_text(request.schema))
        read = sum(most_tokens(text) for text in texts) + MESSAGE_OVERHEAD_TOKENS
        return self._price.cost(Usage(input_tokens=read, output_tokens=self._most_output(request)))

    def cost_of(self, usage: Usage) -> Decimal:
        return self._price.cost(usage)

    async def answer(self, request: ModelRequest) -> ModelReply:
        import httpx2
        import openai

        foreign = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, httpx2.CookieConflict)
        while True:
            shape, flow = self._shape, self._flow if request.on_text else WHOLE
            body = self._body(request, shape) | _STREAMING[flow]
            try:
                wire = await self._completion(body, request.on_text)
            except foreign as error:
                if flow in _LESS and _refuses(error, _STREAM_WORDS):
                    _streamed[self._url, self._model] = _LESS[flow]
                elif request.schema and shape in _LESS and _refuses(error, _FORMAT_WORDS):
                    _spoken[self._url, self._model] = _LESS[shape]
                else:
                    raise translate(error, self._endpoint) from error
                continue
            return self._reply(wire, request)

    async def _completion(self, body: dict[str, Any], on_text: OnText | None) -> Wire:
        """The completion, heard as it is written. The time limit of a stream is for each piece."""
        completions = self._client().chat.completions
        if on_text is None or "stream" not in body:
            raw = await completions.with_raw_response.create(**body)
            return await read_whole(raw.text, on_text, self._endpoint)
        stream: Any = await completions.create(**body)
        async with stream:
            if stream.response.headers.get("content-type", "").startswith(EVENTS):
                return await read_stream(stream, on_text, self._endpoint)
            answer = await stream.response.aread()  # of an endpoint that does not know `stream` and passes it over
            return await read_whole(answer.decode(errors="replace"), on_text, self._endpoint)

    async def probe(self) -> str:
        """Ask which models there are, which costs nothing, and say what a run will use. Raises as `answer` does."""
        import httpx2
        import openai

        try:
            listed = [model.id async for model in self._client().models.list()]
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise translate(error, self._endpoint) from error
        known = "is listed there" if self._model in listed else f"is not among the {len(listed)} models listed there"
        price = f"${self._price.input}/{self._price.output} a million tokens read/written"
        return f"{self._url} answers; {self._model} {known}; context {self.context_tokens} tokens; {price}"

    @property
    def _shape(self) -> str:
        best = SCHEMA if self._profile.json_schema else OBJECT
        return _spoken.get((self._url, self._model), best)

    @property
    def _flow(self) -> str:
        return _streamed.get((self._url, self._model), COUNTED)

    @cached_property
    def _endpoint(self) -> Endpoint:
        return Endpoint(self.name, self._url, self._key)

    def _client(self) -> AsyncOpenAI:
        """One client an event loop. It keeps no idle connection, so there is nothing to close: a new one costs a
        handshake, and a call takes seconds."""
        loop = asyncio.get_running_loop()
        if self._open is None or self._open[0] is not loop:
            import httpx2
            import openai

            timeout = openai.Timeout(self._timeout, connect=CONNECT_SECONDS)
            transport = openai.DefaultAsyncHttpxClient(
                timeout=timeout,
                limits=httpx2.Limits(max_keepalive_connections=0),
                trust_env=not is_self_hosted(self._url),
            )
            client = openai.AsyncOpenAI(
                api_key=self._key or "none", base_url=self._url, timeout=timeout, max_retries=0, http_client=transport
            )
            self._open = (loop, client)
        return self._open[1]

    def _body(self, request: ModelRequest, shape: str) -> dict[str, Any]:
        text = request.prompt.text
        if request.schema and shape != SCHEMA:
            text += "\n\n" + SCHEMA_INSTRUCTION.format(schema=_schema_text(request.schema))
        messages = [{"role": "system", "content": request.prompt.system}, {"role": "user", "content": text}]
        body: dict[str, Any] = {"model": self._model, "messages": messages}
        if self._profile.reasoning:
            body |= {"max_completion_tokens": self._most_output(request), "reasoning_effort": "low"}
        else:
            body |= {"max_tokens": self._most_output(request), "temperature": request.temperature}
        if request.schema and shape != PLAIN:
            body["response_format"] = _response_format(request.schema, shape)
        return body

    def _most_output(self, request: ModelRequest) -> int:
        return request.max_output_tokens + (REASONING_TOKENS if self._profile.reasoning else 0)

    def _reply(self, wire: Wire, request: ModelRequest) -> ModelReply:
        choice = wire.choices[0] if wire.choices else Choice()
        text = without_thoughts(choice.message.text)
        usage = wire.usage.counted() if wire.usage else _estimated(request, choice.message.text)
        reply = ModelReply(text, self._answered_by(wire.model), usage, self._price.cost(usage))
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return replace(reply, text=choice.message.refusal or text, finish="refused")
        return replace(reply, finish="length" if choice.finish_reason == "length" else "stop")

    def _answered_by(self, model: str | None) -> str:
        """A dated version of what was asked for is told; local servers tell file names, which are nobody's business."""
        return f"openai:{model}" if model and model.startswith(self._model) else self.name


def _estimated(request: ModelRequest, text: str) -> Usage:
    read = estimate_tokens(request.prompt.system) + estimate_tokens(request.prompt.text)
    return Usage(read, estimate_tokens(text), estimated=True)


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────


def _refuses(error: Exception, words: re.Pattern[str]) -> bool:
    status = getattr(error, "status_code", None)
    return status in _REFUSING and words.search(str(error).lower()) is not None


def _response_format(schema: type[BaseModel], shape: str) -> dict[str, Any]:
    if shape == OBJECT:
        return {"type": "json_object"}
    exact = {"name": schema.__name__, "schema": strict_schema(schema), "strict": True}
    return {"type": "json_schema", "json_schema": exact}


def _schema_text(schema: type[BaseModel] | None) -> str:
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


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(
            f"AIWRITER_OPENAI__BASE_URL is no http(s) address: {url!r}",
            hint="Give the address up to /v1, such as http://127.0.0.1:8311/v1.",
        )
    return url.rstrip("/")


def _checked_key(key: str | None, url: str) -> str:
    clean = (key or "").strip()
    if not clean and not is_self_hosted(url):
        raise BadInput(
            f"no key for {url}: OPENAI_API_KEY is not set",
            hint="Put OPENAI_API_KEY=… (or AIWRITER_OPENAI_API_KEY) into the environment or into .env; or set "
            "AIWRITER_OPENAI__BASE_URL to a server on this machine, which needs no key; or write without a model: "
            "--model offline:extractive.",
        )
    if not clean.isascii() or not clean.isprintable() or " " in clean:
        raise BadInput("OPENAI_API_KEY has a character that no key has", hint="Copy the key once more, without quotes.")
    return clean


def _profile(model: str, url: str, options: OpenAIOptions) -> Profile:
    found = find(model, url)
    price = options.price or found.price
    if price is None and not options.allow_unknown_price:
        raise BadInput(
            f"nobody knows what {model!r} costs at {url}, so no budget could hold",
            hint="Set AIWRITER_OPENAI__INPUT_USD and AIWRITER_OPENAI__OUTPUT_USD (per million tokens), or "
            "AIWRITER_OPENAI__ALLOW_UNKNOWN_PRICE=true to count it as free.",
        )
    return replace(found, price=price, context_tokens=options.context_tokens or found.context_tokens)
