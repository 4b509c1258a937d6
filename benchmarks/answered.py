"""How often an article that answers a topic already is named, and how often one that does not.

    python -m benchmarks.answered [--threshold 0.58]

Topics of answered.toml, written by hand: each is asked of an archive of all articles there. `same` is what an article
answers in other words, `near` what stands beside it. The threshold of the formats was chosen on these.
"""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aiwriter import embeddings
from aiwriter.pipeline import formats
from aiwriter.pipeline.answered import likeness


async def scores(data: Sequence[dict[str, Any]]) -> dict[tuple[str, str], list[float]]:
    """By kind, with meaning and by words alone: the likeness to the own article, and of "other" to the rest."""
    embedder = embeddings.create("minilm")
    texts = [text for one in data for text in (one["topic"], one["title"], *one["same"], *one["near"])]
    rows = dict(zip(texts, await embedder.embed(texts), strict=True))
    found = defaultdict(list)
    for article in data:
        given = [article["topic"], article["title"]]
        asked = [
            (kind if one is article else "other", text)
            for one in data
            for kind in ("same", "near")
            for text in one[kind]
        ]
        for kind, text in asked:
            cosines = [float(rows[text] @ rows[one]) for one in given]
            found[kind, "words and meaning"].append(likeness(text, given, "en", cosines))
            found[kind, "words alone"].append(likeness(text, given, "en"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threshold", type=float, default=formats.load("blog_post").thresholds.answered_min)
    least = parser.parse_args().threshold
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["article"]
    for (kind, by), found in sorted(asyncio.run(scores(data)).items()):
        told = np.array(found) >= least
        print(f"{by:<18} {kind:<6} named {told.sum():>4} of {len(told)} ({told.mean():.1%})")


if __name__ == "__main__":
    main()
