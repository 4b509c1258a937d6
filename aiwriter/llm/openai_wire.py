"""What comes back from a chat completion, whole or in pieces; every field may be missing at one endpoint or another."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.llm.openai_errors import BUSY_HINT, Endpoint, from_status
from aiwriter.ports import OnText, Usage

_THOUGHTS = re.compile(r"^.*?</think>|^\s*<think>.*", re.DOTALL)
_THINKING = "<think>"


def without_thoughts(text: str) -> str:
    """What a model says after it has thought; of a text that is still coming, nothing while it may be thinking."""
    said = _THOUGHTS.sub("", text).strip()
    return "" if _THINKING.startswith(said) else said


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Message(_Loose):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(str(part.get("text") or "") for part in self.content)
        return self.content or ""


class Choice(_Loose):
    message: Message = Message()
    finish_reason: str | None = None


class _Cached(_Loose):
    cached_tokens: int | None = None


class WireUsage(_Loose):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _Cached | None = None

    def counted(self) -> Usage:
        cached = (self.prompt_tokens_details or _Cached()).cached_tokens or 0
        return Usage(self.prompt_tokens, self.completion_tokens, cached)


class Wire(_Loose):
    """One chat completion."""

    choices: list[Choice] | None = None
    usage: WireUsage | None = None
    model: str | None = None
    error: dict[str, Any] | str | None = None

    @property
    def text(self) -> str:
        return self.choices[0].message.text if self.choices else ""


async def read_whole(body: str, on_text: OnText | None, at: Endpoint) -> Wire:
    """The completion in an answer; `on_text` hears it at once. Raises what the answer tells, or Unavailable when it is
    no completion."""
    try:
        wire = Wire.model_validate_json(body)
    except ValidationError as error:
        raise _no_completion(repr(body[:120]), at) from error
    if wire.error is not None:
        raise told_in_body(wire.error, at)
    shown = without_thoughts(wire.text)
    if on_text is not None and shown:
        await on_text(shown)
    return wire


def told_in_body(error: object, at: Endpoint) -> AIWriterError:
    """A status of 200 around an error: some gateways put the real status into its code."""
    fields = error if isinstance(error, dict) else {"message": error}
    code, message = str(fields.get("code") or fields.get("type") or ""), str(fields.get("message") or error)
    status = int(code) if code.isdigit() else (429 if "rate" in code or "quota" in code else 500)
    return from_status(status, code, message, {}, at)


def _no_completion(said: str, at: Endpoint) -> Unavailable:
    return Unavailable(at.tell(f"the answer is no chat completion: {said}"), hint="Is the base URL right?", sent=True)


# ── in pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Piece(_Loose):
    delta: Message | None = None
    finish_reason: str | None = None
    index: int | None = 0


class _Chunk(_Loose):
    choices: list[_Piece] | None = None
    usage: WireUsage | None = None
    model: str | None = None


async def read_stream(chunks: AsyncIterator[Any], on_text: OnText, at: Endpoint) -> Wire:
    """The completion that the SDK's chunks add up to; `on_text` hears it grow.

    Raises the SDK's errors, what the stream itself tells, or Unavailable (sent) when it ends before the answer does.
    """
    import openai

    grown = _Grown()
    try:
        async for chunk in chunks:
            if grown.add(_read(chunk, at)):
                await on_text(grown.shown)
    except openai.APIError as error:
        if error.body is None:
            raise  # the connection: translated with all others
        raise _told_midway(error.body, grown, at) from error
    except ValueError as error:  # the SDK hands on JSON and UTF-8 that are none
        raise _no_completion(str(error), at) from error
    if not grown.is_complete:
        raise Unavailable(at.tell("the stream ended before the answer did"), hint=BUSY_HINT, sent=True)
    return grown.wire()


def _read(chunk: Any, at: Endpoint) -> _Chunk:
    dump: Callable[..., Any] | None = getattr(chunk, "to_dict", None)
    if dump is None:
        raise _no_completion(repr(chunk)[:120], at)
    return _Chunk.model_validate(dump(warnings=False))


def _told_midway(error: object, grown: _Grown, at: Endpoint) -> AIWriterError:
    """An error in the stream; once there was text, what was written may be billed."""
    told = told_in_body(error, at)
    return Unavailable(str(told), hint=told.hint, sent=True) if grown.has_begun else told


class _Grown:
    """A completion that grows."""

    def __init__(self) -> None:
        self.shown = ""
        self.has_begun = False
        self.is_complete = False
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._usage: WireUsage | None = None
        self._model: str | None = None

    def add(self, chunk: _Chunk) -> bool:
        """Whether there is more to show."""
        self._usage = chunk.usage or self._usage  # some tell it in every chunk, each time of all so far
        self._model = self._model or chunk.model
        # endpoints that tell no reason for the end do tell at the end what it used
        self.is_complete = self.is_complete or bool(chunk.usage and not chunk.choices)
        for piece in chunk.choices or []:
            if not piece.index:
                self._take(piece)
        shown = without_thoughts("".join(self._text))
        grows, self.shown = shown not in ("", self.shown), shown
        return grows

    def _take(self, piece: _Piece) -> None:
        said = piece.delta or Message()
        self._text.append(said.text)
        self._refusal.append(said.refusal or "")
        self._finish = piece.finish_reason or self._finish
        self.is_complete = self.is_complete or self._finish is not None
        self.has_begun = self.has_begun or bool(said.text or said.refusal)

    def wire(self) -> Wire:
        message = Message(content="".join(self._text), refusal="".join(self._refusal) or None)
        choice = Choice(message=message, finish_reason=self._finish)
        return Wire(choices=[choice], usage=self._usage, model=self._model)
