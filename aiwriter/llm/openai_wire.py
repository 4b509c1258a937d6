"""What comes back from a chat completion, whole or in pieces; every field may be missing at one endpoint or another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiwriter.llm.replies import Finish, Growing, Loose, Said, tell_whole
from aiwriter.ports import OnText, Usage
from aiwriter.sdks.failures import Endpoint, cut_short, no_answer, told_midway
from aiwriter.sdks.openai import told_in_body

_FINISHES: dict[str, Finish] = {"length": "length", "content_filter": "refused"}


class _Message(Loose):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(str(part.get("text") or "") for part in self.content)
        return self.content or ""


class _Choice(Loose):
    message: _Message = _Message()
    finish_reason: str | None = None


class _Read(Loose):
    cached_tokens: int | None = None


class _Written(Loose):
    reasoning_tokens: int | None = None


class _Usage(Loose):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _Read | None = None
    completion_tokens_details: _Written | None = None

    def counted(self) -> Usage:
        cached = (self.prompt_tokens_details or _Read()).cached_tokens or 0
        thought = (self.completion_tokens_details or _Written()).reasoning_tokens or 0
        return Usage(self.prompt_tokens, self.completion_tokens, cached, reasoning_tokens=thought)


class _Completion(Loose):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    model: str | None = None
    error: dict[str, Any] | str | None = None

    def said(self) -> Said:
        choice = self.choices[0] if self.choices else _Choice()
        refusal = choice.message.refusal or ""
        finish: Finish = "refused" if refusal else _FINISHES.get(choice.finish_reason or "", "stop")
        usage = self.usage.counted() if self.usage else None
        return Said(choice.message.text, finish, usage, self.model, refusal)


async def read_whole(body: str, on_text: OnText | None, at: Endpoint) -> Said:
    """The completion in an answer; `on_text` hears it at once. Raises what the answer tells, or Unavailable when it is
    no completion."""
    completion = _Completion.read(body, at)
    if completion.error is not None:
        raise told_in_body(completion.error, at)
    return await tell_whole(completion.said(), on_text)


# ── in pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Piece(Loose):
    delta: _Message | None = None
    finish_reason: str | None = None
    index: int | None = 0


class _Chunk(Loose):
    choices: list[_Piece] | None = None
    usage: _Usage | None = None
    model: str | None = None


async def read_stream(chunks: AsyncIterator[Any], on_text: OnText, at: Endpoint) -> Said:
    """The completion that the SDK's chunks add up to; `on_text` hears it grow.

    Raises the SDK's errors, what the stream itself tells, or Unavailable (sent) when it ends before the answer does.
    """
    grown = _Grown(on_text)
    with errors_of_stream(grown, at):
        async for chunk in chunks:
            await grown.add(_Chunk.model_validate(fields_of(chunk, at)))
    if not grown.is_complete:
        raise cut_short(at)
    return (await grown.completion()).said()


@contextmanager
def errors_of_stream(grown: _Grown | Growing, at: Endpoint) -> Iterator[None]:
    """Errors of the SDK while it reads a stream become ours, but for the connection's: translated with all others."""
    import openai

    try:
        yield
    except openai.APIError as error:
        if error.body is None:
            raise
        raise told_midway(told_in_body(error.body, at), has_begun=grown.has_begun) from error
    except ValueError as error:  # the SDK hands on JSON and UTF-8 that are none
        raise no_answer(str(error), at) from error


def fields_of(event: Any, at: Endpoint) -> dict[str, Any]:
    """What an event of the SDK holds. Raises Unavailable when it is none."""
    dump: Callable[..., dict[str, Any]] | None = getattr(event, "to_dict", None)
    if dump is None:
        raise no_answer(repr(event)[:120], at)
    return dump(warnings=False)


class _Grown:
    """A completion that grows."""

    def __init__(self, on_text: OnText) -> None:
        self.is_complete = False
        self._text = Growing(on_text)
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._usage: _Usage | None = None
        self._model: str | None = None

    @property
    def has_begun(self) -> bool:
        return self._text.has_begun or any(self._refusal)

    async def add(self, chunk: _Chunk) -> None:
        self._usage = chunk.usage or self._usage  # some tell it in every chunk, each time of all so far
        self._model = self._model or chunk.model
        # endpoints that tell no reason for the end do tell at the end what it used
        self.is_complete = self.is_complete or bool(chunk.usage and not chunk.choices)
        for piece in chunk.choices or []:
            if not piece.index:
                await self._take(piece)

    async def _take(self, piece: _Piece) -> None:
        said = piece.delta or _Message()
        self._refusal.append(said.refusal or "")
        self._finish = piece.finish_reason or self._finish
        self.is_complete = self.is_complete or self._finish is not None
        await self._text.add(said.text)

    async def completion(self) -> _Completion:
        message = _Message(content=await self._text.whole(), refusal="".join(self._refusal) or None)
        choice = _Choice(message=message, finish_reason=self._finish)
        return _Completion(choices=[choice], usage=self._usage, model=self._model)
