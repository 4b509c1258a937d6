"""Do cited sentences say what they cite? `python -m benchmarks.cited_sentences [--show]`.

benchmarks/data/cited_sentences.jsonl holds cited sentences as writers gave them, with the passages they cite, each read
by hand: yes, partly (some of it stands there, or it is twisted) or no. Writers are a real model of 1.5 billion
parameters over the example documents and a fake one that says again what passages say, a tenth of its sentences
spoiled in each of three ways (testing/citation_faults.py). Printed, writer by writer (trust.md G9):

    outcome    what our checker says of them, by words and by meaning as in a run, beside what the reader says
    standing   sentences that a finished article has: what is unsupported is taken out, what is unsure is marked
    reader     share of the standing that the reader calls yes (goal 90 %), of the unmarked and of all
    ours       share of the standing that our checker calls supported (goal: within 5 points of the reader)
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from aiwriter import embeddings
from aiwriter.documents import Support
from aiwriter.pipeline.claims import Claim, check_claims

LABELS = Path(__file__).parent / "data" / "cited_sentences.jsonl"
READINGS = ("yes", "partly", "no")


class CitedSentence(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    writer: Literal["model", "fake"]
    text: str
    passages: tuple[str, ...]
    reader: Literal["yes", "partly", "no"]
    why: str = ""


def read(file: Path = LABELS) -> list[CitedSentence]:
    return [CitedSentence.model_validate(json.loads(line)) for line in file.read_text("utf-8").splitlines()]


async def outcomes(sentences: Sequence[CitedSentence]) -> dict[str, Support]:
    """What our checker says of each, by id."""
    claims = [Claim(id=one.id, claim=one.text, sources=one.passages) for one in sentences]
    return {str(said.id): said.outcome async for said in check_claims(claims, embeddings.create("minilm"))}


def show(name: str, sentences: Sequence[CitedSentence], ours: dict[str, Support]) -> None:
    counts = Counter[tuple[Support, str]]((ours[one.id], one.reader) for one in sentences)
    print(f"\n{name}: {len(sentences)} cited sentences\n{'':<14}" + "".join(f"{reading:>8}" for reading in READINGS))
    for outcome in (Support.SUPPORTED, Support.UNSURE, Support.UNSUPPORTED):
        print(f"{outcome.value:<14}" + "".join(f"{counts[outcome, reading]:>8}" for reading in READINGS))
    standing = [one for one in sentences if ours[one.id] is not Support.UNSUPPORTED]
    unmarked = [one for one in standing if ours[one.id] is Support.SUPPORTED]
    print(
        f"standing {len(standing)}: the reader says yes of {_said(standing)}, of the unmarked {_said(unmarked)}, "
        f"of all that was written {_said(sentences)}; we say so of {len(unmarked) / max(1, len(standing)):.1%}"
    )


def _said(sentences: Sequence[CitedSentence]) -> str:
    return f"{sum(one.reader == 'yes' for one in sentences) / max(1, len(sentences)):.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--show", action="store_true", help="print the sentences on which we and the reader differ")
    given = parser.parse_args()
    sentences = read(given.labels)
    ours = asyncio.run(outcomes(sentences))
    for writer in ("model", "fake"):
        show(writer, [one for one in sentences if one.writer == writer], ours)
    show("all", sentences, ours)
    for one in sentences if given.show else ():
        if (one.reader == "yes") is not (ours[one.id] is Support.SUPPORTED):
            print(f"{one.id} reader {one.reader}, ours {ours[one.id].value}: {one.text}")


if __name__ == "__main__":
    main()
