"""The anthropic SDK: its client, and every error of it in our words.

It has a class for each code of an error; all of them are an APIStatusError and told apart by their status here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiwriter.errors import AIWriterError
from aiwriter.sdks import Sdk
from aiwriter.sdks.connection import NO_KEY, Connection
from aiwriter.sdks.failures import (
    HTTP_CLIENT,
    Endpoint,
    Translator,
    by_cause,
    from_status,
    http_errors,
    impossible,
    lost,
)

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""What an error within a stream would have been as an answer."""


def client(to: Connection) -> AsyncAnthropic:
    import anthropic

    transport = anthropic.DefaultAsyncHttpxClient(**to.transport())
    return anthropic.AsyncAnthropic(
        api_key=to.key or NO_KEY, base_url=to.url, max_retries=0, http_client=transport, timeout=transport.timeout
    )


def foreign() -> tuple[type[Exception], ...]:
    """The roots of all that it raises."""
    import anthropic

    return (anthropic.AnthropicError, *http_errors())


def told_in_body(error: object, at: Endpoint) -> AIWriterError:
    """A status of 200 around an error."""
    fields = error if isinstance(error, dict) else {"message": error}
    kind, message = str(fields.get("type") or ""), str(fields.get("message") or error)
    return from_status(STATUSES.get(kind, 500), kind, f"{kind}: {message}", {}, at)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    code = error.type or ""
    money = True if "spend_limit" in (error.error_code or "") else None
    return from_status(
        error.status_code, code, error.api_message or str(error), error.response.headers, at, money=money
    )


TABLE: dict[str, Translator] = {
    **HTTP_CLIENT,
    # answers that are errors
    "anthropic.APIStatusError": _by_status,
    # no answer
    "anthropic.APIError": lost,
    "anthropic.APIConnectionError": by_cause,
    "anthropic.APITimeoutError": by_cause,
    "anthropic.APIResponseValidationError": lost,
    "anthropic.StreamAlreadyConsumed": lost,
    # wrong use of the SDK: settings that make a request impossible
    "anthropic.AnthropicError": impossible,
    "anthropic.APIWebhookValidationError": impossible,
    "anthropic.RetryableError": impossible,
    "anthropic.CredentialsError": impossible,
    "anthropic.IdentityTokenFileError": impossible,
    "anthropic.WorkloadIdentityError": impossible,
    "anthropic.MutuallyExclusiveAuthError": impossible,
    "anthropic.MissingDependencyError": impossible,
    "anthropic.ToolsetClosedError": impossible,
    "anthropic.ToolsetConfigError": impossible,
    "anthropic.ToolsetContractError": impossible,
    "anthropic.ToolsetUsageError": impossible,
    "anthropic.ToolsetsFixedError": impossible,
}

SDK: Sdk[AsyncAnthropic] = Sdk(client, foreign, TABLE)
