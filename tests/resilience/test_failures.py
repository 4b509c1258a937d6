"""The tables of foreign errors are complete, and each kind of failure becomes the error its caller can act on."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

import httpx2
import openai
import pytest
from google.genai import errors as genai

from aiwriter.errors import AIWriterError, ProviderRejected, RateLimited, Unavailable
from aiwriter.resilience.failures import Endpoint, Translator, from_status, name_of, row_of, translate
from aiwriter.resilience.failures.gemini import TABLE as GEMINI
from aiwriter.resilience.failures.gemini import told_in_body
from aiwriter.resilience.failures.openai import TABLE as OPENAI

AT = Endpoint("openai:m", "http://127.0.0.1:1/v1", "sk-secret", "AIWRITER_EMBEDDINGS", "AIWRITER_EMBEDDER")
LIBRARIES = {"openai": ((openai, httpx2), OPENAI), "google": ((genai, httpx2), GEMINI)}


def descendants(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def errors_of(*libraries: ModuleType) -> set[type[BaseException]]:
    exported = [kind for library in libraries for _, kind in inspect.getmembers(library, inspect.isclass)]
    found = {kind for kind in exported if issubclass(kind, Exception) and not issubclass(kind, Warning)}
    found |= {child for kind in list(found) for child in descendants(kind)}
    return {kind for kind in found if kind.__module__.partition(".")[0] in {"openai", "google", "httpx2"}}


@pytest.mark.parametrize(("libraries", "table"), LIBRARIES.values(), ids=LIBRARIES.keys())
def test_every_error_class_of_an_sdk_and_its_client_is_translated(
    libraries: tuple[ModuleType, ...], table: dict[str, Translator]
) -> None:
    assert sorted(name_of(kind) for kind in errors_of(*libraries) if row_of(kind, table) is None) == []


@pytest.mark.parametrize(("libraries", "table"), LIBRARIES.values(), ids=LIBRARIES.keys())
def test_a_table_names_no_class_that_does_not_exist(
    libraries: tuple[ModuleType, ...], table: dict[str, Translator]
) -> None:
    named = {name for name in table if name.partition(".")[0] in {"openai", "google", "httpx2"}}
    assert sorted(named - {name_of(kind) for kind in errors_of(*libraries)}) == []


STATUSES: dict[str, tuple[int, str, str, type[AIWriterError]]] = {
    "bad request": (400, "", "bad", ProviderRejected),
    "wrong key": (401, "", "bad key", ProviderRejected),
    "no money": (402, "", "pay", ProviderRejected),
    "no such model": (404, "", "what?", ProviderRejected),
    "conflict": (409, "", "again", Unavailable),
    "too many": (429, "rate_limit_exceeded", "slow down", RateLimited),
    "quota by its code": (429, "insufficient_quota", "no", ProviderRejected),
    "quota by its words": (429, "", "You exceeded your current quota, please check", ProviderRejected),
    "server error": (500, "", "oops", Unavailable),
    "overloaded": (529, "", "busy", Unavailable),
}


@pytest.mark.parametrize(("status", "code", "message", "kind"), STATUSES.values(), ids=STATUSES.keys())
def test_status_becomes_the_error_to_act_on(status: int, code: str, message: str, kind: type[AIWriterError]) -> None:
    error = from_status(status, code, message, {}, AT)
    assert type(error) is kind
    assert str(status) in str(error)


def test_only_an_answer_lost_on_the_way_may_have_been_billed() -> None:
    lost = [from_status(status, "", "", {}, AT) for status in (500, 502, 503, 504)]
    assert [isinstance(error, Unavailable) and error.sent for error in lost] == [False, True, False, True]


@pytest.mark.parametrize(
    ("cause", "sent"),
    [
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout("slow"), False),
        (httpx2.ReadTimeout("silent"), True),
        (httpx2.RemoteProtocolError("cut"), True),
        (OSError("of no library"), True),
    ],
)
def test_connection_error_tells_whether_anything_was_sent(cause: Exception, sent: bool) -> None:
    error = openai.APIConnectionError(request=httpx2.Request("POST", AT.base_url))
    error.__cause__ = cause
    translated = translate(error, AT, OPENAI)
    assert isinstance(translated, Unavailable)
    assert translated.sent is sent


def test_gemini_tells_a_spent_day_from_a_busy_minute_in_the_details() -> None:
    said = "You exceeded your current quota, please check your plan"
    day = {"code": 429, "message": said, "details": [{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}]}
    minute = {"code": 429, "message": said, "details": [{"retryDelay": "7s"}]}
    assert type(told_in_body(day, AT)) is ProviderRejected
    busy = told_in_body(minute, AT)
    assert isinstance(busy, RateLimited)
    assert busy.retry_after == 7


def test_no_message_repeats_the_key() -> None:
    assert "sk-secret" not in str(from_status(401, "", "Incorrect key sk-secret", {}, AT))
    assert "sk-secret" not in repr(AT)
