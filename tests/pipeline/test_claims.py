"""Many claims at once are judged as each would be alone; by meaning where the embedder knows words apart."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.embeddings.hashing import HashingEmbedder
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.claims import Claim, check_claims
from aiwriter.pipeline.quality import meaning

SOURCE = "The battery holds 4.8 MWh. The ferry carries 132 passengers and does not sail on Saturday."


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


async def test_many_claims_are_judged_by_several_processes_as_by_one() -> None:
    claims = [Claim(id=n, claim=f"The ferry carries {n} passengers.", sources=(SOURCE,)) for n in range(100, 180)]
    few = [[verdict async for verdict in check_claims(claims[n : n + 40])] for n in (0, 40)]
    assert [verdict async for verdict in check_claims(claims)] == few[0] + few[1]
    assert [verdict.id for verdict in few[0] + few[1] if verdict.outcome is not Support.UNSUPPORTED] == [132]


async def test_other_words_for_the_same_thing_count_by_meaning(minilm: MiniLM) -> None:
    source = "The physician examined the sick child at the hospital."
    said = Claim(id=1, claim="A doctor looked at the ill kid in hospital.", sources=(source,))
    astray = Claim(id=2, claim="A lawyer paid for the old roof in hospital.", sources=(source,))
    by_words = [verdict.probability async for verdict in check_claims([said, astray])]
    by_meaning = [verdict.probability async for verdict in check_claims([said, astray], minilm)]
    assert by_meaning[0] / by_meaning[1] > 1.5 * by_words[0] / by_words[1]


async def test_a_changed_number_is_found_whatever_the_meaning_is_like(minilm: MiniLM) -> None:
    changed = Claim(id=1, claim="The ferry takes 148 passengers.", sources=(SOURCE,))
    assert [verdict.outcome async for verdict in check_claims([changed], minilm)] == [Support.UNSUPPORTED]


def test_other_embedders_have_no_say() -> None:
    assert meaning.knows_words(HashingEmbedder(8)) is None


@pytest.mark.parametrize(
    ("said", "source", "outcome"),
    [
        ("La empresa ganó 1,4 millones de euros.", "La empresa ganó 1,3 millones de euros.", Support.UNSUPPORTED),
        ("La empresa ganó 1,4 millones de euros.", "La empresa ganó 1,4 millones de euros.", Support.SUPPORTED),
        ("Der Umsatz betrug 1,2 Millionen Euro.", "Der Umsatz betrug 1.200.000 Euro.", Support.SUPPORTED),
        ("Le chiffre d'affaires atteint 2,5 milliards d'euros.", "Le chiffre d'affaires atteint 2,4 milliards d'euros.",
         Support.UNSUPPORTED),
        ("La società ha guadagnato 1,4 milioni di euro.", "La società ha guadagnato 1,3 milioni di euro.",
         Support.UNSUPPORTED),
    ],
)  # fmt: skip
async def test_short_claims_that_name_no_language_are_read_by_their_numbers_and_scale_words(said, source, outcome):
    (verdict,) = [one async for one in check_claims([Claim(id=1, claim=said, sources=(source,))])]
    assert verdict.outcome is outcome


@pytest.mark.parametrize("sources", [(), ("", " \n")])
async def test_a_claim_without_any_source_is_told_so(sources):
    (verdict,) = [one async for one in check_claims([Claim(id=1, claim="It carries 132 people.", sources=sources)])]
    assert verdict.outcome is Support.UNSUPPORTED
    assert [finding.message for finding in verdict.findings] == [
        "No source was given with this claim, so nothing supports it."
    ]
