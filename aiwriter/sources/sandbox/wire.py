"""What passes between a process and its parsers: JSON and bytes with their lengths before them, never pickles.

A request is a header (JSON: `Request` without its data) and the document. An answer is one JSON document: what was
extracted, or why nothing was. Who reads an answer believes nothing of it but what it says of its own document.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aiwriter.documents import SourceKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources.extracted import Extracted

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_ANSWER = 128_000_000  # bytes: JSON of the longest text that 50 MB of document could hold, and then some
_LENGTHS = struct.Struct(">IQ")
_LENGTH = struct.Struct(">Q")

Read = Callable[[int], bytes]
"""Exactly so many bytes. Raises EOFError when the other side has ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """A document to be parsed; `charset` is what its server said."""

    kind: SourceKind
    charset: str | None
    data: bytes


def write_request(request: Request) -> tuple[bytes, bytes]:
    """What to send: the header with both lengths, and the document."""
    header = json.dumps({"kind": request.kind, "charset": request.charset}).encode()
    return _LENGTHS.pack(len(header), len(request.data)) + header, request.data


def read_request(read: Read) -> Request:
    """The next request."""
    header_length, data_length = _LENGTHS.unpack(read(_LENGTHS.size))
    header = json.loads(read(header_length))
    return Request(SourceKind(header["kind"]), header["charset"], read(data_length))


def write_answer(answer: Extracted | UnreadableSource) -> bytes:
    """The answer with its length before it."""
    content: dict[str, Any] = {}
    if isinstance(answer, UnreadableSource):
        content |= {"reason": str(answer), "hint": answer.hint}
    else:
        content |= {"extracted": asdict(answer)}
    data = json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return _LENGTH.pack(len(data)) + data


def read_answer(read: Read) -> Extracted:
    """What was extracted. Raises UnreadableSource with the reason if nothing was, ValueError for what is no answer."""
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if length > MAX_ANSWER:
        raise ValueError(f"its answer is larger than {MAX_ANSWER // 1_000_000} MB")
    answer = _answers().validate_json(read(length))
    if answer.extracted is None:
        raise UnreadableSource(answer.reason or "it could not be parsed", hint=answer.hint)
    return answer.extracted


@dataclass(frozen=True, slots=True)
class _Answer:
    extracted: Extracted | None = None
    reason: str | None = None
    hint: str | None = None


@cache
def _answers() -> TypeAdapter[_Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Answer)
