"""What a provider said, in one form whoever said it: whole, or growing while it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from aiwriter.ports import OnText, Usage
from aiwriter.sdks.failures import Endpoint, no_answer

_THOUGHTS = re.compile(r"^.*?</think>|^\s*<think>.*", re.DOTALL)
_THINKING = "<think>"
EVENTS = "text/event-stream"
_STEPS = 64  # a text is told when it has grown by this part of itself

Finish = Literal["stop", "length", "refused"]


def without_thoughts(text: str) -> str:
    """What a model says after it has thought; of a text that is still coming, nothing while it may be thinking."""
    said = _THOUGHTS.sub("", text).strip()
    return "" if _THINKING.startswith(said) else said


class Loose(BaseModel):
    """A piece of a wire format: what is not known is passed over."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def read(cls, body: str, at: Endpoint) -> Self:
        """What a body of JSON holds. Raises Unavailable when that is something else."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise no_answer(repr(body[:120]), at) from error


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, whole. `usage` None: the provider did not count. `refusal` is what it said when it would not."""

    text: str
    finish: Finish = "stop"
    usage: Usage | None = None
    model: str | None = None
    refusal: str = ""


async def passed_over(stream: Any) -> str | None:
    """The body of an answer that is no stream though one was asked for; None when it is one."""
    if stream.response.headers.get("content-type", "").startswith(EVENTS):
        return None
    body: bytes = await stream.response.aread()
    return body.decode(errors="replace")


async def tell_whole(said: Said, on_text: OnText | None) -> Said:
    """The answer, heard at once by who listens."""
    shown = without_thoughts(said.text)
    if on_text is not None and shown:
        await on_text(shown)
    return said


class Growing:
    """A text that grows; `on_text` hears what is shown of it, each time all so far.

    It is told when it has grown by a share of what there is, and whole at its end: told anew with each piece, a hundred
    thousand characters would keep the process busy for minutes.
    """

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self._pieces: list[str] = []
        self._shown = ""
        self._length = self._tell_at = 0

    @property
    def has_begun(self) -> bool:
        return self._length > 0

    async def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)
        if self._length >= self._tell_at:
            await self.whole()

    async def whole(self) -> str:
        """All so far, told as well."""
        self._tell_at = self._length + max(1, self._length // _STEPS)
        text = "".join(self._pieces)
        shown = without_thoughts(text)
        if shown not in ("", self._shown):
            self._shown = shown
            await self._on_text(shown)
        return text
