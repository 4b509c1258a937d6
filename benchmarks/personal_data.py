"""Recall and precision of the rules for personal data and secrets, by kind, on lines that are made and labelled here.

    python benchmarks/personal_data.py [FOLDER_OF_ARTICLES] [--each 200] [--ordinary 1000] [--seed 1]

Ordinary lines are full of figures, codes and hashes that are nobody's; with a folder of articles 1,000 of their lines
are added. A find counts when its kind is right and it covers the value; everything else found is a false alarm.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from aiwriter.testing.personal import Labelled, lines_with, ordinary_lines
from aiwriter.text.identifiers import identifiers


def examine(lines: Iterable[Labelled]) -> tuple[Counter[str], Counter[str], list[str]]:
    """(asked, found by kind), then false alarms as "kind: line"."""
    asked: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    alarms: list[str] = []
    for one in lines:
        if one.kind:
            asked[one.kind] += 1
        for found in identifiers(one.line):
            if one.kind == found.kind and (one.value in found.text or found.text in one.value):
                hits[found.kind] += 1
            else:
                alarms.append(f"{found.kind}: {one.line}")
    return asked, hits, alarms


def written(folder: Path, rng: random.Random, count: int = 1000) -> list[Labelled]:
    """Lines of articles, taken at random."""
    found = [
        line for file in sorted(folder.glob("*.md")) for line in file.read_text("utf-8").splitlines() if line.strip()
    ]
    return [Labelled(line) for line in rng.sample(found, min(count, len(found)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, nargs="?")
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--ordinary", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    ordinary = list(ordinary_lines(rng, given.ordinary))
    if given.articles:
        ordinary += written(given.articles, rng)
    asked, hits, alarms = examine([*lines_with(rng, given.each), *ordinary])
    for kind in asked:
        false = sum(alarm.startswith(f"{kind}:") for alarm in alarms)
        precision = hits[kind] / max(1, hits[kind] + false)
        print(f"{kind:12} recall {hits[kind] / asked[kind]:6.1%}  precision {precision:6.1%}  of {asked[kind]}")
    total = hits.total()
    precision = total / (total + len(alarms))
    print(f"all          recall {total / asked.total():6.1%}  precision {precision:6.1%}")
    print(f"{len(ordinary)} ordinary lines, {len(alarms)} false alarms in all")
    for alarm in alarms[:20]:
        print("  false alarm", alarm[:160])


if __name__ == "__main__":
    main()
