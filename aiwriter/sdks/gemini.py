"""The google-genai SDK: its client, and every error of it in our words.

It lets the HTTP client's errors through as they are, and so those of the libraries that read JSON and types for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from aiwriter.errors import AIWriterError
from aiwriter.sdks import Sdk
from aiwriter.sdks.connection import NO_KEY, Connection
from aiwriter.sdks.failures import (
    HTTP_CLIENT,
    Endpoint,
    Translator,
    from_status,
    http_errors,
    impossible,
    lost,
    no_answer,
)

if TYPE_CHECKING:
    from google.genai import Client

# Google says "you exceeded your current quota" of a minute's rate and of a day's alike: which, the details tell.
_SPENT = ("PerDay", "PerMonth")
_MONEY_WORDS = ("prepayment credits", "spending cap", "spend cap", "billing account", "billing is")


def client(to: Connection) -> Client:
    import httpx2
    from google import genai
    from google.genai import types

    options = types.HttpOptions(
        base_url=to.url,
        timeout=round(to.seconds * 1000),  # milliseconds
        httpx_async_client=httpx2.AsyncClient(**to.transport()),  # else aiohttp is taken where there is one
    )
    return genai.Client(api_key=to.key or NO_KEY, vertexai=False, http_options=options)


def foreign() -> tuple[type[Exception], ...]:
    """The roots of all that it raises."""
    from google.genai import errors

    read = (errors.UnknownApiResponseError, json.JSONDecodeError, UnicodeDecodeError, ValidationError)
    return (errors.APIError, *read, *http_errors())


def told_in_body(error: object, at: Endpoint, headers: Mapping[str, str] | None = None) -> AIWriterError:
    """An error as Google writes it, with its status inside; when to come back stands there or in a header."""
    fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    code, message = fields.get("code"), str(fields.get("message") or error)
    details = [one for one in fields.get("details") or [] if isinstance(one, dict)]
    status = code if isinstance(code, int) else 500
    wait = next((str(one["retryDelay"]) for one in details if "retryDelay" in one), "")
    told = {"retry-after": wait} if wait else headers or {}
    kind = str(fields.get("status") or "")
    return from_status(status, kind, message, told, at, money=_is_about_money(message, details))


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
    # answers that are errors
    "google.APIError": _by_status,
    "google.ClientError": _by_status,
    "google.ServerError": _by_status,
    # answers that cannot be read
    "google.UnknownApiResponseError": no_answer,
    "json.JSONDecodeError": no_answer,
    "builtins.UnicodeDecodeError": no_answer,
    "pydantic_core.ValidationError": no_answer,
    "google.ContinuationInterruptedError": lost,
    # wrong use of the SDK: settings that make a request impossible
    "google.EphemeralTokenAPIKeyError": impossible,
    "google.FunctionInvocationError": impossible,
    "google.UnknownFunctionCallArgumentError": impossible,
    "google.UnsupportedFunctionError": impossible,
}

SDK: Sdk[Client] = Sdk(client, foreign, TABLE)
