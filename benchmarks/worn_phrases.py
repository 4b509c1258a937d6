"""How often people write each cluster of worn-out phrases: the `human` figures of pipeline/quality/phrases.toml.

    python benchmarks/worn_phrases.py FOLDER [FOLDER …] [--show CLUSTER]

Hits per 1,000 words by cluster, one column a folder of Markdown; company that a cluster needs is asked for as in an
article. With --show every hit of a cluster is printed, to be read and judged.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from aiwriter.pipeline.marked_text import read
from aiwriter.pipeline.quality import phrases
from aiwriter.pipeline.quality.patterns import groups


def rates(folder: Path, show: str | None) -> tuple[Counter[str], int]:
    """(hits by cluster, words) of the Markdown under a folder."""
    found: Counter[str] = Counter()
    words = 0
    for file in sorted(folder.rglob("*.md")):
        text = read(file.read_text("utf-8"))
        for section in text.sections:
            words += sum(len(sentence.text.split()) for sentence in section.sentences)
            for hit in phrases.hits(section, groups(phrases.PATTERNS, text.language)):
                found[hit.cluster.name] += 1
                if hit.cluster.name == show:
                    print(f"{file.stem[:24]:24} [{hit.sentence.text[slice(*hit.span)]}] {hit.sentence.text[:120]}")
    return found, words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--show")
    given = parser.parse_args()
    measured = [rates(folder, given.show) for folder in given.folders]
    print("words".ljust(20), *(f"{words:10}" for _, words in measured))
    for cluster in groups(phrases.PATTERNS, "en"):
        print(cluster.name.ljust(20), *(f"{1000 * found[cluster.name] / words:10.3f}" for found, words in measured))


if __name__ == "__main__":
    main()
