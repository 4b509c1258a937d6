"""How near `minilm` (int8 weights, onnxruntime) is to the torch original, and what each costs. Run by hand, with torch:

    make setup-local-models
    .venv-local-models/bin/python -m benchmarks.embedder_fidelity [FOLDER_OF_TEXTS]

Without a folder: the hundred sentences of tests/embeddings/sentences.txt. With one, also up to 500 sentences and 200
passages out of its .md and .txt files.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from aiwriter.embeddings import create

OURS, THEIRS = "minilm", "sentence-transformers:all-MiniLM-L6-v2"
SENTENCES = Path(__file__).parents[1] / "tests" / "embeddings" / "sentences.txt"
SHORT = [f"Ferry number {number} leaves the harbour at noon." for number in range(256)]
LONG = [
    f"Ferry {number}: " + "the harbour office reopened on Monday after the long repairs. " * 18 for number in range(32)
]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print_fidelity("own sentences", SENTENCES.read_text("utf-8").splitlines())
    if folder:
        whole = [path.read_text("utf-8") for path in sorted([*folder.rglob("*.md"), *folder.rglob("*.txt")])]
        print_fidelity("sentences", spread([s for text in whole for s in re.split(r"(?<=[.!?])\s+", text) if s], 500))
        print_fidelity("passages", spread([p for text in whole for p in text.split("\n\n") if len(p) > 600], 200))
    for spec in (OURS, THEIRS):
        print(json.dumps({"embedder": spec, **cost_in_a_fresh_process(spec)}))


def print_fidelity(what: str, texts: list[str]) -> None:
    ours, theirs = (asyncio.run(create(spec).embed(texts)) for spec in (OURS, THEIRS))
    cosines = (ours * theirs).sum(axis=1)
    pairs = np.abs(ours @ ours.T - theirs @ theirs.T)
    same = np.mean([np.argmax(a) == np.argmax(b) for a, b in zip(others(ours), others(theirs), strict=True)])
    print(
        f"{len(texts)} {what}: cosine with torch min {cosines.min():.5f}, median {np.median(cosines):.5f}; "
        f"pair similarity off by at most {pairs.max():.4f}; same nearest neighbour {same:.1%}"
    )


def others(rows: np.ndarray) -> np.ndarray:
    similar: np.ndarray = rows @ rows.T
    np.fill_diagonal(similar, -1)
    return similar


def spread(texts: list[str], count: int) -> list[str]:
    """`count` of them, evenly spread."""
    return texts[:: max(1, len(texts) // count)][:count]


def cost_in_a_fresh_process(spec: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.embedder_fidelity", "--cost", spec]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


async def cost(spec: str) -> dict[str, Any]:
    embedder = create(spec)
    began = time.perf_counter()
    await embedder.embed(["load"])
    loaded = {"load_s": time.perf_counter() - began, "rss_loaded_mb": memory("VmRSS")}
    queries = [await seconds(embedder, [f"when does ferry {number} leave?"]) for number in range(31)]
    return {
        **{key: round(value, 2) for key, value in loaded.items()},
        "query_ms": round(1000 * statistics.median(queries), 1),
        "short_per_s": round(len(SHORT) / statistics.median([await seconds(embedder, SHORT) for _ in range(3)])),
        "200_tokens_per_s": round(len(LONG) / statistics.median([await seconds(embedder, LONG) for _ in range(3)]), 1),
        "rss_peak_mb": memory("VmHWM"),
        "load_average": round(os.getloadavg()[0], 1),
    }


async def seconds(embedder: Any, texts: list[str]) -> float:
    began = time.perf_counter()
    await embedder.embed(texts)
    return time.perf_counter() - began


def memory(field: str) -> int:
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--cost"]:
        print(json.dumps(asyncio.run(cost(sys.argv[2]))))
    else:
        main()
