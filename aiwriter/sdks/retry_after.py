"""When to come back, as providers say it: every form of header met in practice, as seconds from now."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_LONGEST_WAIT, _LAST_MOMENT = 86400.0 * 366, 1e11  # the latter in the year 5138, and as milliseconds in 1973
_WHOLE_DURATION = re.compile(rf"(?:{_DURATION.pattern})+")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, never negative; None when the headers do not say or cannot be understood.

    Order: `retry-after-ms`, `retry-after` (seconds or HTTP date, RFC 9110 10.2.3), then the reset of a spent limit
    (`x-ratelimit-reset-requests: 6m0s`, `anthropic-ratelimit-tokens-reset: 2026-11-22T10:00:00Z`,
    `x-ratelimit-reset: 1795341600`). Moments are told by the provider's clock: its `date`, or else `now`, is when it
    answered.
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    now = _http_date(lower.get("date", "")) or now
    found = _number(lower.get("retry-after-ms", ""))
    if found is not None:
        return max(0.0, found / 1000)
    if "retry-after" in lower:
        return _first(lower["retry-after"], now, _number, _http_date, _duration)
    return _spent_limit(lower, now)


def _spent_limit(headers: Mapping[str, str], now: datetime) -> float | None:
    """The latest reset among the limits that are spent; among all when none says what remains."""
    resets = {name: value for name, value in headers.items() if "ratelimit" in name and "reset" in name}
    spent = {name: value for name, value in resets.items() if headers.get(name.replace("reset", "remaining")) == "0"}
    waits = [_first(value, now, _duration, _iso_date, _unix_time, _number) for value in (spent or resets).values()]
    return max((wait for wait in waits if wait is not None), default=None)


def _first(value: str, now: datetime, *readers: Callable[[str], float | datetime | None]) -> float | None:
    for reader in readers:
        found = reader(value)
        if found is not None:
            seconds = (found - now).total_seconds() if isinstance(found, datetime) else found
            return max(0.0, seconds)
    return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso_date(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unix_time(value: str) -> datetime | None:
    """Seconds, or milliseconds, since 1970; what is less than a year of seconds is how long to wait."""
    number = _number(value)
    if number is None or not _LONGEST_WAIT < number < _LAST_MOMENT * 1000:
        return None
    return datetime.fromtimestamp(number if number < _LAST_MOMENT else number / 1000, UTC)


def _duration(value: str) -> float | None:
    if not _WHOLE_DURATION.fullmatch(value):
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in _DURATION.findall(value))
