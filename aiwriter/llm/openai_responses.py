"""OpenAI's Responses API, at OpenAI or at any endpoint that speaks it: translation and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import ValidationError

from aiwriter.llm.openai import OpenAIModel
from aiwriter.llm.openai_wire import errors_of_stream, fields_of
from aiwriter.llm.remote import strict_schema
from aiwriter.llm.replies import Finish, Growing, Loose, Said, passed_over, tell_whole
from aiwriter.ports import ModelRequest, OnText, Usage
from aiwriter.sdks.failures import Endpoint, cut_short, no_answer, told_midway
from aiwriter.sdks.openai import told_in_body


class OpenAIResponsesModel(OpenAIModel):
    """A model at an endpoint that speaks Responses. Nothing is stored there for later turns."""

    async def _ask(self, request: ModelRequest) -> Said:
        responses = self._client().responses
        body = self._response_body(request)
        if request.on_text is None:
            raw = await responses.with_raw_response.create(**body)
            return _whole(raw.text, self._endpoint).said()
        stream: Any = await responses.create(**body, stream=True)
        async with stream:
            whole = await passed_over(stream)
            if whole is not None:
                return await tell_whole(_whole(whole, self._endpoint).said(), request.on_text)
            return await _read(stream, request.on_text, self._endpoint)

    def _response_body(self, request: ModelRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "instructions": request.prompt.system,
            "input": self._text(request),
            "max_output_tokens": self._most_output(request),
            "store": False,
        }
        if self._profile.reasoning:
            body["reasoning"] = {"effort": "low"}
        else:
            body["temperature"] = request.temperature
        if request.schema and self._profile.json_schema:
            exact = {"name": request.schema.__name__, "schema": strict_schema(request.schema), "strict": True}
            body["text"] = {"format": {"type": "json_schema", **exact}}
        return body


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────

_FINISHES: dict[str, Finish] = {"max_output_tokens": "length", "content_filter": "refused"}


class _Part(Loose):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Item(Loose):
    type: str = ""
    content: list[_Part] | None = None


class _Read(Loose):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Written(Loose):
    reasoning_tokens: int | None = None


class _Usage(Loose):
    input_tokens: int
    output_tokens: int
    input_tokens_details: _Read | None = None
    output_tokens_details: _Written | None = None

    def counted(self) -> Usage:
        read, written = self.input_tokens_details or _Read(), self.output_tokens_details or _Written()
        return Usage(
            self.input_tokens,
            self.output_tokens,
            read.cached_tokens or 0,
            kept_tokens=read.cache_write_tokens or 0,
            reasoning_tokens=written.reasoning_tokens or 0,
        )


class _Incomplete(Loose):
    reason: str | None = None


class _Response(Loose):
    """One response: thoughts and messages in order; only the messages are the answer."""

    output: list[_Item] | None = None
    status: str | None = None
    incomplete_details: _Incomplete | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: dict[str, Any] | str | None = None

    def said(self) -> Said:
        parts = [part for item in self.output or [] if item.type == "message" for part in item.content or []]
        text = "".join(part.text or "" for part in parts if part.type == "output_text")
        refusal = "".join(part.refusal or "" for part in parts)
        reason = (self.incomplete_details or _Incomplete()).reason or ""
        finish: Finish = "refused" if refusal else _FINISHES.get(reason, "stop")
        return Said(text, finish, self.usage.counted() if self.usage else None, self.model, refusal)


def _whole(body: str | dict[str, Any], at: Endpoint) -> _Response:
    """Raises what the response tells of its failure, or Unavailable when it is no response."""
    try:
        response = _Response.model_validate_json(body) if isinstance(body, str) else _Response.model_validate(body)
    except ValidationError as error:
        raise no_answer(repr(body)[:120], at) from error
    if response.error is not None:
        raise told_in_body(response.error, at)
    if response.output is None:
        raise no_answer(repr(body)[:120], at)
    return response


# ── in pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

_ENDS = ("response.completed", "response.incomplete", "response.failed")


async def _read(events: AsyncIterator[Any], on_text: OnText, at: Endpoint) -> Said:
    """The response that the last event holds; `on_text` hears its text grow.

    Raises the SDK's errors, what the stream tells, or Unavailable (sent) when it ends before the response does.
    """
    grown, heard = Growing(on_text), 0
    with errors_of_stream(grown, at):
        async for event in events:
            heard += 1
            fields = fields_of(event, at)
            kind = str(fields.get("type", ""))
            if kind == "response.output_text.delta":
                await grown.add(str(fields.get("delta") or ""))
            elif kind == "error":
                raise told_midway(told_in_body(fields, at), has_begun=grown.has_begun)
            elif kind in _ENDS:
                return await _ended(fields.get("response"), grown, at)
    raise cut_short(at) if heard else no_answer("no event of a stream", at)


async def _ended(response: Any, grown: Growing, at: Endpoint) -> Said:
    if not isinstance(response, dict):
        raise no_answer(repr(response)[:120], at)
    if response.get("error"):
        raise told_midway(told_in_body(response["error"], at), has_begun=grown.has_begun)
    said = _whole(response, at).said()
    if not grown.has_begun:
        return await tell_whole(said, grown.add)
    await grown.whole()
    return said
