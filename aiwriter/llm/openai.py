"""Any endpoint that speaks OpenAI's chat completions, through the official SDK: translation and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from aiwriter.llm.openai_wire import read_stream, read_whole
from aiwriter.llm.remote import Options, RemoteModel, strict_schema, with_instruction
from aiwriter.llm.replies import Said, passed_over
from aiwriter.ports import ModelRequest, OnText
from aiwriter.sdks.connection import is_self_hosted
from aiwriter.sdks.openai import SDK

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


@dataclass(frozen=True, slots=True)
class OpenAIOptions(Options):
    """How to reach an endpoint, and which of OpenAI's two APIs it is spoken to in."""

    api: Literal["chat", "responses"] = "chat"


class OpenAIModel(RemoteModel):
    """A model at an endpoint that speaks chat completions."""

    scheme = "openai"
    sdk = SDK

    async def _ask(self, request: ModelRequest) -> Said:
        while True:
            shape, flow = self._shape, self._flow if request.on_text or self._is_slow else WHOLE
            body = self._body(request, shape) | _STREAMING[flow]
            try:
                return await self._completion(body, request.on_text)
            except SDK.foreign() as error:
                if flow in _LESS and _refuses(error, _STREAM_WORDS):
                    _streamed[self._url, self._model] = _LESS[flow]
                elif request.schema and shape in _LESS and _refuses(error, _FORMAT_WORDS):
                    _spoken[self._url, self._model] = _LESS[shape]
                else:
                    raise

    async def _completion(self, body: dict[str, Any], on_text: OnText | None) -> Said:
        """The completion, heard as it is written. The time limit of a stream is for each piece."""
        completions = self._client().chat.completions
        if "stream" not in body:
            raw = await completions.with_raw_response.create(**body)
            return await read_whole(raw.text, on_text, self._endpoint)
        stream: Any = await completions.create(**body)
        async with stream:
            whole = await passed_over(stream)
            if whole is not None:
                return await read_whole(whole, on_text, self._endpoint)
            return await read_stream(stream, on_text or _nobody, self._endpoint)

    async def _listed(self) -> list[str]:
        return [model.id async for model in self._client().models.list()]

    @property
    def _shape(self) -> str:
        best = SCHEMA if self._profile.json_schema else OBJECT
        return _spoken.get((self._url, self._model), best)

    @property
    def _is_slow(self) -> bool:
        """Whether nobody can say how long it takes to write an answer: a whole one might never come in time."""
        return is_self_hosted(self._url)

    @property
    def _flow(self) -> str:
        return _streamed.get((self._url, self._model), COUNTED)

    def _body(self, request: ModelRequest, shape: str) -> dict[str, Any]:
        text = request.prompt.text
        if request.schema and shape != SCHEMA:
            text = with_instruction(text, request.schema)
        messages = [{"role": "system", "content": request.prompt.system}, {"role": "user", "content": text}]
        body: dict[str, Any] = {"model": self._model, "messages": messages}
        if self._profile.reasoning:
            body |= {"max_completion_tokens": self._most_output(request), "reasoning_effort": "low"}
        else:
            body |= {"max_tokens": self._most_output(request), "temperature": request.temperature}
        if request.schema and shape != PLAIN:
            body["response_format"] = _response_format(request.schema, shape)
        return body


async def _nobody(_text: str) -> None:
    """Hears nothing."""


def _refuses(error: Exception, words: re.Pattern[str]) -> bool:
    status = getattr(error, "status_code", None)
    return status in _REFUSING and words.search(str(error).lower()) is not None


def _response_format(schema: type[BaseModel], shape: str) -> dict[str, Any]:
    if shape == OBJECT:
        return {"type": "json_object"}
    exact = {"name": schema.__name__, "schema": strict_schema(schema), "strict": True}
    return {"type": "json_schema", "json_schema": exact}
