"""Every error of the openai SDK, translated into ours by one table."""

from __future__ import annotations

from typing import Any

from aiwriter.errors import AIWriterError
from aiwriter.resilience.failures import (
    HTTP_CLIENT,
    Endpoint,
    Translator,
    by_cause,
    from_status,
    impossible,
    lost,
)


def told_in_body(error: object, at: Endpoint) -> AIWriterError:
    """A status of 200 around an error: some gateways put the real status into its code."""
    fields = error if isinstance(error, dict) else {"message": error}
    code, message = str(fields.get("code") or fields.get("type") or ""), str(fields.get("message") or error)
    status = int(code) if code.isdigit() else (429 if "rate" in code or "quota" in code else 500)
    return from_status(status, code, message, {}, at)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    return from_status(error.status_code, error.code or error.type or "", error.message, error.response.headers, at)


TABLE: dict[str, Translator] = {
    **HTTP_CLIENT,
    "openai.APIStatusError": _by_status,  # answers that are errors
    "openai.APIConnectionError": by_cause,  # no answer
    "openai.APIError": lost,
    "openai.OpenAIError": impossible,  # wrong use of the SDK, or settings with which no request can be made
    "openai.InvalidWebhookSignatureError": impossible,
    "openai.StreamAlreadyConsumed": lost,
}
