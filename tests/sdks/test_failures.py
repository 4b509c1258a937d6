"""The tables of errors are complete, and each kind of failure becomes the error its caller can act on."""

import inspect
from collections.abc import Iterator
from importlib import import_module

import httpx2
import pytest

from aiwriter.errors import AccountRefused, AIWriterError, ModelUnknown, ProviderRejected, RateLimited, Unavailable
from aiwriter.sdks import anthropic as anthropic_sdk
from aiwriter.sdks import gemini as gemini_sdk
from aiwriter.sdks import openai as openai_sdk
from aiwriter.sdks.failures import HTTP_CLIENT, Endpoint, Translator, from_status, name_of, translate

AT = Endpoint("openai:m", "http://127.0.0.1:1/v1", "sk-secret", "AIWRITER_OPENAI")
# Each table, the package whose errors it has, and where that package has them. By name: every process of a test run
# collects this file, and to import the SDKs takes seconds.
TABLES: dict[str, tuple[dict[str, Translator], str, str]] = {
    "openai": (openai_sdk.TABLE, "openai", "openai"),
    "anthropic": (anthropic_sdk.TABLE, "anthropic", "anthropic"),
    "google": (gemini_sdk.TABLE, "google.genai", "google.genai.errors"),
    "httpx2": (HTTP_CLIENT, "httpx2", "httpx2"),
}


def descendants(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def foreign_classes(module: str, package: str) -> set[type[BaseException]]:
    """What the library exports, what descends from that, and what else it has defined by now."""
    found = inspect.getmembers(import_module(module), inspect.isclass)
    exported = {kind for _, kind in found if issubclass(kind, Exception)}
    known = {child for kind in (*exported, ValueError) for child in descendants(kind)} | exported
    return {kind for kind in known if kind.__module__.startswith(package) and not issubclass(kind, Warning)}


@pytest.mark.parametrize("library", TABLES)
def test_every_error_class_of_the_library_is_in_its_table(library: str) -> None:
    import anthropic

    table, package, module = TABLES[library]
    missing = {name_of(kind) for kind in foreign_classes(module, package)} - set(table)
    by_status = {name_of(kind) for kind in descendants(anthropic.APIStatusError)}  # a class for every code of an error
    assert sorted(missing - by_status) == []


@pytest.mark.parametrize("library", TABLES)
def test_no_table_names_a_class_that_does_not_exist(library: str) -> None:
    table, package, module = TABLES[library]
    named = {name for name in table if name.startswith(f"{library}.")}
    assert sorted(named - {name_of(kind) for kind in foreign_classes(module, package)}) == []


def test_a_class_of_its_own_for_every_code_is_told_apart_by_its_status() -> None:
    import anthropic

    response = httpx2.Response(429, request=httpx2.Request("POST", AT.base_url))
    error = anthropic.RampLimitExceededError("too fast", response=response, body=None)
    assert type(translate(error, AT, anthropic_sdk.TABLE)) is RateLimited


STATUSES: dict[str, tuple[int, str, str, type[AIWriterError]]] = {
    "bad request": (400, "", "bad", ProviderRejected),
    "wrong key": (401, "", "bad key", AccountRefused),
    "no money": (402, "", "pay", AccountRefused),
    "forbidden": (403, "", "no", ProviderRejected),
    "no such model": (404, "", "what?", ModelUnknown),
    "too large": (413, "", "so long", ProviderRejected),
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


@pytest.mark.parametrize("said", ["Error code: 500 - oops", "500 oops", "oops", "Error code: 500"])
def test_the_status_is_said_once(said: str) -> None:
    told = str(from_status(500, "", said, {}, AT))
    assert (told.count("500"), "Error code" in told) == (1, False)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 529])
def test_each_says_what_to_do_next_to_whoever_asked_a_run_or_a_trial(status: int) -> None:
    hint = from_status(status, "", "no", {}, AT).hint
    assert hint
    assert "resume" not in hint.lower()


def test_only_an_answer_lost_on_the_way_may_have_been_billed() -> None:
    lost = [from_status(status, "", "", {}, AT) for status in (500, 502, 503, 504)]
    assert [isinstance(error, Unavailable) and error.sent for error in lost] == [False, True, False, True]


@pytest.mark.parametrize("status", [503, 529])
def test_overload_that_says_when_to_come_back_is_a_rate_limit(status: int) -> None:
    error = from_status(status, "", "busy", {"Retry-After": "3"}, AT)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3.0


def test_a_server_that_loads_its_model_is_asked_again_when_that_may_be_done() -> None:
    """llama.cpp says so for half a minute after its start: three tries within three seconds were all too early."""
    error = from_status(503, "unavailable_error", "Loading model", {}, AT)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 30


def test_account_without_credit_is_told_what_to_mend() -> None:
    error = from_status(400, "invalid_request_error", "Your credit balance is too low to access the API", {}, AT)
    assert "billing" in (error.hint or "")


@pytest.mark.parametrize(("quota", "kind"), [("PerMinute", RateLimited), ("PerDay", AccountRefused)])
def test_googles_quota_of_a_minute_is_waited_for_and_that_of_a_day_is_not(
    quota: str, kind: type[AIWriterError]
) -> None:
    violations = [{"quotaId": f"GenerateRequests{quota}PerProjectPerModel-FreeTier"}]
    told = {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"violations": violations}, {"retryDelay": "27.5s"}],
    }
    error = gemini_sdk.told_in_body(told, AT)
    assert type(error) is kind
    assert getattr(error, "retry_after", 27.5) == 27.5


CAUSES = [
    (httpx2.ConnectError("refused"), False),
    (httpx2.ConnectTimeout("slow"), False),
    (httpx2.ReadTimeout("silent"), True),
    (httpx2.RemoteProtocolError("cut"), True),
    (RuntimeError("something else"), True),
]


@pytest.mark.parametrize(("cause", "sent"), CAUSES)
@pytest.mark.parametrize("library", ["openai", "anthropic"])
def test_connection_error_tells_whether_anything_was_sent(library: str, cause: Exception, sent: bool) -> None:
    table, _package, module = TABLES[library]
    error = import_module(module).APIConnectionError(request=httpx2.Request("POST", AT.base_url))
    error.__cause__ = cause
    translated = translate(error, AT, table)
    assert isinstance(translated, Unavailable)
    assert translated.sent is sent


def test_no_message_and_no_repr_repeats_the_key() -> None:
    assert "sk-secret" not in str(from_status(401, "", "Incorrect key sk-secret", {}, AT))
    assert "sk-secret" not in repr(AT)


def test_hint_names_the_settings_of_the_provider_that_failed() -> None:
    at = Endpoint("gemini:m", "http://127.0.0.1:1", "", "AIWRITER_GEMINI")
    assert "AIWRITER_GEMINI_API_KEY or GEMINI_API_KEY" in (from_status(401, "", "no", {}, at).hint or "")
