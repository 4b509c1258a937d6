"""The openai SDK: its client, and every error of it in our words."""

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
    unusable,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI


def client(to: Connection) -> AsyncOpenAI:
    import openai

    transport = openai.DefaultAsyncHttpxClient(**to.transport())
    return openai.AsyncOpenAI(
        api_key=to.key or NO_KEY, base_url=to.url, max_retries=0, http_client=transport, timeout=transport.timeout
    )


def foreign() -> tuple[type[Exception], ...]:
    """The roots of all that it raises."""
    import openai

    return (openai.OpenAIError, *http_errors())


def told_in_body(error: object, at: Endpoint) -> AIWriterError:
    """A status of 200 around an error: some gateways put the real status into its code."""
    fields = error if isinstance(error, dict) else {"message": error}
    code, message = str(fields.get("code") or fields.get("type") or ""), str(fields.get("message") or error)
    status = int(code) if code.isdigit() else (429 if "rate" in code or "quota" in code else 500)
    return from_status(status, code, message, {}, at)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    said = error.body.get("message") if isinstance(error.body, dict) else None  # its own message is the whole body
    code = error.code or error.type or ""
    return from_status(error.status_code, code, str(said or error.message), error.response.headers, at)


TABLE: dict[str, Translator] = {
    **HTTP_CLIENT,
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
    "openai.APIError": lost,
    "openai.APIConnectionError": by_cause,
    "openai.APITimeoutError": by_cause,
    "openai.APIResponseValidationError": lost,
    "openai.StreamAlreadyConsumed": lost,
    # answers whose content cannot be used
    "openai.LengthFinishReasonError": unusable,
    "openai.ContentFilterFinishReasonError": impossible,
    # wrong use of the SDK: settings that make a request impossible
    "openai.OpenAIError": impossible,
    "openai.SubjectTokenProviderError": impossible,
    "openai.MutuallyExclusiveAuthError": impossible,
    "openai.InvalidWebhookSignatureError": impossible,
    "openai.WebSocketConnectionClosedError": impossible,
    "openai.WebSocketQueueFullError": impossible,
    "openai._AmbiguousModuleClientUsageError": impossible,
    "openai.APIRemovedInV1": impossible,
    "openai.MissingDependencyError": impossible,
    "openai.AgentFilePreparationError": impossible,
    "openai.AgentFileStagingError": impossible,
    "openai.AgentOutputParseError": impossible,
    "openai.AgentTurnResultError": impossible,
}

SDK: Sdk[AsyncOpenAI] = Sdk(client, foreign, TABLE)
