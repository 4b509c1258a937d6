"""`openai:MODEL`: any endpoint that speaks OpenAI's embeddings, through the official SDK: translation, nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from aiwriter.embeddings.remote import Answer, RemoteEmbedder
from aiwriter.sdks.failures import Endpoint, no_answer
from aiwriter.sdks.openai import SDK, told_in_body


class OpenAIEmbedder(RemoteEmbedder):
    """`openai:text-embedding-3-small`, or `…@512` for shorter vectors."""

    scheme = "openai"
    home = "https://api.openai.com/v1"
    most_texts = 256  # OpenAI takes 2,048; what comes back is 20 kB a text
    sdk = SDK

    async def _ask(self, texts: list[str]) -> Answer:
        shorter: dict[str, Any] = {"dimensions": self._shorter} if self._shorter else {}
        create = self._client().embeddings.with_raw_response.create
        # numbers, not base64, which not every server knows; read here, since the SDK passes over an error in a 200
        raw = await create(model=self._model, input=texts, encoding_format="float", **shorter)
        return _read(raw.text, self._endpoint)


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
