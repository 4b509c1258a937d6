"""`openai:MODEL`: any endpoint that speaks OpenAI's embeddings, through the official SDK: translation, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from aiwriter.embeddings.remote import Answer, RemoteEmbedder
from aiwriter.resilience.failures import Endpoint, http_errors, no_answer
from aiwriter.resilience.failures.openai import TABLE, told_in_body

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAIEmbedder(RemoteEmbedder["AsyncOpenAI"]):
    """`openai:text-embedding-3-small`, or `…@512` for shorter vectors."""

    scheme = "openai"
    home = "https://api.openai.com/v1"
    most_texts = 256  # OpenAI takes 2,048; what comes back is 20 kB a text
    table = TABLE

    async def _ask(self, texts: list[str]) -> Answer:
        shorter: dict[str, Any] = {"dimensions": self._shorter} if self._shorter else {}
        create = self._client().embeddings.with_raw_response.create
        # numbers, not base64, which not every server knows; read here, since the SDK passes over an error in a 200
        raw = await create(model=self._model, input=texts, encoding_format="float", **shorter)
        return _read(raw.text, self._endpoint)

    def _foreign(self) -> tuple[type[Exception], ...]:
        import openai

        return (openai.OpenAIError, *http_errors())

    def _new_client(self) -> AsyncOpenAI:
        import openai

        transport = openai.DefaultAsyncHttpxClient(**self._transport())
        return openai.AsyncOpenAI(
            api_key=self._key or "none",
            base_url=self._url,
            max_retries=0,
            timeout=transport.timeout,
            http_client=transport,
        )


class _Item(BaseModel):
    embedding: list[float]
    index: int


class _Usage(BaseModel):
    prompt_tokens: int


class _List(BaseModel):
    data: list[_Item] = []
    usage: _Usage | None = None
    error: dict[str, Any] | str | None = None


def _read(body: str, at: Endpoint) -> Answer:
    """Raises what the answer tells, or Unavailable when it is none."""
    try:
        listed = _List.model_validate_json(body)
    except ValidationError as error:
        raise no_answer(repr(body[:120]), at) from error
    if listed.error is not None:
        raise told_in_body(listed.error, at)
    in_order = sorted(listed.data, key=lambda item: item.index)
    return Answer([item.embedding for item in in_order], listed.usage.prompt_tokens if listed.usage else None)
