"""Runs that older versions left half finished are taken up by this one: they end, and no stored answer is asked for
again (trust.md R28).

Each file in old_runs/ is a SQLite database as the commit named in its first line left it: that version wrote to a fake
provider and killed itself at a statement of SQL, or waited for an approval. Nothing was changed but the lease, so that
it has lapsed by any calendar and belongs to no machine; the trigrams of an empty table are left out.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.documents import RunStatus
from aiwriter.storage import migrate, schema_state
from aiwriter.storage.schema import REVISIONS
from aiwriter.testing.fake_provider import FakeProvider
from tests.faults.forking import Forks
from tests.faults.test_kills import House

pytestmark = pytest.mark.flow

OLD_RUNS = sorted((Path(__file__).parent / "old_runs").glob("*.sql"))
SAMPLE = ("0001_two_calls_in_flight", "0004_answer_kept_but_no_section")


@dataclass(frozen=True)
class Call:
    """An attempt to call the model; its question is known by its place in the run."""

    status: str
    stage: str
    item: str
    ordinal: int

    @property
    def question(self) -> tuple[str, str, int]:
        return self.stage, self.item, self.ordinal


def loaded(dump: Path, file: Path) -> str:
    """The address of the database that the dump makes."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    return f"sqlite+aiosqlite:///{file}"


def stored(file: Path) -> tuple[UUID, dict[str, Call]]:
    """The one run there is, and its calls by id, in whichever version of the tables."""
    with closing(sqlite3.connect(file)) as connection:
        ((run_id,),) = connection.execute("SELECT id FROM runs")
        calls = connection.execute("SELECT id, status, stage, item, ordinal FROM model_calls").fetchall()
    return UUID(run_id), {call[0]: Call(*call[1:]) for call in calls}


def sample() -> list[Any]:
    """Two for `make test`, all for `make faults`."""
    kept = [(dump, () if dump.stem in SAMPLE else (pytest.mark.faults,)) for dump in OLD_RUNS]
    return [pytest.param(dump, id=dump.stem, marks=marks) for dump, marks in kept]


@pytest.mark.parametrize("dump", sample())
async def test_a_run_of_an_older_version_ends_well_and_no_stored_answer_is_asked_for_again(
    dump: Path, forks: Forks, tmp_path: Path
) -> None:
    file = tmp_path / "aiwriter.db"
    url = loaded(dump, file)
    assert await schema_state(url) == ("current" if dump.stem.startswith(REVISIONS[-1]) else "old")
    await migrate(url)
    run_id, before = stored(file)
    async with FakeProvider() as provider:
        word = "approve" if "waits" in dump.stem else "resume"
        code, said = await House(forks, tmp_path, url, provider).run([word, str(run_id), "--json"])
    assert code in (0, 1), said
    assert said["status"] in (RunStatus.DONE, RunStatus.REFUSED), said
    _, after = stored(file)
    new = [call for call_id, call in after.items() if call_id not in before]
    assert len(provider.calls) == len(new)
    assert {call.status for call in new} <= {"answered"}
    answered = {call.question for call in before.values() if call.status == "answered"}
    assert [call for call in new if call.question in answered] == []
    for call_id, call in before.items():  # what was in flight may have been paid: it is not forgotten
        assert after[call_id].status == ("unknown" if call.status == "intent" else call.status)
