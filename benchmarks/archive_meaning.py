"""How near by meaning an article of ours stands to a text that says the same, and to one that only shares its topic.

    python -m benchmarks.archive_meaning FOLDER [--articles 24]

FOLDER holds articles as Markdown. Every other paragraph of one is a text, the rest another on the same topic. Same:
the text with a quarter of its words replaced by others of the article, sentence by sentence, which shares hardly
any five words in a row with it. Measured is what `services/neighbours.py` gives the check: the mean, over the parts of
the draft, of the cosine to the nearest part of the stored text. The threshold of the formats lies between the two.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aiwriter import embeddings
from aiwriter.documents import ArticleKind, Draft, Paragraph, Section, Sentence
from aiwriter.pipeline import formats
from aiwriter.ports import Embedder
from aiwriter.services.articles import parts_of
from aiwriter.text import minhash
from benchmarks.copying import reworded, sentences_of

LEAST, MOST, CHANGED = 150, 600, 0.25


def halves(text: str) -> tuple[list[str], list[str]]:
    """The sentences of the odd and of the even paragraphs, of each at most MOST words."""
    whole = [one for one in text.split("\n\n") if not one.startswith(("#", "[")) and len(one.split()) > 20]
    odd, even = (cut([s for paragraph in whole[first::2] for s in sentences_of(paragraph)]) for first in (0, 1))
    return odd, even


def cut(texts: Sequence[str]) -> list[str]:
    words = np.cumsum([len(text.split()) for text in texts])
    return [text for text, count in zip(texts, words, strict=True) if count <= MOST]


def parts(texts: Sequence[str]) -> list[str]:
    paragraph = Paragraph(sentences=tuple(Sentence(text=text) for text in texts))
    section = Section(heading="", paragraphs=(paragraph,))
    return parts_of(Draft(kind=ArticleKind.ARTICLE, title="", sections=(section,)))


async def nearness(draft: Sequence[str], stored: Sequence[str], embedder: Embedder) -> float:
    mine, theirs = await embedder.embed(parts(draft)), await embedder.embed(parts(stored))
    return float((mine @ theirs.T).max(axis=1).mean())


async def measured(folder: Path, most: int) -> dict[str, list[float]]:
    embedder, chance = embeddings.create("minilm"), random.Random(6)
    found: dict[str, list[float]] = {"same": [], "same, shuffled": [], "topic": [], "wording of same": []}
    for file in sorted(folder.glob("*.md"))[:most]:
        one, other = halves(file.read_text("utf-8"))
        if min(sum(len(text.split()) for text in half) for half in (one, other)) < LEAST:
            continue
        again = reworded(one, " ".join(one).split(), chance, CHANGED)
        found["same"].append(await nearness(again, one, embedder))
        found["same, shuffled"].append(await nearness(chance.sample(again, len(again)), one, embedder))
        found["topic"].append(await nearness(one, other, embedder))
        found["wording of same"].append(minhash.jaccard(again, one))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=24)
    options = parser.parse_args()
    least = formats.load("blog_post").thresholds.archive_meaning_max
    for kind, values in asyncio.run(measured(options.folder, options.articles)).items():
        low, middle, high = np.percentile(values, [0, 50, 100])
        over = sum(value > least for value in values)
        print(f"{kind:<16} {low:.2f} to {high:.2f}, median {middle:.2f}; above {least}: {over} of {len(values)}")


if __name__ == "__main__":
    main()
