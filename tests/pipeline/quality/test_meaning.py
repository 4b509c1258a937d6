"""Judging by meaning: section by section or at the end, the judgement is the same to the last digit."""

from __future__ import annotations

from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline import quality
from aiwriter.pipeline.quality import meaning

TEXTS = (
    "The Lanternfish was built in Torvick. She has a battery of 4.8 MWh, which the island's grid charges by day.",
    "Complaints about noise fell from 43 to 6 in a year. The board chose the battery over a second diesel engine.",
)


async def test_a_draft_is_judged_the_same_whenever_its_words_were_read(draft, evidence, brief, fmt) -> None:
    given = evidence(*TEXTS)
    one, other = (item.passage.id for item in given.items)
    said = [
        [("The ship came from a yard at Torvick and is charged from the grid in daytime.", [one])],
        [("Far fewer people complain of the noise: 6 where 43 did.", [other]), ("Steam drives her.", [one, other])],
    ]
    written, late, early = draft(*said), MiniLM(), MiniLM()
    for section in written.sections:
        await meaning.heard(written.model_copy(update={"sections": (section,)}), given, brief, early)
    judged = [
        quality.judge(await meaning.heard(written, given, brief, one), given, brief, fmt) for one in (late, early)
    ]
    assert any(verdict.meaning for verdict in judged[0].sentences)
    assert judged[0].model_dump_json() == judged[1].model_dump_json()
