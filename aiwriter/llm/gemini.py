"""Gemini through google-genai, Google's supported SDK: translation and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from aiwriter.llm.remote import RemoteModel, strict_schema
from aiwriter.llm.replies import Finish, Growing, Loose, Said
from aiwriter.ports import ModelRequest, OnText, Usage
from aiwriter.sdks.failures import Endpoint, cut_short, no_answer, told_midway, translate
from aiwriter.sdks.gemini import SDK, TABLE, told_in_body

THINKING_TOKENS = 1_024  # what a model of the second generation may think; later ones are told a level


class GeminiModel(RemoteModel):
    """A Gemini."""

    scheme = "gemini"
    sdk = SDK

    async def _ask(self, request: ModelRequest) -> Said:
        models = self._client().aio.models
        asked: dict[str, Any] = {"model": self._model, "contents": self._text(request)}
        config: Any = self._config(request)
        if request.on_text is None:
            # the raw answer: the SDK's own reading passes over an error within a status of 200
            answer = await models.generate_content(**asked, config=config | {"should_return_http_response": True})
            raw = answer.sdk_http_response
            return _whole((raw and raw.body) or "", self._endpoint).said()
        stream = await models.generate_content_stream(**asked, config=config)
        try:
            return await _read(stream, request.on_text, self._endpoint)
        finally:
            await stream.aclose()

    async def _listed(self) -> list[str]:
        pager = await self._client().aio.models.list()
        return [(model.name or "").removeprefix("models/") async for model in pager]

    def _config(self, request: ModelRequest) -> dict[str, Any]:
        config: dict[str, Any] = {
            "max_output_tokens": self._most_output(request),
            "automatic_function_calling": {"disable": True},
            "automatic_continuation": False,
        }
        if request.prompt.system:
            config["system_instruction"] = request.prompt.system
        if self._profile.reasoning:
            second = self._model.startswith("gemini-2")
            config["thinking_config"] = {"thinking_budget": THINKING_TOKENS} if second else {"thinking_level": "LOW"}
        else:
            config["temperature"] = request.temperature
        if request.schema and self._profile.json_schema:
            config |= {
                "response_mime_type": "application/json",
                "response_json_schema": strict_schema(request.schema),
            }
        return config


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────

_STOPS = ("STOP", "FINISH_REASON_UNSPECIFIED", "OTHER", "MALFORMED_RESPONSE")
_LENGTHS = ("MAX_TOKENS", "CONTINUATION")


def _finish(reason: str) -> Finish:
    """SAFETY, RECITATION, BLOCKLIST and all their kin are refusals."""
    return "stop" if reason in _STOPS else "length" if reason in _LENGTHS else "refused"


class _Camel(Loose):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class _Part(_Camel):
    text: str | None = None
    thought: bool | None = None


class _Content(_Camel):
    parts: list[_Part] | None = None


class _Candidate(_Camel):
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    index: int | None = None

    @property
    def text(self) -> str:
        parts = (self.content or _Content()).parts or []
        return "".join(part.text or "" for part in parts if not part.thought)


class _Usage(_Camel):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None

    def counted(self) -> Usage | None:
        """Thoughts are billed as output and told apart from it."""
        if self.prompt_token_count is None:
            return None
        thought = self.thoughts_token_count or 0
        written = (self.candidates_token_count or 0) + thought
        cached = self.cached_content_token_count or 0
        return Usage(self.prompt_token_count, written, cached, reasoning_tokens=thought)


class _Feedback(_Camel):
    block_reason: str | None = None
    block_reason_message: str | None = None


class _Response(_Camel):
    """One response, or the piece of one that a stream sends."""

    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    error: dict[str, Any] | str | None = None

    @property
    def candidate(self) -> _Candidate:
        return next((one for one in self.candidates or [] if not one.index), _Candidate())

    @property
    def blocked(self) -> str:
        """Why the prompt itself was refused; empty when it was not."""
        told = self.prompt_feedback or _Feedback()
        return told.block_reason_message or told.block_reason or ""

    def said(self) -> Said:
        one = self.candidate
        usage = self.usage_metadata.counted() if self.usage_metadata else None
        if self.blocked:
            return Said(one.text, "refused", usage, self.model_version, f"the prompt was blocked: {self.blocked}")
        finish = _finish(one.finish_reason or "STOP")
        refusal = f"{one.finish_reason}: {one.finish_message or ''}".rstrip(": ") if finish == "refused" else ""
        return Said(one.text, finish, usage, self.model_version, refusal)


def _whole(body: str, at: Endpoint) -> _Response:
    """Raises what the answer tells, or Unavailable when it is none."""
    response = _Response.read(body, at)
    if response.error is not None:
        raise told_in_body(response.error, at)
    if not response.candidates and not response.blocked:
        raise no_answer(repr(body[:120]), at)
    return response


# ── in pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _read(chunks: AsyncIterator[Any], on_text: OnText, at: Endpoint) -> Said:
    """The response that the pieces add up to; `on_text` hears its text grow.

    Raises the SDK's errors, what the stream tells, or Unavailable (sent) when it ends before the response does.
    """
    from google.genai import errors

    grown, last = Growing(on_text), _Response()
    try:
        async for chunk in chunks:
            piece = _Response.model_validate(
                chunk.model_dump(mode="json", by_alias=True, exclude={"sdk_http_response"})
            )
            await grown.add(piece.candidate.text)
            last = _after(last, piece)
    except errors.APIError as error:
        raise told_midway(translate(error, at, TABLE), has_begun=grown.has_begun) from error
    except (TypeError, AttributeError) as error:  # the SDK reads what it gets as if it were right
        raise no_answer(str(error), at) from error
    if not last.blocked and last.candidate.finish_reason is None:
        raise cut_short(at) if last.candidates else no_answer("no piece of a response", at)
    end = last.candidate.model_copy(update={"content": _Content(parts=[_Part(text=await grown.whole())])})
    return last.model_copy(update={"candidates": [end]}).said()


def _after(before: _Response, piece: _Response) -> _Response:
    """What is known once the piece is: each field as it was told last."""
    told = {name: value for name, value in piece if value is not None}
    if piece.candidates and piece.candidate.finish_reason is None:
        told["candidates"] = before.candidates or piece.candidates
    return before.model_copy(update=told)
