"""The only HTTP GET to addresses that a user or a page gave.

Everything that reads from the web goes through `Fetcher.get`.

A name is resolved once, every address it has must be public, and the connection goes to the address that was checked
(the name stays in the Host header and in TLS), so that a name cannot point elsewhere a moment later. Redirects are
followed by hand and checked like the first address. Proxies of the environment are not used: they would resolve names
themselves.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING

from aiwriter.errors import UnreadableSource
from aiwriter.sources.guard import Guard, Resolver, parse_url, resolve_by_system

if TYPE_CHECKING:
    import httpx

USER_AGENT = "AI-Writer/0.1 (reads pages its user names as sources)"
Sleep = Callable[[float], Awaitable[None]]

_ACCEPTED = "text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.1"
_MAX_ADDRESSES = 3  # of one name, tried in turn
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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
_READABLE = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
        "text/x-markdown",
        "application/pdf",
        "application/x-pdf",
        "text/csv",
        "application/csv",
        "text/tab-separated-values",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/octet-stream",  # what careless servers say; the bytes decide
        "",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost. Seconds cover redirects, retries and waiting together."""

    seconds: float = 30.0
    raw_bytes: int = 10_000_000
    decoded_bytes: int = 50_000_000
    redirects: int = 5
    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 10.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: `url` is where it was found in the end, `content_type` is lower-case without parameters."""

    url: str
    content_type: str
    charset: str | None
    data: bytes


class _TryAgain(Exception):
    """This attempt failed in a way that another may not; `wait` is what the server asked for, in seconds."""

    def __init__(self, problem: UnreadableSource, wait: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.wait = wait


class Fetcher:
    """Gets pages within limits. `allow_private_hosts` names hosts ("intranet.local", "127.0.0.1:8123") that may be
    fetched although they are private; a public page cannot redirect to them."""

    def __init__(
        self,
        allow_private_hosts: Sequence[str] = (),
        limits: Limits | None = None,
        *,
        resolve: Resolver = resolve_by_system,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._guard = Guard(allow_private_hosts, resolve)
        self._limits = limits or Limits()
        self._sleep = sleep
        self._tls: ssl.SSLContext | None = None

    async def get(self, url: str) -> Fetched:
        """The page at an address, after redirects. Whatever fails raises UnreadableSource with the reason."""
        await asyncio.to_thread(import_module, "httpx")  # takes a second on a busy machine: not on the loop, not timed
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._with_retries(url)
        except TimeoutError as error:
            raise UnreadableSource(
                f"it took longer than {self._limits.seconds:g} s",
                hint="try again later, or save the page and give the file",
            ) from error

    async def _with_retries(self, url: str) -> Fetched:
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return await self._follow(url)
            except _TryAgain as failure:
                wait = failure.wait if failure.wait is not None else self._backoff(attempt)
                if attempt == self._limits.attempts or wait > self._limits.longest_wait:
                    raise failure.problem from failure
            await self._sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _backoff(self, attempt: int) -> float:
        """Doubling, with up to half of it by chance, so that many readers do not come back at once."""
        wait = self._limits.first_wait * 2.0 ** (attempt - 1)
        return wait * (1 + random.random() / 2)  # noqa: S311 - spreads load, keeps no secret

    async def _follow(self, url: str) -> Fetched:
        seen: set[str] = set()
        trusted = True  # what the user typed may name an allowed private host; where a public page leads to may not
        while True:
            target = parse_url(url)
            if str(target) in seen:
                raise UnreadableSource("the page redirects in a loop", hint="check the address in a browser")
            seen.add(str(target))
            if len(seen) > self._limits.redirects + 1:
                raise UnreadableSource(f"more than {self._limits.redirects} redirects", hint="give the final address")
            cleared = await self._guard.clear(target, trusted=trusted)
            trusted = cleared.private
            answer = await self._attempt(target, cleared.addresses)
            if isinstance(answer, Fetched):
                return answer
            url = answer

    async def _client(self, scheme: str) -> httpx.AsyncClient:
        """A client for one request: nothing, no cookie either, is carried from page to page."""
        import httpx

        if scheme == "https" and self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        tls = self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the latter trusts nobody; http does not ask it
        timeout = httpx.Timeout(self._limits.seconds, connect=min(10.0, self._limits.seconds))
        return httpx.AsyncClient(verify=tls, trust_env=False, timeout=timeout)

    async def _attempt(self, target: httpx.URL, addresses: list[str]) -> Fetched | str:
        """One request, to the first address that answers; a redirect gives its target."""
        import httpx

        failure: httpx.HTTPError | None = None
        try:
            for address in addresses[:_MAX_ADDRESSES]:
                try:
                    return await self._request(target, address)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failure = error
        except httpx.HTTPError as error:
            failure = error
        raise _translated(failure) from failure

    async def _request(self, target: httpx.URL, address: str) -> Fetched | str:
        headers = {
            "Host": target.netloc.decode("ascii"),
            "User-Agent": USER_AGENT,
            "Accept": _ACCEPTED,
            "Accept-Encoding": "gzip, deflate",
        }
        pinned = target.copy_with(host=address)
        name = {"sni_hostname": target.raw_host.decode("ascii")}
        async with (
            await self._client(target.scheme) as client,
            client.stream("GET", pinned, headers=headers, extensions=name) as response,
        ):
            return await self._answer(response, target)

    async def _answer(self, response: httpx.Response, target: httpx.URL) -> Fetched | str:
        status = response.status_code
        if status in _REDIRECTS and "location" in response.headers:
            return _joined(target, response.headers["location"])
        if status not in (200, 203):
            reason, hint = _STATUS.get(
                status, ("the server failed" if status >= 500 else "the server gave no page", "try again later")
            )
            problem = UnreadableSource(f"{reason} (HTTP {status})", hint=hint)
            raise _TryAgain(problem, _retry_after(response)) if status in _TRY_AGAIN else problem
        content_type, _, parameters = response.headers.get("content-type", "").partition(";")
        content_type = content_type.strip().lower()
        if content_type not in _READABLE:
            raise UnreadableSource(
                f"{content_type} is not a document that can be read", hint="give a page, a PDF or a text"
            )
        return Fetched(str(target), content_type, _charset(parameters), await self._body(response))

    async def _body(self, response: httpx.Response) -> bytes:
        limits = self._limits
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limits.raw_bytes:
            raise _too_large(limits.raw_bytes)
        decoder = _decoder(response.headers.get("content-encoding", ""))
        parts: list[bytes] = []
        raw = decoded = 0
        async for chunk in response.aiter_raw(65_536):
            raw += len(chunk)
            part = decoder(chunk, limits.decoded_bytes - decoded + 1)
            decoded += len(part)
            parts.append(part)
            if raw > limits.raw_bytes or decoded > limits.decoded_bytes:
                raise _too_large(limits.raw_bytes if raw > limits.raw_bytes else limits.decoded_bytes)
        return b"".join(parts)


# ── small translations ───────────────────────────────────────────────────────────────────────────────────────────────


def _joined(base: httpx.URL, location: str) -> str:
    import httpx

    try:
        return str(base.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnreadableSource(f"the page redirects to {location!r}, which is no address") from error


def _translated(error: Exception | None) -> Exception:
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
    return _TryAgain(problem) if reason else problem


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds the server asks us to wait, from a number or a date; None when it does not say."""
    value = response.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \"'") or None
    return None


def _too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(
        f"it is larger than {limit // 1_000_000 or limit / 1_000_000:g} MB", hint="give a smaller document"
    )


def _decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function (chunk, most bytes to give back) that undoes the transfer's compression."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk, _: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableSource(
            f"the server sends {encoding!r}, which was not asked for", hint="save the page and give the file"
        )
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out by itself whether gzip or zlib

    def decode(chunk: bytes, most: int) -> bytes:
        try:
            return inflate.decompress(inflate.unconsumed_tail + chunk, most)
        except zlib.error as error:
            raise UnreadableSource("its compressed content is damaged", hint="try again later") from error

    return decode
