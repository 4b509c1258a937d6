"""Where the passages of a run disagree is found once, kept by itself, and belongs to all that comes after."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from aiwriter.documents import Comparison, Disagreement, Evidence, Run, Stage
from aiwriter.errors import NotFound
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.services import comparing, runs, stages
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief, sample_evidence

WHO = Principal("tester", LOCAL_WORKSPACE)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


async def asked(database: MemoryDatabase, evidence: Evidence | None) -> Run:
    run = await runs.ask(database, WHO, sample_brief(), model="m:x", embedder="hashing:128", budget_usd=Decimal(1))
    if evidence is not None:

        async def chosen() -> Evidence:
            return evidence

        await stages.once(database, WHO, ManualClock(), run.id, Stage.EVIDENCE, Evidence, chosen)
    return run


def two_that_disagree() -> Comparison:
    one, other = (item.passage.id for item in sample_evidence().items[:2])
    found = Disagreement(
        one=one,
        one_sentence="It took 4 hours.",
        one_says="4 hours",
        other=other,
        other_sentence="It took 6 hours.",
        other_says="6 hours",
    )
    return Comparison(disagreements=(found,), notes=(f"{Disagreement.NOTED}4 hours where 6 hours",))


def comparer(made: Comparison) -> tuple[Callable, list[Evidence]]:
    looked: list[Evidence] = []

    async def compare(chosen: Evidence) -> Comparison:
        looked.append(chosen)
        return made

    return compare, looked


async def test_passages_are_compared_once_and_the_evidence_tells_of_it_from_then_on(database: MemoryDatabase) -> None:
    run = await asked(database, sample_evidence())
    compare, looked = comparer(two_that_disagree())
    assert await comparing.evidence_of(database, WHO, run.id) == sample_evidence()
    found = [await comparing.compared(database, WHO, ManualClock(), run.id, compare) for _ in range(3)]
    assert len(looked) == 1
    assert found == [sample_evidence().with_(two_that_disagree())] * 3
    assert await comparing.evidence_of(database, WHO, run.id) == found[0]


async def test_passages_that_agree_are_not_compared_again(database: MemoryDatabase) -> None:
    run = await asked(database, sample_evidence())
    compare, looked = comparer(Comparison())
    assert [await comparing.compared(database, WHO, ManualClock(), run.id, compare) for _ in range(2)] == [
        sample_evidence()
    ] * 2
    assert len(looked) == 1


async def test_before_its_passages_are_chosen_a_run_has_no_evidence(database: MemoryDatabase) -> None:
    run = await asked(database, None)
    with pytest.raises(NotFound, match="has not finished its stage evidence"):
        await comparing.evidence_of(database, WHO, run.id)
