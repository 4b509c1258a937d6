"""What is submitted on a worker's own machine is heard of at once."""

from __future__ import annotations

import os
from pathlib import Path

from flows.doorbell import Doorbell


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
