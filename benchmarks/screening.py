"""How well orders to a model are told from ordinary text: `python -m benchmarks.screening CORPUS [--benign FOLDER …]`.

CORPUS is `injections.jsonl` of the package bastioncorpus (MIT), lines of {"label": "malicious" | "benign", "text"}, or
BIPIA's attacks (MIT), a JSON object of lists of instructions. Every second line was looked at when the rules were made,
the others were not: both are reported. FOLDER holds ordinary pages (HTML, Markdown, text): how many are flagged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterable
from pathlib import Path

from aiwriter.errors import UnreadableSource
from aiwriter.sources import create_finder
from aiwriter.text.orders import orders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--benign", type=Path, nargs="*", default=[])
    parser.add_argument("--missed", action="store_true", help="show what was missed of the half that was looked at")
    options = parser.parse_args()
    for corpus in options.corpus:
        rows = read(corpus)
        for name, part in (("looked at", rows[::2]), ("not looked at", rows[1::2])):
            told = [(bad, bool(orders(text))) for bad, text in part]
            print(f"{corpus.name}, {name}: found {share(told, bad=True)}, false alarms {share(told, bad=False)}")
        if options.missed:
            print("\n".join(f"  {bad!s:5} {text[:150]!r}" for bad, text in rows[::2] if bad != bool(orders(text))))
    for folder in options.benign:
        asyncio.run(pages(folder, show=options.missed))


def read(path: Path) -> list[tuple[bool, str]]:
    """(whether it is an order, the text) of each row."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [(row["label"] == "malicious", row["text"]) for row in map(json.loads, text.splitlines())]
    return [(True, said) for kind in json.loads(text).values() for said in kind]


def share(told: Iterable[tuple[bool, bool]], *, bad: bool) -> str:
    """How many of those that are (not) orders were flagged."""
    flagged = [found for is_bad, found in told if is_bad is bad]
    return f"{sum(flagged)} of {len(flagged)} ({sum(flagged) / len(flagged):.0%})" if flagged else "–"


async def pages(folder: Path, *, show: bool) -> None:
    """Prints how many pages of a folder are flagged, and how long looking took."""
    finder, flagged, texts, seconds = create_finder(), 0, 0, 0.0
    for location in finder.expand(str(folder)):
        try:
            source = await finder.read(location)
        except UnreadableSource:
            continue
        began = time.perf_counter()
        found = orders(source.text)
        seconds += time.perf_counter() - began
        texts, flagged = texts + len(source.text), flagged + bool(found)
        if found and show:
            print("\n".join(f"  {Path(location).name}: {order.rule}: {order.text}" for order in found))
    count = len(finder.expand(str(folder)))
    print(f"{folder}: {flagged} of {count} pages flagged; {seconds / max(1, texts) * 1e6:.2f} s a million characters")


if __name__ == "__main__":
    main()
