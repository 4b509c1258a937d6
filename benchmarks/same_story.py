"""How well the same story is told from another: copies of articles, cut, edited and re-headed, and independent texts.

    python -m benchmarks.same_story FOLDER

FOLDER holds articles as Markdown. Copies of each: its beginning; its beginning re-headed with two paragraphs of
somebody else's; with 5, 10, 15 and 20 words in a hundred replaced; cut and edited. Independent: all pairs of articles,
both halves of one (its paragraphs in turn: same topic, same hand), and its opening against its body (same facts, other
sentences).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from aiwriter.pipeline.merging import SAME_STORY, containment, shingled

WIDTHS = (3, 4, 5, 7)
OPENING = 4  # paragraphs


def paragraphs_of(file: Path) -> list[str]:
    parts = file.read_text(encoding="utf-8").split("\n\n")
    return [part for part in parts if len(part.split()) > 15 and not part.startswith("#")]


def edited(text: str, share: float, chance: random.Random, lexicon: list[str]) -> str:
    return " ".join(chance.choice(lexicon) if chance.random() < share else word for word in text.split())


def copies(articles: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    chance = random.Random(7)
    lexicon = [word for article in articles for part in article for word in part.split()]
    for number, article in enumerate(articles):
        whole = "\n\n".join(article)
        beginning = "\n\n".join(article[: max(2, len(article) * 2 // 5)])
        other = articles[(number + 1) % len(articles)][:2]
        yield "cut to 40 %", whole, beginning
        yield "re-headed", whole, "\n\n".join([*other, beginning])
        for share in (0.05, 0.10, 0.15, 0.20):
            yield f"edited {share:.0%}", whole, edited(whole, share, chance, lexicon)
        yield "cut and edited 10 %", whole, edited(beginning, 0.10, chance, lexicon)


def independent(articles: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    for one, other in combinations(articles, 2):
        yield "two topics", "\n\n".join(one), "\n\n".join(other)
    for article in articles:
        yield "two halves of one", "\n\n".join(article[::2]), "\n\n".join(article[1::2])
        if len(article) > OPENING:
            yield "opening and body", "\n\n".join(article[:OPENING]), "\n\n".join(article[OPENING:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    articles = [found for file in sorted(parser.parse_args().folder.glob("*.md")) if (found := paragraphs_of(file))]
    print(f"{len(articles)} articles; the threshold in use is {SAME_STORY}")
    for width in WIDTHS:
        print(f"\nshingles of {width} words")
        for pairs in (copies(articles), independent(articles)):
            by_kind: dict[str, list[float]] = {}
            for kind, one, other in pairs:
                by_kind.setdefault(kind, []).append(containment(shingled(one, width), shingled(other, width)))
            for kind, values in by_kind.items():
                same = sum(value >= SAME_STORY for value in values)
                low, high = min(values), max(values)
                print(f"  {kind:<20} {len(values):>4} pairs  {low:.3f} – {high:.3f}  the same: {same}")


if __name__ == "__main__":
    main()
