"""What the failures of all providers have in common: answers that are errors, and the HTTP client below the SDKs.

Each provider translates its SDK's errors by a table of names (rule 17), made of its own and of `HTTP_CLIENT`. Names,
not classes: reading these tables imports no library. tests/sdks/test_failures.py walks the libraries and fails when a
class is missing in its table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BadReply,
    ModelUnknown,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.sdks.retry_after import retry_after

MESSAGE_SHOWN = 300
_STATUS = re.compile(r"^(Error code: )?\d{3}\b[\s:–-]*")  # which some SDKs put before what the provider said

# Codes and words of an error that no waiting cures, as OpenAI, OpenRouter and Anthropic put them.
QUOTA_CODES = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded", "billing_error"}
)
QUOTA_WORDS = (
    "exceeded your current quota",
    "insufficient credits",
    "insufficient balance",
    "spend limit",
    "credit balance is too low",
)

LOADING = "loading model"  # what llama.cpp says, with a 503, until it can answer
LOADING_SECONDS = 30.0

LOST_BY_GATEWAY = frozenset({502, 504, 520, 522, 524})
"""Statuses of something between us and the provider: the provider may have answered, and billed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request went, for messages. `key` is only here to be blotted out; `settings` is what the settings that
    lead there begin with ("AIWRITER_OPENAI"), `choice` the one that names another model, if it is but one."""

    model: str
    base_url: str
    key: str = field(repr=False)
    settings: str
    choice: str = ""

    @property
    def key_hint(self) -> str:
        key = f"{self.model.partition(':')[0].upper()}_API_KEY"
        if self.choice:
            return f"Check {self.settings}__API_KEY and {self.settings}__BASE_URL; where neither is set, {key}."
        return f"Check AIWRITER_{key} or {key} (environment or .env), and {self.settings}__BASE_URL."

    @property
    def busy_hint(self) -> str:
        return f"Try again later, or use {self._another}."

    @property
    def quota_hint(self) -> str:
        return f"Waiting does not help: mend the account's billing or limit, or use {self._another}."

    @property
    def request_hint(self) -> str:
        return f"Asking again does not help: use {self._another}, or see what {self.base_url} says of this one."

    @property
    def _another(self) -> str:
        return f"another model ({self.choice})" if self.choice else "another model"

    def tell(self, reason: str) -> str:
        clean = reason.replace(self.key, "***") if self.key else reason
        return f"{self.model} at {self.base_url}: {' '.join(clean.split())[:MESSAGE_SHOWN]}"


Translator = Callable[[Any, Endpoint], AIWriterError]


def translate(error: BaseException, at: Endpoint, table: Mapping[str, Translator]) -> AIWriterError:
    """Our error for theirs; a subclass that is not in the table is treated as its nearest ancestor that is."""
    for kind in type(error).__mro__:
        found = table.get(name_of(kind))
        if found is not None:
            return found(error, at)
    raise error


def name_of(kind: type[BaseException]) -> str:
    """ "openai.RateLimitError": the library and the class, wherever in the library it is defined."""
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def from_status(
    status: int, code: str, message: str, headers: Mapping[str, str], at: Endpoint, *, money: bool | None = None
) -> AIWriterError:
    """An answer that is an error, by its status, its code and its words; `money` says that it is about the account's
    quota, for providers whose words do not tell."""
    said = at.tell(f"{status} {_STATUS.sub('', message)}")
    money = _is_about_money(code, message) if money is None else money
    if status == 402 or (money and status in (400, 403, 429)):
        return AccountRefused(said, hint=at.quota_hint)
    if status == 401:
        return AccountRefused(said, hint=at.key_hint)
    wait = retry_after(headers, datetime.now(UTC)) if status in (429, 503, 529) else None
    if status == 503 and wait is None and LOADING in message.lower():
        wait = LOADING_SECONDS
    if status == 429 or wait is not None:
        return RateLimited(said, hint=at.busy_hint, retry_after=wait)
    if status in (408, 409) or status >= 500:
        return Unavailable(said, hint=at.busy_hint, sent=status in LOST_BY_GATEWAY)
    kind = ModelUnknown if status == 404 else ProviderRejected
    return kind(said, hint=_hint(code, status, at))


def _hint(code: str, status: int, at: Endpoint) -> str:
    too_long = status == 413 or code in ("context_length_exceeded", "exceed_context_size_error")
    if too_long and not at.choice:  # an embedder has no such setting
        return f"The prompt is longer than the model's context: set {at.settings}__CONTEXT_TOKENS."
    if status == 404:
        name = at.choice or "its name"
        return f"The endpoint does not know this model or path: check {name} and {at.settings}__BASE_URL."
    return at.key_hint if status == 403 else at.request_hint


def _is_about_money(code: str, message: str) -> bool:
    return code in QUOTA_CODES or any(words in message.lower() for words in QUOTA_WORDS)


def by_cause(error: Any, at: Endpoint) -> AIWriterError:
    """The SDK wraps the HTTP client's exception: that one knows whether anything was sent."""
    cause = error.__cause__
    known = cause is not None and any(name_of(kind) in HTTP_CLIENT for kind in type(cause).__mro__)
    return translate(cause, at, HTTP_CLIENT) if known else lost(error, at)


def not_sent(error: Any, at: Endpoint) -> AIWriterError:
    """Nobody was reached, so nothing can be billed."""
    hint = f"Is the server running and {at.settings}__BASE_URL right? `aiwriter doctor` tries it."
    return Unavailable(at.tell(f"cannot be reached ({_words(error)})"), hint=hint)


def too_slow(error: Any, at: Endpoint) -> AIWriterError:
    """Sent, and then silence."""
    hint = f"A slow model needs more time: {at.settings}__TIMEOUT_SECONDS."
    return Unavailable(at.tell(f"no answer in time ({_words(error)})"), hint=hint, sent=True)


def lost(error: Any, at: Endpoint) -> AIWriterError:
    """Sent, and the answer did not arrive whole."""
    return Unavailable(at.tell(f"the connection broke ({_words(error)})"), hint=at.busy_hint, sent=True)


def impossible(error: Any, at: Endpoint) -> AIWriterError:
    """Settings, or a use of the SDK, with which no request can be made."""
    return ProviderRejected(at.tell(f"the request cannot be made ({_words(error)})"), hint=at.key_hint)


def unusable(error: Any, at: Endpoint) -> AIWriterError:
    """An answer whose content cannot be used."""
    return BadReply(at.tell(_words(error)))


def no_answer(said: object, at: Endpoint) -> Unavailable:
    """A status of 200 around something that is no answer of this API."""
    hint = f"Is {at.settings}__BASE_URL right?"
    return Unavailable(at.tell(f"the answer is none of this API: {said}"), hint=hint, sent=True)


def cut_short(at: Endpoint) -> Unavailable:
    """A stream that ended as if it were whole, before the answer did."""
    return Unavailable(at.tell("the stream ended before the answer did"), hint=at.busy_hint, sent=True)


def told_midway(told: AIWriterError, *, has_begun: bool) -> AIWriterError:
    """An error within a stream; once there was text, what was written may be billed."""
    return Unavailable(str(told), hint=told.hint, sent=True) if has_begun else told


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def http_errors() -> tuple[type[Exception], ...]:
    """The roots of what the HTTP client raises, for `except`."""
    import httpx2

    return (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, httpx2.CookieConflict)


HTTP_CLIENT: dict[str, Translator] = {
    # before anything was sent
    "httpx2.ConnectError": not_sent,
    "httpx2.ConnectTimeout": not_sent,
    "httpx2.PoolTimeout": not_sent,
    "httpx2.ProxyError": not_sent,
    # … and after: it may have been billed
    "httpx2.ReadTimeout": too_slow,
    "httpx2.WriteTimeout": too_slow,
    "httpx2.TimeoutException": too_slow,
    "httpx2.ReadError": lost,
    "httpx2.WriteError": lost,
    "httpx2.CloseError": lost,
    "httpx2.NetworkError": lost,
    "httpx2.RemoteProtocolError": lost,
    "httpx2.ProtocolError": lost,
    "httpx2.DecodingError": lost,
    "httpx2.SSEError": lost,
    "httpx2.TransportError": lost,
    "httpx2.RequestError": lost,
    "httpx2.HTTPError": lost,
    "httpx2.HTTPStatusError": lost,
    "httpx2.StreamError": lost,
    "httpx2.StreamConsumed": lost,
    "httpx2.StreamClosed": lost,
    "httpx2.ResponseNotRead": lost,
    "httpx2.RequestNotRead": lost,
    # … and addresses or headers that are no such thing
    "httpx2.InvalidURL": impossible,
    "httpx2.UnsupportedProtocol": impossible,
    "httpx2.LocalProtocolError": impossible,
    "httpx2.TooManyRedirects": impossible,
    "httpx2.CookieConflict": impossible,
}
