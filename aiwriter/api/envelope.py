"""Around every request: its number, how much of it is read, what no answer goes without, and what is counted.

Plain ASGI, so that streams pass through as they come.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from aiwriter.api import errors
from aiwriter.ids import new_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aiwriter.api.metrics import Metrics

logger = logging.getLogger("aiwriter.api")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CACHING = "private, no-cache"  # may be kept, and is asked for again each time: 304 costs little
_TAGGED_TYPES = ("application/json", "text/markdown", "text/html")


class Envelope:
    """Gives each request an id, answers what nobody caught, adds the headers of every answer, and counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:  # the API must not die of one request; its log has the rest
            logger.exception("request %s: %s %s failed", request_id, scope["method"], scope["path"])
            if status:
                raise
            await errors.defect(request_id)(scope, receive, sending)
        finally:
            self._metrics.count(scope["method"], _route_of(scope), status, time.perf_counter() - began)


def _add_headers(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", _CACHING if "etag" in headers else "no-store")


def _route_of(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", "")) or "(none)"


class BodyLimit:
    """Reads a request's body, at most so many bytes, whatever its length claims; answers 413 to more."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        length = headers.get("content-length", "0")
        if "transfer-encoding" not in headers and length == "0":
            await self._app(scope, receive, send)
            return
        body = None if length.isdigit() and int(length) > self._most else await self._read(receive)
        if body is None:
            await errors.too_large(scope["state"]["request_id"], self._most)(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _read(self, receive: Receive) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"".join(parts)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._most:
                return None
            if not message.get("more_body", False):
                return b"".join(parts)


class Tags:
    """Gives documents an ETag, the hash of their bytes unless they brought one, and answers 304 to who has them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = {tag.strip().removeprefix("W/") for tag in Headers(scope=scope).get("if-none-match", "").split(",")}
        start: Message | None = None
        body = bytearray()

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_tagged(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await _deliver(start, bytes(body), known, send)

        await self._app(scope, receive, sending)


def _is_tagged(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "").partition(";")[0]
    return start["status"] == 200 and kind in _TAGGED_TYPES and headers.get("cache-control") != "no-store"


async def _deliver(start: Message, body: bytes, known: set[str], send: Send) -> None:
    headers = MutableHeaders(raw=start["headers"])
    tag = headers.get("etag") or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers["ETag"] = tag
    if tag in known or "*" in known:
        del headers["content-length"], headers["content-type"]
        start, body = {**start, "status": 304}, b""
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})
