"""Parts start in order, come back when they die, are named when they cannot, and go when they are to go."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from aiwriter import servers
from aiwriter.supervision.supervisor import LARGEST_LOG, Change, Part, State, Supervisor
from aiwriter.testing.parts import QUICK, all_gone, is_alive, python, server_part

NOTE = "import sys, time; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n'); time.sleep(float(sys.argv[3]))"


class Told(list[Change]):
    """Everything that the supervisor told."""

    def states(self, name: str) -> list[State]:
        return [change.state for change in self if change.name == name]

    async def until(self, said: Callable[[], object], seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while not said():
            assert time.monotonic() < deadline, f"it did not come to that: {self}"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def supervised(home: Path, *parts: Part, limits=QUICK) -> AsyncIterator[tuple[Supervisor, Told]]:
    told = Told()
    supervisor = Supervisor(home, home, parts, told.append, limits)
    try:
        async with asyncio.timeout(30):
            await supervisor.start()
            yield supervisor, told
    finally:
        await supervisor.stop()


def pid_of(home: Path, name: str) -> int:
    pid = servers.read(home)[name].pid
    assert pid is not None
    return pid


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


async def test_a_part_is_ready_when_it_answers_and_is_then_in_servers_json(home: Path) -> None:
    part = server_part("one")
    async with supervised(home, part) as (_, told):
        assert told.states("one") == [State.STARTING, State.READY]
        assert servers.known(home, "one") == part.address
        assert is_alive(pid_of(home, "one"))
    assert told.states("one")[-1] is State.STOPPED
    assert servers.read(home) == {}


async def test_a_part_starts_when_those_it_needs_are_ready_and_stops_before_them(home: Path) -> None:
    parts = [server_part("last", needs=("middle",)), server_part("middle", needs=("first",)), server_part("first")]
    async with supervised(home, *parts) as (_, told):
        pass
    ready = [change.name for change in told if change.state is State.READY]
    stopped = [change.name for change in told if change.state is State.STOPPED]
    assert (ready, stopped) == (["first", "middle", "last"], ["last", "middle", "first"])
    assert told.index(next(c for c in told if c.name == "middle")) > told.index(
        next(c for c in told if c.name == "first" and c.state is State.READY)
    )


async def test_an_early_part_loads_while_what_it_needs_starts_and_still_stops_first(home: Path) -> None:
    async with supervised(home, server_part("early", needs=("late",), early=True), server_part("late")) as (_, told):
        assert [change.state for change in told[:2]] == [State.STARTING, State.STARTING]
    assert [change.name for change in told if change.state is State.STOPPED] == ["early", "late"]


async def test_what_is_not_among_the_parts_was_joined_and_is_not_waited_for(home: Path) -> None:
    async with supervised(home, server_part("one", needs=("joined elsewhere",))) as (_, told):
        assert told.states("one")[-1] is State.READY


def test_parts_that_need_one_another_in_a_circle_are_refused(home: Path) -> None:
    parts = [server_part("one", needs=("two",)), server_part("two", needs=("one",))]
    with pytest.raises(ValueError, match="circle: one, two"):
        Supervisor(home, home, parts, print)


async def test_a_part_that_is_killed_comes_back_at_the_same_address(home: Path) -> None:
    part = server_part("one")
    async with supervised(home, part) as (_, told):
        first = pid_of(home, "one")
        os.kill(first, signal.SIGKILL)
        await told.until(lambda: told.states("one").count(State.READY) == 2)
        assert pid_of(home, "one") != first
        assert servers.known(home, "one") == part.address
        ended = next(change for change in told if change.state is State.ENDED)
        assert "was ended by SIGKILL" in ended.detail
        assert str(home / "logs" / "one.log") in ended.detail


async def test_a_part_that_cannot_live_is_named_and_the_others_stay(home: Path) -> None:
    broken = Part("broken", python("print('no such table'); raise SystemExit(4)"), is_healthy=lambda: False)
    async with supervised(home, broken, server_part("well")) as (supervisor, told):
        assert told.states("broken").count(State.STARTING) == QUICK.most_ends
        assert list(supervisor.failed) == ["broken"]
        assert "it ended 5 times within" in supervisor.failed["broken"]
        assert "ended with code 4; it said 'no such table'" in supervisor.failed["broken"]
        assert is_alive(pid_of(home, "well"))


async def test_who_needs_a_part_that_failed_is_named_too(home: Path) -> None:
    broken = Part("broken", ("no-such-command",), is_healthy=lambda: False)
    async with supervised(home, broken, server_part("upon it", needs=("broken",))) as (supervisor, _):
        assert supervisor.failed["upon it"] == "it needs broken, which failed"


async def test_a_part_that_is_not_ready_in_time_is_started_again_while_the_others_go_on(home: Path) -> None:
    open_now = home / "open now"
    slow = Part("slow", python(NOTE, home / "noted", "begun", 600), is_healthy=open_now.exists)
    parts = [slow, server_part("upon it", needs=("slow",)), server_part("well")]
    async with supervised(home, *parts, limits=replace(QUICK, start_seconds=1.0)) as (supervisor, told):
        assert State.READY in told.states("well")
        assert list(supervisor.late) == ["slow", "upon it"]
        await told.until(lambda: State.ENDED in told.states("slow"))
        open_now.touch()
        await told.until(lambda: State.READY in told.states("upon it"))
        assert told.states("slow")[-2:] == [State.STARTING, State.READY]
        assert any("it was not ready after 1 s" in change.detail for change in told)
        assert (supervisor.late, supervisor.failed) == ({}, {})


async def test_a_part_that_is_never_ready_in_time_is_ended_and_named(home: Path) -> None:
    slow = Part("slow", python(NOTE, home / "noted", "begun", 600), is_healthy=lambda: False)
    limits = replace(QUICK, start_seconds=0.1, most_ends=3)
    async with supervised(home, slow, limits=limits) as (supervisor, told):
        await told.until(lambda: State.FAILED in told.states("slow"))
        assert "nor the 2 times before" in supervisor.failed["slow"]


async def test_a_part_that_is_late_is_waited_for_while_its_log_grows(home: Path) -> None:
    log = home / "logs" / "slow.log"
    busy = Part("slow", python("import time\nwhile True: print('busy', flush=True); time.sleep(0.05)"))
    slow = replace(busy, is_healthy=lambda: log.exists() and log.read_text().count("busy") > 40)
    async with supervised(home, slow, limits=replace(QUICK, start_seconds=0.8)) as (_, told):
        await told.until(lambda: State.READY in told.states("slow"))
        assert State.ENDED not in told.states("slow")
        assert any("its log grows, so it is waited for" in change.detail for change in told)


async def test_the_time_of_an_early_part_begins_when_what_it_needs_is_ready(home: Path) -> None:
    waited = home / "waited"
    needed = replace(server_part("late"), is_healthy=waited.exists)
    early = Part("early", python(NOTE, home / "noted", "begun", 600), needs=("late",), early=True)
    early = replace(early, is_healthy=waited.exists)
    async with supervised(home, early, needed, limits=replace(QUICK, start_seconds=1.0)) as (_, told):
        await told.until(lambda: State.ENDED in told.states("late"))
        waited.touch()
        await told.until(lambda: State.READY in told.states("early"))
        assert told.states("early") == [State.STARTING, State.READY]


async def test_a_part_that_falls_silent_is_started_again(home: Path) -> None:
    part = server_part("one")
    async with supervised(home, part) as (_, told):
        os.kill(pid_of(home, "one"), signal.SIGSTOP)
        await told.until(lambda: told.states("one").count(State.READY) == 2)
        assert any("did not answer" in change.detail for change in told)


async def test_commands_before_the_first_start_run_once(home: Path) -> None:
    once = (python(NOTE, home / "noted", "once", 0),)
    async with supervised(home, server_part("one", once=once)) as (_, told):
        os.kill(pid_of(home, "one"), signal.SIGKILL)
        await told.until(lambda: told.states("one").count(State.READY) == 2)
    assert (home / "noted").read_text() == "once\n"


async def test_a_command_before_the_first_start_that_fails_is_told(home: Path) -> None:
    once = (python("raise SystemExit('the pool is missing')"),)
    async with supervised(home, server_part("one", once=once)) as (supervisor, _):
        assert "the pool is missing" in supervisor.failed["one"]


async def test_a_lock_is_held_while_the_part_lives_and_waited_for_by_name(home: Path) -> None:
    path = home / "chroma" / "some.lock"
    path.parent.mkdir()
    limits = replace(QUICK, start_seconds=0.3, lock_seconds=0.1)
    with FileLock(path):
        async with supervised(home, server_part("one", lock=path), limits=limits) as (supervisor, told):
            assert any(f"waits for {path}" in change.detail for change in told)
            assert supervisor.failed == {"one": f"another process holds {path}"}
    async with supervised(home, server_part("one", lock=path)) as (_, told):
        assert told.states("one")[-1] is State.READY
        with pytest.raises(TimeoutError):
            FileLock(path, timeout=0).acquire()
    FileLock(path, timeout=0).acquire()


async def test_stopping_while_starting_leaves_nothing(home: Path) -> None:
    before = children_of(os.getpid())  # servers of the test run
    slow = Part("slow", python(NOTE, home / "noted", "begun", 600), is_healthy=lambda: False)
    supervisor = Supervisor(home, home, [slow, server_part("later", needs=("slow",))], lambda _: None, QUICK)
    starting = asyncio.create_task(supervisor.start())
    await Told().until((home / "noted").exists)
    starting.cancel()
    await supervisor.stop()
    assert children_of(os.getpid()) == before


async def test_who_does_not_want_to_stop_is_hurried(home: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    stubborn = Part("stubborn", python(code), is_healthy=lambda: bool((home / "logs" / "stubborn.log").read_text()))
    async with supervised(home, stubborn, limits=replace(QUICK, grace_seconds=60)) as (supervisor, _):
        pid = pid_of(home, "stubborn")
        stopping = asyncio.create_task(supervisor.stop())
        await asyncio.sleep(0.1)
        supervisor.hurry()
        await asyncio.wait_for(stopping, 5)
        assert all_gone([pid])


async def test_a_large_log_is_set_aside_at_the_start_and_while_the_part_runs(home: Path) -> None:
    log = home / "logs" / "one.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (LARGEST_LOG + 1))
    async with supervised(home, server_part("one")):
        assert log.stat().st_size < 1000
        assert log.with_name("one.log.1").stat().st_size > LARGEST_LOG
        with log.open("ab") as of_the_part:
            of_the_part.write(b"y" * (LARGEST_LOG + 1))
            async with asyncio.timeout(30):
                while log.stat().st_size:  # noqa: ASYNC110 - told by the file alone
                    await asyncio.sleep(0.05)
            of_the_part.write(b"and on")
        assert log.read_bytes() == b"and on"
        assert set(log.with_name("one.log.1").read_bytes()) == {ord("y")}


def children_of(pid: int) -> Sequence[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "stat").read_text().rpartition(")")[2].split()[1] == str(pid) and is_alive(int(entry.name)):
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found
