"""The only HTTP GET to addresses that a user or a page gave.

Everything that reads from the web goes through `Fetcher.get`.

A name is resolved once, every address it has must be public, and the connection goes to the address that was checked
(the name stays in the Host header and in TLS), so that a name cannot point elsewhere a moment later. Redirects are
followed by hand and checked like the first address; one from https to http is refused, since the content could be
changed on the way. No cookie, login or referrer is ever sent. Proxies of the environment are not used: they would
resolve names themselves.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from aiwriter.errors import UnreadableSource
from aiwriter.ports import Validators
from aiwriter.sources.answers import (
    NOT_MODIFIED,
    REDIRECTS,
    Body,
    Fetched,
    conditions,
    content_type_of,
    failure_of,
    translated,
    validators_of,
)
from aiwriter.sources.guard import Guard, Resolver, parse_url, resolve_by_system, shown
from aiwriter.sources.pace import Hosts, Now, Sleep
from aiwriter.sources.retrying import Tries, TryAgain, retried

if TYPE_CHECKING:
    import httpx

__all__ = ["PAGES", "USER_AGENT", "Fetched", "Fetcher", "Limits", "Wanted"]

PRODUCT = "AI-Writer"  # the name that robots.txt files call us by
USER_AGENT = f"{PRODUCT}/0.1 (reads pages its user names as sources)"

_ACCEPTED = "text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.1"
_MAX_ADDRESSES = 3  # of one name, tried in turn
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
class Wanted:
    """What the asker can use: the Accept header, the types that may come (None: any), and statuses beside 200 whose
    answer is one, too."""

    accept: str
    types: frozenset[str] | None
    statuses: frozenset[int] = frozenset()


PAGES = Wanted(_ACCEPTED, _READABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Tries):
    """What one fetch may cost. Seconds cover redirects, retries and the waits between, not a queue before a host."""

    seconds: float = 30.0
    raw_bytes: int = 10_000_000
    decoded_bytes: int = 50_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stays the same over the hops and attempts of one fetch."""

    wanted: Wanted
    known: Validators | None
    pause: float
    deadline: asyncio.Timeout


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
        now: Now = time.monotonic,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._guard = Guard(allow_private_hosts, resolve)
        self._limits = limits or Limits()
        self._sleep = sleep
        self._hosts = Hosts(sleep, now)
        self._tls = tls

    def refuse_numbers(self, url: str) -> None:
        """Raises UnreadableSource for what is no address of the web, and for one of those that are never fetched."""
        self._guard.refuse_numbers(parse_url(url))

    async def get(
        self, url: str, known: Validators | None = None, *, wanted: Wanted = PAGES, pause: float = 0.0
    ) -> Fetched:
        """What is at an address, after redirects; `unchanged` when it is as `known` says.

        `pause` is how many seconds at least lie between two requests to a host. Whatever fails raises UnreadableSource
        with the reason.
        """
        await asyncio.to_thread(import_module, "httpx")  # takes a second on a busy machine: not on the loop, not timed
        try:
            async with asyncio.timeout(self._limits.seconds) as deadline:
                asked = _Asked(wanted, known, pause, deadline)
                return await retried(lambda: self._follow(url, asked), self._limits, self._sleep)
        except TimeoutError as error:
            raise UnreadableSource(
                f"it took longer than {self._limits.seconds:g} s",
                hint="try again later, or save the page and give the file",
            ) from error

    async def _follow(self, url: str, asked: _Asked) -> Fetched:
        seen: set[str] = set()
        trusted = True  # what the user typed may name an allowed private host; where a public page leads to may not
        secure = False
        while True:
            target = parse_url(url)
            if str(target) in seen:
                raise UnreadableSource("the page redirects in a loop", hint="check the address in a browser")
            seen.add(str(target))
            if len(seen) > self._limits.redirects + 1:
                raise UnreadableSource(f"more than {self._limits.redirects} redirects", hint="give the final address")
            if secure and target.scheme == "http":
                raise UnreadableSource(
                    f"it redirects from https to {shown(str(target))!r}, where it could be changed on the way",
                    hint="give that address itself if it is to be trusted",
                )
            secure = target.scheme == "https"
            cleared = await self._guard.clear(target, trusted=trusted)
            trusted = cleared.private
            async with self._turn(target, asked):
                answer = await self._attempt(target, cleared.addresses, asked)
            if isinstance(answer, Fetched):
                return answer
            url = answer

    @asynccontextmanager
    async def _turn(self, target: httpx.URL, asked: _Asked) -> AsyncIterator[None]:
        """The host's turn for one request. Waiting for it costs no time of the page's."""
        host = target.netloc.decode("ascii")
        if (left := self._hosts.resting(host)) > self._limits.longest_wait:
            raise UnreadableSource(
                f"{host} asked for no requests for {left:.0f} s more (Retry-After)", hint="try again later"
            )
        loop = asyncio.get_running_loop()
        remaining = (asked.deadline.when() or loop.time()) - loop.time()
        asked.deadline.reschedule(None)
        await self._hosts.enter(host, asked.pause)
        try:
            asked.deadline.reschedule(loop.time() + remaining)
            yield
        except TryAgain as failure:
            if failure.wait is not None:
                self._hosts.rest(host, failure.wait)
            raise
        finally:
            self._hosts.leave(host)

    async def _client(self, scheme: str) -> httpx.AsyncClient:
        """A client for one request: nothing, no cookie either, is carried from page to page."""
        import httpx

        if scheme == "https" and self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        tls = self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the latter trusts nobody; http does not ask it
        timeout = httpx.Timeout(self._limits.seconds, connect=min(10.0, self._limits.seconds))
        return httpx.AsyncClient(verify=tls, trust_env=False, timeout=timeout)

    async def _attempt(self, target: httpx.URL, addresses: list[str], asked: _Asked) -> Fetched | str:
        """One request, to the first address that answers; a redirect gives its target."""
        import httpx

        failure: httpx.HTTPError | None = None
        try:
            for address in addresses[:_MAX_ADDRESSES]:
                try:
                    return await self._request(target, address, asked)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failure = error
        except httpx.HTTPError as error:
            failure = error
        except httpx.InvalidURL as error:  # httpx looks where a redirect leads even when it is not to follow it
            raise UnreadableSource("the page redirects to what is no address", hint="give the final address") from error
        raise translated(failure) from failure

    async def _request(self, target: httpx.URL, address: str, asked: _Asked) -> Fetched | str:
        headers = {
            "Host": target.netloc.decode("ascii"),
            "User-Agent": USER_AGENT,
            "Accept": asked.wanted.accept,
            "Accept-Encoding": "gzip, deflate",
            **conditions(asked.known, str(target)),
        }
        pinned = target.copy_with(host=address)
        name = {"sni_hostname": target.raw_host.decode("ascii")}
        async with (
            await self._client(target.scheme) as client,
            client.stream("GET", pinned, headers=headers, extensions=name) as response,
        ):
            return await self._answer(response, target, asked)

    async def _answer(self, response: httpx.Response, target: httpx.URL, asked: _Asked) -> Fetched | str:
        status, headers, url = response.status_code, response.headers, str(target)
        if status in REDIRECTS and "location" in headers:
            return _joined(target, headers["location"])
        if status == NOT_MODIFIED and asked.known and conditions(asked.known, url):
            return Fetched(url, "", None, b"", status, asked.known)
        if status not in (200, 203) and status not in asked.wanted.statuses:
            raise failure_of(status, headers)
        content_type, charset = content_type_of(headers)
        if asked.wanted.types is not None and content_type not in asked.wanted.types:
            raise UnreadableSource(
                f"{content_type} is not a document that can be read", hint="give a page, a PDF or a text"
            )
        data = await self._body(response)
        robots_tag = headers.get("x-robots-tag", "").lower()
        return Fetched(url, content_type, charset, data, status, validators_of(headers, url, data), robots_tag)

    async def _body(self, response: httpx.Response) -> bytes:
        body = Body(response.headers, self._limits.raw_bytes, self._limits.decoded_bytes)
        async for chunk in response.aiter_raw(65_536):
            body.take(chunk)
        return body.whole()


def _joined(base: httpx.URL, location: str) -> str:
    import httpx

    try:
        return str(base.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnreadableSource(f"the page redirects to {shown(location)!r}, which is no address") from error
