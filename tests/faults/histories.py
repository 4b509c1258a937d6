"""What the history of a run may say: its status moves only forward, and nobody writes to what is not theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiwriter.documents import RunEvent, RunStatus

Q, R, W, F = RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.FAILED
ENDED = (RunStatus.DONE, RunStatus.REFUSED, RunStatus.CANCELLED, F)

MOVES: Mapping[str, tuple[tuple[RunStatus, ...], RunStatus]] = {  # from which status an event leads to which
    "run.started": ((Q, R, F), R),  # from running: the lease of who had it before has lapsed
    "run.reclaimed": ((R,), Q),
    "run.waiting": ((R,), W),
    "run.approved": ((W,), Q),
    "run.resumed": ((F, RunStatus.REFUSED), Q),
}
ENDS: Mapping[RunStatus, tuple[RunStatus, ...]] = {  # from which status a run may end so
    RunStatus.DONE: (R,),
    RunStatus.REFUSED: (R,),
    RunStatus.FAILED: (R, Q),
    RunStatus.CANCELLED: (R, Q, W),
}


def assert_history(events: Sequence[RunEvent]) -> RunStatus:
    """The status that the events of a run lead to, from its first on."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].kind == "run.queued"
    status = RunStatus.QUEUED
    for event in events[1:]:
        told = f"{event.kind} while {status}, in {[f'{one.seq} {one.kind}' for one in events]}"
        if event.kind == "run.finished":
            ended = RunStatus(str(event.data["status"]))
            assert status in ENDS[ended], told
            status = ended
        elif event.kind in MOVES:
            before, after = MOVES[event.kind]
            assert status in before, told
            status = after
        elif event.kind == "run.submitted":
            assert status not in ENDED, told
        else:  # told by whoever works on it
            assert status is R, told
    return status
