"""What passes between a process and its parsers: JSON and bytes with their lengths before them, never pickles.

A request is a header (JSON: `Request` without its data) and the document. An answer is one JSON document: what was
extracted or listed, or why nothing was. Who reads one believes nothing of it but what it says of its own document.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_type_hints

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import SourceKind
from aiwriter.sources.extracted import Extracted
from aiwriter.sources.parsed import named

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_ANSWER = 128_000_000  # bytes: JSON of the longest text that 50 MB of document could hold, and then some
_LENGTHS = struct.Struct(">IQ")
_HEADER = ("kind", "charset", "listing", "arguments")
_LENGTH = struct.Struct(">Q")

T = TypeVar("T")
Read = Callable[[int], bytes]
"""Exactly so many bytes. Raises EOFError when the other side has ended."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a parser of listings gave: one of their dataclasses."""

    listed: Any


@dataclass(frozen=True, slots=True)
class Request:
    """A document to be parsed; `charset` is what its server said. With `listing` it is given to the parser of that name
    (`parsed.LISTINGS`), with these further arguments."""

    kind: SourceKind
    charset: str | None
    data: bytes
    listing: str = ""
    arguments: tuple[str | int | None, ...] = ()


def write_request(request: Request) -> tuple[bytes, bytes]:
    """What to send: the header with both lengths, and the document."""
    header = json.dumps({name: getattr(request, name) for name in _HEADER}).encode()
    return _LENGTHS.pack(len(header), len(request.data)) + header, request.data


def read_request(read: Read) -> Request:
    """The next request."""
    header_length, data_length = _LENGTHS.unpack(read(_LENGTHS.size))
    header = json.loads(read(header_length))
    kind, arguments = SourceKind(header["kind"]), tuple(header["arguments"])
    return Request(kind, header["charset"], read(data_length), header["listing"], arguments)


def write_answer(answer: Extracted | Listing | UnreadableSource) -> bytes:
    """The answer with its length before it."""
    content: dict[str, Any] = {}
    if isinstance(answer, UnreadableSource):
        content |= {"reason": str(answer), "hint": answer.hint}
    elif isinstance(answer, Extracted):
        content |= {"extracted": asdict(answer)}
    else:
        content |= {"listed": asdict(answer.listed)}
    data = json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return _LENGTH.pack(len(data)) + data


def read_answer(read: Read) -> Extracted:
    """What was extracted. Raises UnreadableSource with the reason if nothing was, ValueError for what is no answer."""
    answer = _answers().validate_json(_read_answer(read))
    if answer.extracted is None:
        raise UnreadableSource(answer.reason or "it could not be parsed", hint=answer.hint)
    return answer.extracted


def read_listed(read: Read, listing: str) -> Any:
    """What the parser of listings of that name gave, of its type. Raises like `read_answer`."""
    answer = _listings(listing).validate_json(_read_answer(read))
    if answer.listed is None:
        raise UnreadableSource(answer.reason or "it could not be parsed", hint=answer.hint)
    return answer.listed


def _read_answer(read: Read) -> bytes:
    return read_message(read)[_LENGTH.size :]


def read_message(read: Read) -> bytes:
    """An answer as it came, with its length before it, whatever it says. Raises ValueError when it is too long."""
    before = read(_LENGTH.size)
    (length,) = _LENGTH.unpack(before)
    if length > MAX_ANSWER:
        raise ValueError(f"its answer is larger than {MAX_ANSWER // 1_000_000} MB")
    return before + read(length)


@dataclass(frozen=True, slots=True)
class _Answer:
    extracted: Extracted | None = None
    reason: str | None = None
    hint: str | None = None


@cache
def _answers() -> TypeAdapter[_Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class _Listed(Generic[T]):
    listed: T | None = None
    reason: str | None = None
    hint: str | None = None


@cache
def _listings(listing: str) -> TypeAdapter[_Listed[Any]]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("Any", _Listed)[get_type_hints(named(listing))["return"]])
