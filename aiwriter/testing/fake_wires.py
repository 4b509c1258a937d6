"""What the wire formats that the fake provider speaks have in common: a question and a reply without their clothes.

Each format is one small file beside this one. It reads a request into `Asked`, and puts a `Told` and errors into its
bytes, whole or as a stream of server-sent events. Its docstring says what it was compared with;
tests/llm/test_fake_wires.py compares it with the SDK's types again at each run.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

PIECE = 12  # characters; a token has about 4
REFUSAL = "I can't help with that."
CREATED = 1_760_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: the model, all that it reads, the shape its answer must have (as JSON), how much it may write."""

    model: str
    prompt: str
    form: str
    most: int
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A reply. Of `read` tokens `cached` came from a cache, of `written` ones `thought` are not shown; `counted` is
    whether the provider tells any of that."""

    model: str
    text: str
    read: int
    written: int
    cached: int = 0
    thought: int = 0
    finish: Literal["stop", "length", "refused"] = "stop"
    counted: bool = True

    @property
    def shown(self) -> str:
        return "" if self.finish == "refused" else self.text


class Wire(ABC):
    """A wire format; `lists` are the paths at which it lists its models."""

    lists: tuple[str, ...] = ("/v1/models",)
    broken: bytes = b""

    @abstractmethod
    def speaks(self, path: str) -> bool:
        """Whether a request to this path is one of this format."""

    @abstractmethod
    def asked(self, path: str, body: Mapping[str, Any]) -> Asked: ...

    def refuses(self, _body: Mapping[str, Any]) -> str:
        """Why an endpoint that does not know all of the format says no; empty when it does."""
        return ""

    @abstractmethod
    def whole(self, told: Told) -> dict[str, Any]: ...

    @abstractmethod
    def events(self, told: Told, body: Mapping[str, Any]) -> list[bytes]: ...

    @abstractmethod
    def error(self, status: int, message: str, code: str) -> tuple[int, dict[str, Any]]:
        """The status and body by which an error is told; `code` is OpenAI's word for it."""

    def lists_models(self, path: str, headers: Mapping[str, str]) -> bool:
        """Whether its models are asked for, by a client of this format."""
        return path in self.lists and bool(self.key(headers))

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    @abstractmethod
    def models(self, names: tuple[str, ...]) -> dict[str, Any]: ...


def event(data: Mapping[str, Any], name: str = "") -> bytes:
    """One event of a stream."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]
