"""Every error of the openai SDK and its HTTP client, translated into ours by one table (rule 17).

Names, not classes: reading this module imports neither library. tests/llm/test_openai_errors.py walks both libraries
and fails when a class is missing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiwriter.errors import AccountRefused, AIWriterError, BadReply, ProviderRejected, RateLimited, Unavailable
from aiwriter.resilience.retry_after import retry_after

KEY_HINT = (
    "Check AIWRITER_OPENAI_API_KEY or OPENAI_API_KEY (environment or .env), and AIWRITER_OPENAI__BASE_URL if the "
    "endpoint is not OpenAI's."
)
QUOTA_HINT = "Waiting does not help: mend the account's billing or limit, or use another model (--model)."
BUSY_HINT = "Try again later with the resume command, or use another model (--model)."
MESSAGE_SHOWN = 300

# Codes of a 429 that no waiting cures (OpenAI's error guide; OpenRouter and others use the words in messages).
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"})
QUOTA_WORDS = ("exceeded your current quota", "insufficient credits", "insufficient balance", "spend limit")

LOST_BY_GATEWAY = frozenset({502, 504, 520, 522, 524})
"""Statuses of something between us and the provider: the provider may have answered, and billed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request went, for messages. `key` is only here to be blotted out."""

    model: str
    base_url: str
    key: str

    def tell(self, reason: str) -> str:
        clean = reason.replace(self.key, "***") if self.key else reason
        return f"{self.model} at {self.base_url}: {' '.join(clean.split())[:MESSAGE_SHOWN]}"


Translator = Callable[[Any, Endpoint], AIWriterError]


def translate(error: Exception, at: Endpoint) -> AIWriterError:
    """Our error for theirs; a subclass that is not in the table is treated as its nearest ancestor that is."""
    for kind in type(error).__mro__:
        found = TABLE.get(name_of(kind))
        if found is not None:
            return found(error, at)
    raise error


def name_of(kind: type[BaseException]) -> str:
    """ "openai.RateLimitError": the library and the class, wherever in the library it is defined."""
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def from_status(status: int, code: str, message: str, headers: Mapping[str, str], at: Endpoint) -> AIWriterError:
    """An answer that is an error, by its status, its code and its words."""
    said = at.tell(f"{status} {message}")
    if status in (402, 429) and (status == 402 or _is_about_money(code, message)):
        return AccountRefused(said, hint=QUOTA_HINT)
    if status == 401:
        return AccountRefused(said, hint=KEY_HINT)
    wait = retry_after(headers, datetime.now(UTC)) if status in (429, 503) else None
    if status == 429 or wait is not None:
        return RateLimited(said, hint=BUSY_HINT, retry_after=wait)
    if status in (408, 409) or status >= 500:
        return Unavailable(said, hint=BUSY_HINT, sent=status in LOST_BY_GATEWAY)
    return ProviderRejected(said, hint=_HINTS.get(code) or _HINTS.get(str(status)))


_HINTS = {
    "403": KEY_HINT,
    "404": "The endpoint does not know this model or path: check the name in --model and AIWRITER_OPENAI__BASE_URL.",
    "context_length_exceeded": "The prompt is longer than the model's context: set AIWRITER_OPENAI__CONTEXT_TOKENS.",
    "exceed_context_size_error": "The prompt is longer than the model's context: set AIWRITER_OPENAI__CONTEXT_TOKENS.",
}


def _is_about_money(code: str, message: str) -> bool:
    return code in QUOTA_CODES or any(words in message.lower() for words in QUOTA_WORDS)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    return from_status(error.status_code, error.code or error.type or "", error.message, error.response.headers, at)


def _by_cause(error: Any, at: Endpoint) -> AIWriterError:
    """The SDK wraps the HTTP client's exception: that one knows whether anything was sent."""
    cause = error.__cause__
    return _lost(error, at) if cause is None else translate(cause, at)


def _not_sent(error: Any, at: Endpoint) -> AIWriterError:
    hint = "Is the server running and AIWRITER_OPENAI__BASE_URL right? `aiwriter doctor` tries it."
    return Unavailable(at.tell(f"cannot be reached ({_words(error)})"), hint=hint)


def _too_slow(error: Any, at: Endpoint) -> AIWriterError:
    hint = "A slow local model needs more time: AIWRITER_OPENAI__TIMEOUT_SECONDS."
    return Unavailable(at.tell(f"no answer in time ({_words(error)})"), hint=hint, sent=True)


def _lost(error: Any, at: Endpoint) -> AIWriterError:
    return Unavailable(at.tell(f"the connection broke ({_words(error)})"), hint=BUSY_HINT, sent=True)


def _impossible(error: Any, at: Endpoint) -> AIWriterError:
    return ProviderRejected(at.tell(f"the request cannot be made ({_words(error)})"), hint=KEY_HINT)


def _unusable(error: Any, at: Endpoint) -> AIWriterError:
    return BadReply(at.tell(_words(error)))


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


TABLE: dict[str, Translator] = {
    # answers that are errors
    "openai.APIStatusError": _by_status,
    "openai.BadRequestError": _by_status,
    "openai.AuthenticationError": _by_status,
    "openai.OAuthError": _by_status,
    "openai.PermissionDeniedError": _by_status,
    "openai.NotFoundError": _by_status,
    "openai.ConflictError": _by_status,
    "openai.UnprocessableEntityError": _by_status,
    "openai.RateLimitError": _by_status,
    "openai.InternalServerError": _by_status,
    # no answer
    "openai.APIError": _lost,
    "openai.APIConnectionError": _by_cause,
    "openai.APITimeoutError": _by_cause,
    "openai.APIResponseValidationError": _lost,
    "openai.StreamAlreadyConsumed": _lost,
    # answers whose content cannot be used
    "openai.LengthFinishReasonError": _unusable,
    "openai.ContentFilterFinishReasonError": _impossible,
    # wrong use of the SDK: settings that make a request impossible
    "openai.OpenAIError": _impossible,
    "openai.SubjectTokenProviderError": _impossible,
    "openai.MutuallyExclusiveAuthError": _impossible,
    "openai.InvalidWebhookSignatureError": _impossible,
    "openai.WebSocketConnectionClosedError": _impossible,
    "openai.WebSocketQueueFullError": _impossible,
    "openai._AmbiguousModuleClientUsageError": _impossible,
    "openai.APIRemovedInV1": _impossible,
    "openai.MissingDependencyError": _impossible,
    "openai.AgentFilePreparationError": _impossible,
    "openai.AgentFileStagingError": _impossible,
    "openai.AgentOutputParseError": _impossible,
    "openai.AgentTurnResultError": _impossible,
    # the HTTP client, before anything was sent
    "httpx2.ConnectError": _not_sent,
    "httpx2.ConnectTimeout": _not_sent,
    "httpx2.PoolTimeout": _not_sent,
    "httpx2.ProxyError": _not_sent,
    # … and after: it may have been billed
    "httpx2.ReadTimeout": _too_slow,
    "httpx2.WriteTimeout": _too_slow,
    "httpx2.TimeoutException": _too_slow,
    "httpx2.ReadError": _lost,
    "httpx2.WriteError": _lost,
    "httpx2.CloseError": _lost,
    "httpx2.NetworkError": _lost,
    "httpx2.RemoteProtocolError": _lost,
    "httpx2.ProtocolError": _lost,
    "httpx2.DecodingError": _lost,
    "httpx2.SSEError": _lost,
    "httpx2.TransportError": _lost,
    "httpx2.RequestError": _lost,
    "httpx2.HTTPError": _lost,
    "httpx2.HTTPStatusError": _lost,
    "httpx2.StreamError": _lost,
    "httpx2.StreamConsumed": _lost,
    "httpx2.StreamClosed": _lost,
    "httpx2.ResponseNotRead": _lost,
    "httpx2.RequestNotRead": _lost,
    # … and addresses or headers that are no such thing
    "httpx2.InvalidURL": _impossible,
    "httpx2.UnsupportedProtocol": _impossible,
    "httpx2.LocalProtocolError": _impossible,
    "httpx2.TooManyRedirects": _impossible,
    "httpx2.CookieConflict": _impossible,
}
