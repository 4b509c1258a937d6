"""What a server's answer says: its status, its headers, its compression, and the faults of the way there, in our words.

Nothing here asks anybody; `fetch` does.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiwriter.errors import SourceGone, UnreadableSource
from aiwriter.ports import Validators
from aiwriter.sources.retrying import TryAgain

REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_MODIFIED = 304
_GONE = frozenset({404, 410})
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_STATUS = {
    400: ("the server did not understand the address", "check the address"),
    401: ("the page needs a login", "save it from a browser as HTML or PDF and give that file"),
    402: ("the page is behind a paywall", "save it from a browser as HTML or PDF and give that file"),
    403: (
        "the server refuses to show the page to programs",
        "save it from a browser as HTML or PDF and give that file",
    ),
    404: ("there is no such page", "check the address"),
    410: ("the page is gone", "look for a copy in an archive"),
    429: ("the server asks for fewer requests", "try again later"),
    451: ("the page is withheld for legal reasons", None),
}
_SECONDS = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_LONGEST_VALIDATOR = 1_000  # characters of an ETag that are worth sending back
_BODY = "body:"  # begins an etag of ours; those of servers stand in quotation marks

NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: `url` is where it was found in the end, `content_type` is lower-case without parameters.

    `robots_tag` is the X-Robots-Tag header, lower-case. When it is as the caller knew it, `data` is empty and
    `unchanged` true."""

    url: str
    content_type: str
    charset: str | None
    data: bytes
    status: int = 200
    validators: Validators = NO_VALIDATORS
    robots_tag: str = ""

    @property
    def unchanged(self) -> bool:
        return self.status == NOT_MODIFIED


def failure_of(status: int, headers: Mapping[str, str]) -> Exception:
    """What to raise for a status that brings no page: TryAgain when it may pass."""
    reason, hint = _STATUS.get(
        status, ("the server failed" if status >= 500 else "the server gave no page", "try again later")
    )
    kind = SourceGone if status in _GONE else UnreadableSource
    problem = kind(f"{reason} (HTTP {status})", hint=hint)
    return TryAgain(problem, _retry_after(headers)) if status in _TRY_AGAIN else problem


def translated(error: Exception | None) -> Exception:
    """httpx's errors in our words; all but certificate and protocol faults may pass with time."""
    import httpx

    text = str(error)
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE" in text.upper():
        return UnreadableSource(f"its certificate is not trusted ({text})", hint="check the address in a browser")
    reasons: dict[type[Exception], str] = {
        httpx.TimeoutException: "the server did not answer in time",
        httpx.ConnectError: "no connection to the server",
        httpx.RemoteProtocolError: "the server broke off its answer",
        httpx.ReadError: "the connection broke off",
    }
    reason = next((words for kind, words in reasons.items() if isinstance(error, kind)), None)
    problem = UnreadableSource(
        f"{reason or 'the page could not be fetched'} ({text or type(error).__name__})", hint="try again later"
    )
    return TryAgain(problem) if reason else problem


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks us to wait, from a number or a date; None when it does not say."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return max(0.0, float(value))
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def content_type_of(headers: Mapping[str, str]) -> tuple[str, str | None]:
    """The lower-case type without parameters, "" for none, and the charset it names."""
    content_type, _, parameters = headers.get("content-type", "").partition(";")
    return content_type.strip().lower(), _charset(parameters)


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \"'") or None
    return None


def validators_of(headers: Mapping[str, str], url: str, data: bytes) -> Validators:
    """What the answer gives to ask with the next time; what could not be sent back as it is is left out. Where that is
    nothing, a hash of the body and of the headers by which it is read."""
    given = Validators(_sendable(headers.get("etag")), _sendable(headers.get("last-modified")), url)
    if given.is_telling:
        return given
    read_by = "\n".join(headers.get(name, "") for name in ("content-type", "x-robots-tag"))
    return Validators(f"{_BODY}{hashlib.sha256(read_by.encode() + data).hexdigest()}", None, url)


def conditions(known: Validators | None, url: str) -> dict[str, str]:
    """The headers that ask for a page only if it changed; none when `known` was given at another address."""
    if known is None or known.url not in (None, url):
        return {}
    etag = None if (known.etag or "").startswith(_BODY) else _sendable(known.etag)
    wanted = {"If-None-Match": etag, "If-Modified-Since": _sendable(known.last_modified)}
    return {name: value for name, value in wanted.items() if value}


def _sendable(value: str | None) -> str | None:
    value = (value or "").strip()
    return value if value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable() else None


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Body:
    """A body as it comes in, unpacked, within two limits: bytes on the wire and bytes after unpacking."""

    def __init__(self, headers: Mapping[str, str], raw_bytes: int, decoded_bytes: int) -> None:
        """Raises UnreadableSource for a length or a compression that need not be waited for."""
        self._most_raw, self._most_decoded = raw_bytes, decoded_bytes
        announced = headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and (len(announced) > 20 or int(announced) > raw_bytes):
            raise _too_large(raw_bytes)
        self._inflate = _inflater(headers.get("content-encoding", ""))
        self._parts: list[bytes] = []
        self._raw = self._decoded = 0

    def take(self, chunk: bytes) -> None:
        """Raises UnreadableSource as soon as a limit is passed; at most one byte more than allowed is ever unpacked."""
        self._raw += len(chunk)
        part = self._unpacked(chunk, self._most_decoded - self._decoded + 1)
        self._decoded += len(part)
        self._parts.append(part)
        if self._raw > self._most_raw:
            raise _too_large(self._most_raw)
        if self._decoded > self._most_decoded:
            raise _too_large(self._most_decoded)

    def whole(self) -> bytes:
        """All of it. Raises UnreadableSource when the compressed content ends too early."""
        if self._inflate and self._raw and not self._inflate.eof:
            raise UnreadableSource("its compressed content is cut off", hint="try again later")
        return b"".join(self._parts)

    def _unpacked(self, chunk: bytes, most: int) -> bytes:
        if self._inflate is None:
            return chunk
        try:
            return self._inflate.decompress(self._inflate.unconsumed_tail + chunk, most)
        except zlib.error as error:
            raise UnreadableSource("its compressed content is damaged", hint="try again later") from error


def _too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(
        f"it is larger than {limit // 1_000_000 or limit / 1_000_000:g} MB", hint="give a smaller document"
    )


def _inflater(encoding: str) -> zlib._Decompress | None:
    """What undoes the transfer's compression; None where there is none."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableSource(
            f"the server sends {encoding!r}, which was not asked for", hint="save the page and give the file"
        )
    return zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out by itself whether gzip or zlib
