"""What is submitted on a worker's own machine is heard of at once, elsewhere within seconds."""

from __future__ import annotations

import os
from pathlib import Path

from flows.doorbell import Doorbell, Rhythm


def test_every_worker_hears_a_ring_once(tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    one, other = Doorbell(tmp_path), Doorbell(tmp_path)
    assert not one.has_rung()
    Doorbell(tmp_path).ring()
    assert (one.has_rung(), one.has_rung(), other.has_rung()) == (True, False, True)


def test_what_rang_before_a_worker_came_is_not_for_it(tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    Doorbell(tmp_path).ring()
    late = Doorbell(tmp_path)
    assert not late.has_rung()
    os.utime(tmp_path / "prefect" / "submitted", (1, 1))  # whatever its clock says
    assert late.has_rung()


def test_without_a_home_nothing_rings_and_nothing_breaks(tmp_path: Path) -> None:
    bell = Doorbell(tmp_path / "gone")
    bell.ring()
    assert not bell.has_rung()


def asked(rhythm: Rhythm, begin: int, end: int, *, busy: bool = False) -> list[int]:
    """The seconds at which somebody who looks every second asks."""
    return [second for second in range(begin, end) if rhythm.is_due(second, at_once=False, busy=busy)]


def test_a_worker_without_work_asks_every_three_seconds() -> None:
    assert asked(Rhythm(), 0, 10) == [0, 3, 6, 9]


def test_a_worker_that_has_work_or_had_some_a_minute_ago_asks_every_second() -> None:
    rhythm = Rhythm()
    assert asked(rhythm, 0, 5, busy=True) == [0, 1, 2, 3, 4]
    assert asked(rhythm, 5, 70) == [*range(5, 64), 66, 69]


def test_who_is_told_of_work_asks_at_once_and_is_awake() -> None:
    rhythm = Rhythm()
    assert rhythm.is_due(0, at_once=False, busy=False)
    assert rhythm.is_due(0.1, at_once=True, busy=False)
    assert not rhythm.is_due(1, at_once=False, busy=False)
    assert rhythm.is_due(1.2, at_once=False, busy=False)
