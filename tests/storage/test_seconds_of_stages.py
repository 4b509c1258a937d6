"""How long a run was worked on: what goes on side by side counts once, what goes on in turn counts each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aiwriter.storage.records import seconds_by_stage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def item(stage: str, began: float, ended: float) -> tuple[str, datetime, float]:
    return (stage, NOON + timedelta(seconds=ended), ended - began)


def test_sections_in_turn_add_up_and_side_by_side_count_once() -> None:
    assert seconds_by_stage([item("sections", 0, 4), item("sections", 4, 9)]) == {"sections": 9.0}
    assert seconds_by_stage([item("sections", 0, 4), item("sections", 1, 6)]) == {"sections": 6.0}


def test_waiting_between_is_not_work() -> None:
    assert seconds_by_stage([item("sections", 0, 4), item("sections", 1_000, 1_003)]) == {"sections": 7.0}


def test_all_stages_add_up_to_the_time_in_which_anything_was_done() -> None:
    found = seconds_by_stage([item("mending", 3, 7), item("sections", 0, 4), item("quality", 7, 8.5)])
    assert found == {"sections": 4.0, "mending": 3.0, "quality": 1.5}
    assert sum(found.values()) == pytest.approx(8.5)
