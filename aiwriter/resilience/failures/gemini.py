"""Every error of the google-genai SDK, translated into ours by one table.

The SDK lets the HTTP client's errors through as they are, and so do the libraries that read JSON and types for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwriter.errors import AIWriterError
from aiwriter.resilience.failures import HTTP_CLIENT, Endpoint, Translator, from_status, impossible, no_answer

# Google says "you exceeded your current quota" of a minute's rate too; which one it is stands in the details.
_SPENT = ("PerDay", "PerMonth")
_MONEY_WORDS = ("prepayment credits", "spending cap", "spend cap", "billing account", "billing is")


def told_in_body(error: object, at: Endpoint, headers: Mapping[str, str] | None = None) -> AIWriterError:
    """An error as Google writes it, with its status inside, and when to come back there or in a header."""
    fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    code, message = fields.get("code"), str(fields.get("message") or error)
    details = [one for one in fields.get("details") or [] if isinstance(one, dict)]
    wait = next((str(one["retryDelay"]) for one in details if "retryDelay" in one), "")
    told = {"retry-after": wait} if wait else headers or {}
    kind, money = str(fields.get("status") or ""), _is_about_money(message, details)
    return from_status(code if isinstance(code, int) else 500, kind, message, told, at, money=money)


def _is_about_money(message: str, details: list[dict[str, Any]]) -> bool:
    violations = [one for detail in details for one in detail.get("violations") or [] if isinstance(one, dict)]
    spent = any(word in str(one.get("quotaId", "")) for one in violations for word in _SPENT)
    return spent or any(words in message.lower() for words in _MONEY_WORDS)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    details = error.details if isinstance(error.details, dict) else {}
    told = details.get("error", details)
    fields = told if isinstance(told, dict) else {"message": told}
    headers = getattr(error.response, "headers", None)
    return told_in_body({"message": error.message, "status": error.status, **fields, "code": error.code}, at, headers)


TABLE: dict[str, Translator] = {
    **HTTP_CLIENT,
    "google.APIError": _by_status,  # answers that are errors
    # answers that cannot be read
    "google.UnknownApiResponseError": no_answer,
    "google.ContinuationInterruptedError": no_answer,
    "json.JSONDecodeError": no_answer,
    "builtins.UnicodeDecodeError": no_answer,
    "pydantic_core.ValidationError": no_answer,
    # wrong use of the SDK: settings that make a request impossible
    "google.FunctionInvocationError": impossible,
    "google.UnknownFunctionCallArgumentError": impossible,
    "google.UnsupportedFunctionError": impossible,
}
