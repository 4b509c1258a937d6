"""No request leaves earlier than the provider allowed, in whichever form it says so: through the SDKs, to a provider on
loopback, by a clock of ours that notes every wait (trust.md R19)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from aiwriter.documents import Stage, utc_now
from aiwriter.errors import RateLimited
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallKey, LanguageModel, ModelRequest, Prompt
from aiwriter.resilience.breaker import MOST_SECONDS, Breakers
from aiwriter.resilience.layers import Gear, wrap_all
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_anthropic import Anthropic
from aiwriter.testing.fake_chat import Chat
from aiwriter.testing.fake_gemini import Gemini
from aiwriter.testing.fake_provider import Answer, FakeProvider
from aiwriter.testing.fake_responses import Responses
from aiwriter.testing.remotes import REMOTES, remote_model

TIMES = 20
JITTER = 1.1
HOUR = timedelta(hours=1)
WIRES = {"openai": Chat(), "openai-responses": Responses(), "gemini": Gemini(), "anthropic": Anthropic()}
STATUSES = {"gemini": 503}  # with 429 Google says in the body when to come back
Headers = Mapping[str, str]


def in_seconds(seconds: float, beside: timedelta = timedelta()) -> datetime:
    """That far from now, as a whole second by a clock that is so far beside."""
    return (utc_now() + beside + timedelta(seconds=seconds)).replace(microsecond=0)


# What is said, and the seconds for which nothing may be sent; None: it said nothing, and the house waits by itself.
SECONDS: dict[str, tuple[Headers, float | None]] = {
    "seconds": ({"Retry-After": "7"}, 7.0),
    "decimal": ({"retry-after": "1.5"}, 1.5),
    "negative": ({"Retry-After": "-5"}, 0.0),
    "missing": ({}, None),
    "nonsense": ({"Retry-After": "soon"}, None),
    "milliseconds": ({"retry-after-ms": "2500", "retry-after": "3"}, 2.5),
    "a duration": ({"Retry-After": "30s"}, 30.0),
    "reset of requests": ({"x-ratelimit-reset-requests": "12.5s"}, 12.5),
    "reset of what is spent": (
        {
            "x-ratelimit-remaining-requests": "12",
            "x-ratelimit-reset-requests": "1h",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "1s20ms",
        },
        1.02,
    ),
}

# The same as moments, by the provider's clock: what is said, and how far that clock is beside ours.
MOMENTS: dict[str, Callable[[], tuple[Headers, datetime, timedelta]]] = {
    "HTTP date": lambda: _http_date(30),
    "a date that is past": lambda: _http_date(-3600),
    "HTTP date of a fast clock": lambda: _http_date(30, HOUR),
    "HTTP date of a slow clock": lambda: _http_date(30, -HOUR),
    "reset as a moment": lambda: _reset("anthropic-ratelimit-tokens-reset", lambda moment: moment.isoformat()),
    "reset as Unix time": lambda: _reset("x-ratelimit-reset", lambda moment: str(int(moment.timestamp()))),
    "reset in milliseconds": lambda: _reset("x-ratelimit-reset", lambda moment: f"{int(moment.timestamp())}000"),
}

TOO_LONG: dict[str, tuple[Headers, float]] = {
    "huge": ({"Retry-After": "86400"}, 86_400.0),
    "just over a minute": ({"Retry-After": "61"}, 61.0),
    "reset in minutes": ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
    "beyond reason": ({"Retry-After": "9" * 30}, float("9" * 30)),
}


def _http_date(seconds: float, beside: timedelta = timedelta()) -> tuple[Headers, datetime, timedelta]:
    told = in_seconds(seconds, beside)
    own = {"Date": format_datetime(utc_now() + beside, usegmt=True)} if beside else {}
    return {"Retry-After": format_datetime(told, usegmt=True), **own}, told, beside


def _reset(name: str, written: Callable[[datetime], str]) -> tuple[Headers, datetime, timedelta]:
    told = in_seconds(20)
    return {name: written(told)}, told, timedelta()


class NotingClock(ManualClock):
    """Notes as well at which real moment each wait began."""

    def __init__(self) -> None:
        super().__init__()
        self.began: list[datetime] = []

    async def sleep(self, seconds: float) -> None:
        self.began.append(datetime.now(UTC))
        await super().sleep(seconds)


def cases(forms: Mapping[str, Any]) -> list[Any]:
    """Each form with one of the SDKs for `make test`; with each of them, and so often, for `make faults`."""
    return [
        pytest.param(kind, form, id=f"{kind}-{form}-{time}", marks=() if first else (pytest.mark.faults,))
        for number, form in enumerate(forms)
        for place, kind in enumerate(REMOTES)
        for time in range(TIMES)
        for first in [time == 0 and place == number % len(REMOTES)]
    ]


def busy(kind: str, headers: Headers) -> Answer:
    status, body = WIRES[kind].error(STATUSES.get(kind, 429), "Slow down", "rate_limit_exceeded")
    return Answer(status, json.dumps(body).encode(), headers, billed=False)


def asked() -> ModelRequest:
    return ModelRequest(CallKey(new_id(), Stage.SECTIONS), Prompt("test", "You answer.", "Which bird?", "hash"))


class House:
    """A model of this kind in all its layers; `process` makes another process at the same database and time."""

    def __init__(self, kind: str, provider: FakeProvider) -> None:
        self.kind, self.provider = kind, provider
        self.database, self.clock = MemoryDatabase(), NotingClock()

    def process(self) -> LanguageModel:
        journal, limits = self.database.journal(LOCAL_WORKSPACE), self.database.limits(self.clock)
        gear = Gear(journal, self.clock, shared=limits, breakers=Breakers())
        return wrap_all([remote_model(self.kind, self.provider)], gear)


@pytest.mark.parametrize(("kind", "form"), cases(SECONDS))
async def test_the_next_request_leaves_after_as_many_seconds_as_were_asked_for_and_hardly_later(
    kind: str, form: str
) -> None:
    headers, told = SECONDS[form]
    async with FakeProvider(faults={1: busy(kind, headers)}) as provider:
        house = House(kind, provider)
        await house.process().answer(asked())
        assert len(provider.calls) == 2
    (slept,) = house.clock.slept
    least = told or 1.0  # what the house waits by itself
    assert least <= slept <= least * JITTER


@pytest.mark.parametrize(("kind", "form"), cases(MOMENTS))
async def test_the_next_request_leaves_after_the_moment_that_was_told_by_the_providers_clock(
    kind: str, form: str
) -> None:
    headers, told, beside = MOMENTS[form]()
    async with FakeProvider(faults={1: busy(kind, headers)}) as provider:
        house = House(kind, provider)
        await house.process().answer(asked())
        assert len(provider.calls) == 2
    (began,), (slept,) = house.clock.began, house.clock.slept
    assert began + beside + timedelta(seconds=slept) >= told
    assert slept <= 31 * JITTER


@pytest.mark.parametrize(("kind", "form"), cases(TOO_LONG))
async def test_who_asks_for_more_than_a_minute_is_not_waited_for_and_left_alone_by_all(kind: str, form: str) -> None:
    headers, told = TOO_LONG[form]
    async with FakeProvider(faults={1: busy(kind, headers)}) as provider:
        house = House(kind, provider)
        for expected in (told, min(told, MOST_SECONDS)):
            with pytest.raises(RateLimited) as caught:
                await house.process().answer(asked())
            assert caught.value.retry_after == expected
        assert len(provider.calls) == 1
    assert house.clock.slept == []
