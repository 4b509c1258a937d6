"""What the failures of all providers have in common: answers that are errors, and the HTTP client below the SDKs.

Each SDK's errors are translated by a table of names (rule 17), made of its own and of `HTTP_CLIENT`. Names, not
classes: reading these tables imports no library. A subclass without a row is treated as its nearest ancestor with one;
tests/resilience/test_failures.py walks the libraries and fails when a class has neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiwriter.errors import AIWriterError, ProviderRejected, RateLimited, Unavailable
from aiwriter.resilience.retry_after import retry_after

MESSAGE_SHOWN = 300

# Codes and words of an error that no waiting cures, as OpenAI, OpenRouter and others put them.
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"})
QUOTA_WORDS = ("exceeded your current quota", "insufficient credits", "insufficient balance", "spend limit")

LOST_BY_GATEWAY = frozenset({502, 504, 520, 522, 524})
"""Statuses of something between us and the provider: the provider may have answered, and billed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request went, for messages. `key` is only here to be blotted out; `settings` is what the settings that
    lead there begin with, `choice` the one that names another model."""

    model: str
    base_url: str
    key: str = field(repr=False)
    settings: str
    choice: str

    def tell(self, reason: str) -> str:
        clean = reason.replace(self.key, "***") if self.key else reason
        return f"{self.model} at {self.base_url}: {' '.join(clean.split())[:MESSAGE_SHOWN]}"

    @property
    def key_hint(self) -> str:
        return f"Check the key and {self.settings}__BASE_URL (environment or .env)."

    @property
    def busy_hint(self) -> str:
        return f"Try again later, or name another model in {self.choice}."


Translator = Callable[[Any, Endpoint], AIWriterError]


def translate(error: BaseException, at: Endpoint, table: Mapping[str, Translator]) -> AIWriterError:
    """Our error for theirs. Raises the error itself when neither its class nor an ancestor has a row."""
    row = row_of(type(error), table)
    if row is None:
        raise error
    return table[row](error, at)


def row_of(kind: type[BaseException], table: Mapping[str, object]) -> str | None:
    """The name in the table under which a class is treated."""
    return next((name for name in map(name_of, kind.__mro__) if name in table), None)


def name_of(kind: type) -> str:
    """ "openai.RateLimitError": the library and the class, wherever in the library it is defined."""
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def from_status(
    status: int, code: str, message: str, headers: Mapping[str, str], at: Endpoint, *, money: bool | None = None
) -> AIWriterError:
    """An answer that is an error, by its status, its code and its words; `money` says that it is about the account's
    quota, for providers whose words do not tell."""
    said = at.tell(f"{status} {message}")
    money = _is_about_money(code, message) if money is None else money
    if status == 402 or (money and status in (400, 403, 429)):
        return ProviderRejected(
            said, hint=f"Waiting does not help: mend the account's billing or limit, or change {at.choice}."
        )
    wait = retry_after(headers, datetime.now(UTC)) if status in (429, 503, 529) else None
    if status == 429 or wait is not None:
        return RateLimited(said, hint=at.busy_hint, retry_after=wait)
    if status in (408, 409) or status >= 500:
        return Unavailable(said, hint=at.busy_hint, sent=status in LOST_BY_GATEWAY)
    return ProviderRejected(said, hint=_hint(status, at))


def _hint(status: int, at: Endpoint) -> str | None:
    if status == 404:
        return f"The endpoint does not know this model or path: check {at.choice} and {at.settings}__BASE_URL."
    return at.key_hint if status in (401, 403) else None


def _is_about_money(code: str, message: str) -> bool:
    return code in QUOTA_CODES or any(words in message.lower() for words in QUOTA_WORDS)


def by_cause(error: Any, at: Endpoint) -> AIWriterError:
    """The SDK wraps the HTTP client's exception: that one knows whether anything was sent."""
    cause = error.__cause__
    if cause is None or row_of(type(cause), HTTP_CLIENT) is None:
        return lost(error, at)
    return translate(cause, at, HTTP_CLIENT)


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


def no_answer(error: object, at: Endpoint) -> Unavailable:
    """A status of 200 around something that is no answer of this API."""
    hint = f"Is {at.settings}__BASE_URL right?"
    return Unavailable(at.tell(f"the answer is none of this API: {error}"), hint=hint, sent=True)


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
    "httpx2.TimeoutException": too_slow,
    "httpx2.HTTPError": lost,
    "httpx2.StreamError": lost,
    # … and addresses or headers that are no such thing
    "httpx2.InvalidURL": impossible,
    "httpx2.UnsupportedProtocol": impossible,
    "httpx2.LocalProtocolError": impossible,
    "httpx2.TooManyRedirects": impossible,
    "httpx2.CookieConflict": impossible,
}
