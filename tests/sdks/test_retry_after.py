"""Every form in which a provider says when to come back."""

from datetime import UTC, datetime

import pytest

from aiwriter.sdks.retry_after import retry_after

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

FORMS = {
    "seconds": ({"Retry-After": "7"}, 7.0),
    "decimal": ({"retry-after": "1.5"}, 1.5),
    "HTTP date": ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 30.0),
    "a date that is past": ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT"}, 0.0),
    "negative": ({"Retry-After": "-5"}, 0.0),
    "huge": ({"Retry-After": "86400"}, 86400.0),
    "missing": ({}, None),
    "nonsense": ({"Retry-After": "soon"}, None),
    "not finite": ({"Retry-After": "inf"}, None),
    "milliseconds": ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    "a duration": ({"Retry-After": "1m30s"}, 90.0),
    "reset of requests": ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
    "reset of what is spent": (
        {
            "x-ratelimit-remaining-requests": "12",
            "x-ratelimit-reset-requests": "1h",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "20ms",
        },
        0.02,
    ),
    "reset as Unix time": ({"x-ratelimit-reset": "1795341615"}, 15.0),
    "reset as Unix time in milliseconds": ({"X-RateLimit-Reset": "1795341615500"}, 15.5),
    "a date by a clock that is slow": (
        {"Date": "Sun, 22 Nov 2026 09:00:00 GMT", "Retry-After": "Sun, 22 Nov 2026 09:00:30 GMT"},
        30.0,
    ),
    "reset as a moment": ({"anthropic-ratelimit-tokens-reset": "2026-11-22T10:00:12Z"}, 12.0),
}


@pytest.mark.parametrize(("headers", "seconds"), FORMS.values(), ids=FORMS.keys())
def test_header_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
