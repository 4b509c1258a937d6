"""The error table is complete, and each kind of failure becomes the error its caller can act on."""

import inspect
from collections.abc import Iterator

import httpx2
import openai
import pytest

from aiwriter.errors import AccountRefused, AIWriterError, ProviderRejected, RateLimited, Unavailable
from aiwriter.llm.openai_errors import TABLE, Endpoint, from_status, name_of, translate

AT = Endpoint("openai:m", "http://127.0.0.1:1/v1", "sk-secret")


def descendants(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def foreign_classes() -> set[str]:
    exported = [kind for library in (openai, httpx2) for _, kind in inspect.getmembers(library, inspect.isclass)]
    errors = {kind for kind in exported if issubclass(kind, Exception)}
    errors |= {child for kind in list(errors) for child in descendants(kind)}
    return {name_of(kind) for kind in errors if kind.__module__.startswith(("openai", "httpx2"))}


def test_every_error_class_of_the_sdk_and_its_client_is_in_the_table() -> None:
    assert sorted(foreign_classes() - set(TABLE)) == []


def test_the_table_names_no_class_that_does_not_exist() -> None:
    assert sorted(set(TABLE) - foreign_classes()) == []


STATUSES: dict[str, tuple[int, str, str, type[AIWriterError]]] = {
    "bad request": (400, "", "bad", ProviderRejected),
    "wrong key": (401, "", "bad key", AccountRefused),
    "no money": (402, "", "pay", AccountRefused),
    "forbidden": (403, "", "no", ProviderRejected),
    "no such model": (404, "", "what?", ProviderRejected),
    "unprocessable": (422, "", "eh", ProviderRejected),
    "time-out of the server": (408, "", "slow", Unavailable),
    "conflict": (409, "", "again", Unavailable),
    "too many": (429, "rate_limit_exceeded", "slow down", RateLimited),
    "quota by its code": (429, "insufficient_quota", "no", AccountRefused),
    "quota by its words": (429, "", "You exceeded your current quota, please check", AccountRefused),
    "server error": (500, "", "oops", Unavailable),
    "gateway": (502, "", "lost", Unavailable),
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


def test_overload_that_says_when_to_come_back_is_a_rate_limit() -> None:
    error = from_status(503, "", "busy", {"Retry-After": "3"}, AT)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3.0


@pytest.mark.parametrize(
    ("cause", "sent"),
    [
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout("slow"), False),
        (httpx2.ReadTimeout("silent"), True),
        (httpx2.RemoteProtocolError("cut"), True),
    ],
)
def test_connection_error_tells_whether_anything_was_sent(cause: Exception, sent: bool) -> None:
    error = openai.APIConnectionError(request=httpx2.Request("POST", AT.base_url))
    error.__cause__ = cause
    translated = translate(error, AT)
    assert isinstance(translated, Unavailable)
    assert translated.sent is sent


def test_no_message_repeats_the_key() -> None:
    assert "sk-secret" not in str(from_status(401, "", "Incorrect key sk-secret", {}, AT))
