"""Many claims at once are judged as each would be alone."""

from __future__ import annotations

from aiwriter.pipeline.claims import Claim, check_claims, judge

SOURCE = "The battery holds 4.8 MWh. The ferry carries 132 passengers and does not sail on Saturday."


async def test_many_claims_are_judged_by_several_processes_as_by_one() -> None:
    claims = [Claim(id=n, claim=f"The ferry carries {n} passengers.", sources=(SOURCE,)) for n in range(100, 180)]
    assert [verdict async for verdict in check_claims(claims)] == judge(claims)
