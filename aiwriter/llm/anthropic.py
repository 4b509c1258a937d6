"""Claude through Anthropic's Messages API and its official SDK: translation and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiwriter.errors import AIWriterError
from aiwriter.llm.remote import RemoteModel, strict_schema
from aiwriter.llm.replies import Finish, Growing, Loose, Said, passed_over, tell_whole
from aiwriter.ports import ModelRequest, OnText, Usage
from aiwriter.sdks.anthropic import SDK, told_in_body
from aiwriter.sdks.failures import Endpoint, cut_short, no_answer, told_midway


class AnthropicModel(RemoteModel):
    """A Claude. JSON is asked for by schema (`output_config.format`): the newest models refuse forced tools.

    No temperature is sent: the newest models take none, and the SDK knows it no more.
    """

    scheme = "anthropic"
    sdk = SDK

    async def _ask(self, request: ModelRequest) -> Said:
        messages, body = self._client().messages, self._body(request)
        if request.on_text is None:
            raw = await messages.with_raw_response.create(**body)
            return _whole(await raw.text(), self._endpoint)
        stream: Any = await messages.create(**body, stream=True)
        async with stream:
            whole = await passed_over(stream)
            if whole is not None:
                return await tell_whole(_whole(whole, self._endpoint), request.on_text)
            return await _read(stream, request.on_text, self._endpoint)

    async def _listed(self) -> list[str]:
        return [model.id async for model in self._client().models.list()]

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "max_tokens": self._most_output(request),
            "messages": [{"role": "user", "content": self._text(request)}],
        }
        if request.prompt.system:
            body["system"] = request.prompt.system
        output: dict[str, Any] = {"effort": "low"} if self._profile.reasoning else {}
        if request.schema and self._profile.json_schema:
            output["format"] = {"type": "json_schema", "schema": strict_schema(request.schema)}
        return body | ({"output_config": output} if output else {})


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────

_FINISHES: dict[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refused",
}


class _Block(Loose):
    type: str = ""
    text: str | None = None


class _Thought(Loose):
    thinking_tokens: int | None = None


class _Usage(Loose):
    """In a stream it comes twice, the later fields counting instead of the earlier."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: _Thought | None = None

    def updated(self, later: _Usage) -> _Usage:
        return self.model_copy(update={name: value for name, value in later if value is not None})

    def counted(self) -> Usage | None:
        """What was read is the sum of what was new, found in the cache, and put there; None when it is not told."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        cached, kept = self.cache_read_input_tokens or 0, self.cache_creation_input_tokens or 0
        thought = (self.output_tokens_details or _Thought()).thinking_tokens or 0
        read = self.input_tokens + cached + kept
        return Usage(read, self.output_tokens, cached, kept_tokens=kept, reasoning_tokens=thought)


class _Details(Loose):
    explanation: str | None = None


class _Message(Loose):
    """One message; blocks of thoughts are no part of the answer."""

    type: str | None = None
    content: list[_Block] | None = None
    stop_reason: str | None = None
    stop_details: _Details | None = None
    usage: _Usage = _Usage()
    model: str | None = None
    error: dict[str, Any] | str | None = None

    def said(self) -> Said:
        text = "".join(block.text or "" for block in self.content or [] if block.type == "text")
        finish = _FINISHES.get(self.stop_reason or "", "stop")
        refusal = (self.stop_details or _Details()).explanation or ""
        return Said(text, finish, self.usage.counted(), self.model, refusal)


def _whole(body: str, at: Endpoint) -> Said:
    """Raises what the answer tells, or Unavailable when it is no message."""
    message = _Message.read(body, at)
    if message.error is not None:
        raise told_in_body(message.error, at)
    if message.content is None:
        raise no_answer(repr(body[:120]), at)
    return message.said()


# ── in pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Event(Loose):
    type: str = ""
    message: _Message | None = None
    delta: dict[str, Any] | None = None
    usage: _Usage | None = None


async def _read(events: AsyncIterator[Any], on_text: OnText, at: Endpoint) -> Said:
    """The message that the events add up to; `on_text` hears its text grow.

    Raises the SDK's errors, what the stream tells, or Unavailable (sent) when it ends before the message does.
    """
    import anthropic

    grown = Growing(on_text)
    message: _Message | None = None
    try:
        async for event in events:
            one = _Event.model_validate(event.to_dict(warnings=False))
            if one.type == "message_stop":
                break
            message = _after(message, one)
            if one.type == "content_block_delta" and one.delta and one.delta.get("type") == "text_delta":
                await grown.add(str(one.delta.get("text") or ""))
    except anthropic.APIStatusError as error:  # an event that tells of an error, within a status of 200
        raise told_midway(_told(error, at), has_begun=grown.has_begun) from error
    except (ValueError, AttributeError) as error:  # the SDK hands on JSON and UTF-8 that are none
        raise no_answer(str(error), at) from error
    if message is None:
        raise no_answer("no event of a stream", at)
    if message.stop_reason is None:
        raise cut_short(at)
    return message.model_copy(update={"content": [_Block(type="text", text=await grown.whole())]}).said()


def _after(message: _Message | None, event: _Event) -> _Message | None:
    """The message once the event is known: it begins empty, and hears at its end why it ended."""
    if event.type == "message_start":
        return event.message
    if message is None or event.type != "message_delta":
        return message
    end = _Message.model_validate(event.delta or {})
    used = message.usage.updated(event.usage or _Usage())
    return message.model_copy(update={"stop_reason": end.stop_reason, "stop_details": end.stop_details, "usage": used})


def _told(error: Any, at: Endpoint) -> AIWriterError:
    body = error.body
    return told_in_body(body.get("error", body) if isinstance(body, dict) else body, at)
