"""What a process remembers of the runs it carries."""

from __future__ import annotations

from aiwriter.ids import new_id
from tasks import tooling


async def test_what_does_not_change_of_a_run_in_hand_is_loaded_once_and_forgotten_with_it() -> None:
    run, other, loaded = new_id(), new_id(), list[str]()

    async def load() -> int:
        loaded.append("run")
        return len(loaded)

    with tooling._remembered(run):
        assert [await tooling.known(run, "brief", load) for _ in range(3)] == [1, 1, 1]
        assert await tooling.known(run, "outline", load) == 2
        assert [await tooling.known(other, "brief", load) for _ in range(2)] == [3, 4]
    assert await tooling.known(run, "brief", load) == 5
