"""One request to a search engine, whatever it speaks: bounded in size and time, tried again, its errors in our words.

Addresses are those of the settings, so they are not guarded as those of `fetch.py` are; redirects are not followed,
lest a key goes elsewhere. Who tries again: this loop alone, within the seconds of one search.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiwriter.errors import AIWriterError, BadInput, RateLimited, Unavailable
from aiwriter.sdks.retry_after import retry_after
from aiwriter.sources.fetch import USER_AGENT
from aiwriter.sources.pace import Sleep
from aiwriter.sources.retrying import Tries, TryAgain, retried
from aiwriter.sources.search.filters import printable

if TYPE_CHECKING:
    import httpx

Said = tuple[type[AIWriterError], str, str]
"""What a status means: the error, the reason and the next step."""

_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_QUOTA = "look at the plan of the account, or name another engine"
_STATUS: dict[int, Said] = {
    400: (BadInput, "it does not understand the query", "say it in other words"),
    401: (BadInput, "it refuses the key", "check the key in the settings"),
    402: (Unavailable, "its account has to be paid", _QUOTA),
    403: (BadInput, "it refuses the key", "check the key in the settings"),
    404: (BadInput, "there is no search at its address", "check the address in the settings"),
    422: (BadInput, "it does not understand the query", "say it in other words"),
    429: (RateLimited, "it asks for fewer requests, or its quota is used up", _QUOTA),
}
_SHOWN = 200  # characters of what an engine says of its failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(Tries):
    """What one search may cost. Seconds cover all tries and the waiting between them."""

    seconds: float = 15.0
    answer_bytes: int = 4_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """An HTTP request; `body` is sent as JSON by POST, without one it is a GET. Keys go into `headers` alone."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = None


class Asker:
    """Asks one engine. `statuses` is what it means by its statuses where that is not the usual; `secret` is never
    repeated in an error."""

    def __init__(
        self,
        name: str,
        patience: Patience | None = None,
        *,
        sleep: Sleep = asyncio.sleep,
        statuses: Mapping[int, Said] | None = None,
        secret: str = "",
        contact: str | None = None,
    ) -> None:
        self.name = name
        self._patience = patience or Patience()
        self._sleep = sleep
        self._statuses = _STATUS | dict(statuses or {})
        self._secret = secret
        self._agent = f"{USER_AGENT[:-1]}; {contact})" if contact else USER_AGENT
        self._tls: ssl.SSLContext | None = None

    async def json(self, question: Question, problem: Callable[[Any], Exception | None] | None = None) -> Any:
        """The answer's JSON. `problem` finds the failure in an answer that has one although its status is good; what
        `come_back` makes is asked again. Raises Unavailable when it is no JSON, and what `text` raises."""
        found: list[Any] = []

        def look(body: bytes) -> None:
            found[:] = [self._parsed(body, question)]
            if problem and (failure := problem(found[0])):
                raise failure

        await self.text(question, look)
        return found[0]

    async def text(self, question: Question, look: Callable[[bytes], None] | None = None) -> bytes:
        """The answer. Raises Unavailable or RateLimited when it cannot be had now, BadInput when it is refused, and
        what `look` raises on seeing it."""
        await asyncio.to_thread(import_module, "httpx")  # not on the loop, not timed
        seconds = self._patience.seconds
        try:
            async with asyncio.timeout(seconds):
                return await retried(lambda: self._attempt(question, look), self._patience, self._sleep)
        except TimeoutError as error:
            raise Unavailable(
                f"{self.name} did not answer within {seconds:g} s", hint="try again later, or name another engine"
            ) from error

    def come_back(self, told: str) -> Exception:
        """For `problem`: the engine wants to be asked later, and says so in the body of a good answer."""
        return TryAgain(RateLimited(f"{self.name}: {self._plain(told)}", hint="try again later"))

    async def _attempt(self, question: Question, look: Callable[[bytes], None] | None) -> bytes:
        import httpx

        try:
            async with await self._client(question.url) as client, client.stream(**self._request(question)) as response:
                body = await self._body(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(error, question) from error
        wait = retry_after(response.headers, datetime.now(UTC))
        if response.status_code != httpx.codes.OK:
            raise self._refused(response.status_code, body, wait)
        try:
            if look:
                look(body)
        except TryAgain as failure:
            failure.wait = wait
            raise
        return body

    async def _client(self, url: str) -> httpx.AsyncClient:
        import httpx

        if url.startswith("https") and self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        tls = self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the latter trusts nobody; http does not ask it
        return httpx.AsyncClient(verify=tls, trust_env=False, timeout=self._patience.seconds)

    def _request(self, question: Question) -> dict[str, Any]:
        headers = {"User-Agent": self._agent, **question.headers}
        method = "GET" if question.body is None else "POST"
        asked = {"method": method, "url": question.url, "headers": headers, "json": question.body}
        return asked | ({"params": question.params} if question.params else {})

    async def _body(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes(65_536):
            size += len(part)
            if size > self._patience.answer_bytes:
                most = self._patience.answer_bytes / 1_000_000
                raise Unavailable(f"{self.name} answered with more than {most:g} MB", hint="name another engine")
            parts.append(part)
        return b"".join(parts)

    def _failed(self, error: Exception, question: Question) -> Exception:
        """httpx's errors in our words; what broke off may be asked again, where nobody listens not."""
        import httpx

        host = _host(question.url)
        reasons: dict[type[Exception], str] = {
            httpx.InvalidURL: "its address cannot be used",
            httpx.UnsupportedProtocol: "its address cannot be used",
            httpx.TimeoutException: "it did not answer in time",
            httpx.ConnectError: "no connection to it",
            httpx.RemoteProtocolError: "it broke off its answer",
            httpx.ReadError: "the connection broke off",
        }
        reason = next((words for kind, words in reasons.items() if isinstance(error, kind)), "it cannot be asked")
        told = self._plain(str(error) or type(error).__name__)
        problem = Unavailable(f"{self.name} at {host}: {reason} ({told})", hint="check its address, or try again later")
        broke_off = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError))
        return TryAgain(problem) if broke_off else problem

    def _refused(self, status: int, body: bytes, wait: float | None) -> Exception:
        kind, reason, hint = self._statuses.get(status) or _by_hundreds(status)
        told = "" if status in (401, 403) else self._plain(_words(body))  # those may repeat the key
        problem = kind(f"{self.name}: {reason} (HTTP {status}{f': {told}' if told else ''})", hint=hint)
        if isinstance(problem, RateLimited):
            problem.retry_after = wait
        return TryAgain(problem, wait) if status in _TRY_AGAIN else problem

    def _parsed(self, body: bytes, question: Question) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unavailable(
                f"{self.name} answered with something that is not JSON",
                hint=f"check that {_host(question.url)!r} is the address of its API",
            ) from error

    def _plain(self, text: str) -> str:
        hidden = text.replace(self._secret, "***") if self._secret else text
        return printable(hidden)[:_SHOWN]


def _by_hundreds(status: int) -> Said:
    if status >= 500:
        return Unavailable, "it failed", "try again later, or name another engine"
    if 300 <= status < 400:
        return BadInput, "it has moved", "give its final address in the settings"
    return Unavailable, "it gave no answer", "try again later, or name another engine"


def _words(body: bytes) -> str:
    """What an engine says of its failure: the first text in its JSON, nothing of a page."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for key in ("detail", "error", "info", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return found if isinstance(found, str) else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return url
