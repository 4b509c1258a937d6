"""Every error of the google-genai SDK, translated into ours by one table; what is general stands in llm/errors.py.

The SDK lets the HTTP client's errors through as they are, and so do the libraries that read JSON and types for it.
"""

from __future__ import annotations

from typing import Any

from aiwriter.errors import AIWriterError
from aiwriter.llm.errors import HTTP_CLIENT, Endpoint, Translator, from_status, impossible, lost, no_answer

# Google says "you exceeded your current quota" of a minute's rate and of a day's alike: which, the details tell.
_SPENT = ("PerDay", "PerMonth")
_MONEY_WORDS = ("prepayment credits", "spending cap", "spend cap", "billing account", "billing is")


def told_in_body(error: object, at: Endpoint) -> AIWriterError:
    """An error as Google writes it, with its status inside: within a stream, or within a status of 200."""
    fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    code, message = fields.get("code"), str(fields.get("message") or error)
    details = [one for one in fields.get("details") or [] if isinstance(one, dict)]
    status = code if isinstance(code, int) else 500
    wait = next((str(one["retryDelay"]) for one in details if "retryDelay" in one), "")
    headers = {"retry-after": wait} if wait else {}
    kind = str(fields.get("status") or "")
    return from_status(status, kind, message, headers, at, money=_is_about_money(message, details))


def _is_about_money(message: str, details: list[dict[str, Any]]) -> bool:
    violations = [one for detail in details for one in detail.get("violations") or [] if isinstance(one, dict)]
    spent = any(word in str(one.get("quotaId", "")) for one in violations for word in _SPENT)
    return spent or any(words in message.lower() for words in _MONEY_WORDS)


def _by_status(error: Any, at: Endpoint) -> AIWriterError:
    details = error.details if isinstance(error.details, dict) else {}
    told = details.get("error", details)
    fields = told if isinstance(told, dict) else {"message": told}
    return told_in_body({"message": error.message, "status": error.status, **fields, "code": error.code}, at)


def _no_answer(error: Any, at: Endpoint) -> AIWriterError:
    return no_answer(str(error), at)


TABLE: dict[str, Translator] = {
    **HTTP_CLIENT,
    # answers that are errors
    "google.APIError": _by_status,
    "google.ClientError": _by_status,
    "google.ServerError": _by_status,
    # answers that cannot be read
    "google.UnknownApiResponseError": _no_answer,
    "json.JSONDecodeError": _no_answer,
    "builtins.UnicodeDecodeError": _no_answer,
    "pydantic_core.ValidationError": _no_answer,
    "google.ContinuationInterruptedError": lost,
    # wrong use of the SDK: settings that make a request impossible
    "google.EphemeralTokenAPIKeyError": impossible,
    "google.FunctionInvocationError": impossible,
    "google.UnknownFunctionCallArgumentError": impossible,
    "google.UnsupportedFunctionError": impossible,
}
