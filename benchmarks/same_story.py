"""How well the same story is told from another: copies of articles, cut, edited and re-headed, and independent texts.

    python -m benchmarks.same_story FOLDER

FOLDER holds articles as Markdown. Copies of each: its beginning; its beginning re-headed with two paragraphs of
somebody else's; with 5, 10, 15 and 20 words in a hundred replaced, figures as they were; cut and edited. Told anew: the
same text with one figure exchanged, or one in ten. Independent: all pairs of articles, both halves of one (its
paragraphs in turn: same topic, same hand), and its opening against its body (same facts, other sentences).
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from aiwriter.pipeline.stories import SAME_STORY, containment, shingled
from aiwriter.text.figures import contradict, figures, slots

WIDTHS = (3, 4, 5, 7)
OPENING = 4  # paragraphs


def paragraphs_of(file: Path) -> list[str]:
    parts = file.read_text(encoding="utf-8").split("\n\n")
    return [part for part in parts if len(part.split()) > 15 and not part.startswith("#")]


def edited(text: str, share: float, chance: random.Random, lexicon: list[str]) -> str:
    """A word with a figure is neither exchanged nor put in: a copy with another figure is no copy."""
    return " ".join(
        chance.choice(lexicon) if chance.random() < share and not figures(word) else word for word in text.split()
    )


def told_anew(text: str, share: float, chance: random.Random) -> str:
    """The text with this share of its numbers exchanged, with one at least."""
    places = list(re.finditer(r"\d+", text))
    for match in sorted(chance.sample(places, max(1, round(share * len(places)))), key=lambda one: -one.start()):
        text = f"{text[: match.start()]}{int(match.group()) + 1}{text[match.end() :]}"
    return text


def copies(articles: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    chance = random.Random(7)
    lexicon = [word for article in articles for part in article for word in part.split() if not figures(word)]
    for number, article in enumerate(articles):
        whole = "\n\n".join(article)
        beginning = "\n\n".join(article[: max(2, len(article) * 2 // 5)])
        other = articles[(number + 1) % len(articles)][:2]
        yield "cut to 40 %", whole, beginning
        yield "re-headed", whole, "\n\n".join([*other, beginning])
        for share in (0.05, 0.10, 0.15, 0.20):
            yield f"edited {share:.0%}", whole, edited(whole, share, chance, lexicon)
        yield "cut and edited 10 %", whole, edited(beginning, 0.10, chance, lexicon)


def anew(articles: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    chance = random.Random(7)
    for article in articles:
        whole = "\n\n".join(article)
        yield "one figure exchanged", whole, told_anew(whole, 0, chance)
        yield "one figure in ten", whole, told_anew(whole, 0.1, chance)
        yield "cut, one figure", whole, told_anew("\n\n".join(article[: max(2, len(article) * 2 // 5)]), 0, chance)


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
        for pairs in (copies(articles), anew(articles), independent(articles)):
            by_kind: dict[str, list[tuple[float, bool]]] = {}
            for kind, one, other in pairs:
                share = containment(shingled(one, width), shingled(other, width))
                same = share >= SAME_STORY and not contradict(slots(one), slots(other))
                by_kind.setdefault(kind, []).append((share, same))
            for kind, values in by_kind.items():
                shares = [share for share, _ in values]
                alike, told = sum(share >= SAME_STORY for share in shares), sum(same for _, same in values)
                low, high = min(shares), max(shares)
                print(f"  {kind:<20} {len(values):>4} pairs  {low:.3f} – {high:.3f}  alike: {alike}  the same: {told}")


if __name__ == "__main__":
    main()
