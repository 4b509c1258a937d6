"""What `check --claims` says of claims that were written and labelled by hand, beside invented passages of many fields.

    python -m benchmarks.fresh_claims [first|second|third|fourth|fifth …]

Each set was written before its first run. Form of a file: "== name" and a passage, then "-- S kind | claim" for a true
and "-- U kind | claim" for a false one, "@one,two" after the kind where other passages are its sources.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from pathlib import Path

from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.claims import Claim, check_claims

FOLDER = Path(__file__).parent / "data" / "fresh_claims"
_LINE = re.compile(r"-- (?P<label>[SU]) \w+(?: @(?P<sources>\S+))? \| (?P<claim>.+)")


def read(path: Path) -> list[tuple[str, Claim]]:
    """Labels and claims of a file."""
    passages, told, name = dict[str, str](), list[tuple[str, str, re.Match[str]]](), ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("== "):
            name = line[3:].strip()
            passages[name] = ""
        elif match := _LINE.fullmatch(line):
            told.append((match["label"], match["sources"] or name, match))
        else:
            passages[name] += line + "\n"
    return [
        (label, Claim(id=n, claim=match["claim"], sources=tuple(passages[one].strip() for one in sources.split(","))))
        for n, (label, sources, match) in enumerate(told)
    ]


async def main() -> None:
    names = sys.argv[1:] or ["first", "second", "third", "fourth", "fifth"]
    for name in names:
        rows = read(FOLDER / f"{name}.txt")
        verdicts = [verdict async for verdict in check_claims([claim for _, claim in rows], MiniLM())]
        counts = Counter((label, verdict.outcome.value) for (label, _), verdict in zip(rows, verdicts, strict=True))
        for label, meant in (("S", "true"), ("U", "false")):
            of = {outcome: n for (one, outcome), n in sorted(counts.items()) if one == label}
            total = sum(of.values())
            print(f"{name:7} {meant:5} {total:4}", "  ".join(f"{outcome} {n / total:.1%}" for outcome, n in of.items()))


if __name__ == "__main__":
    asyncio.run(main())
