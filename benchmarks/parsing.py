"""What it costs that foreign bytes are parsed apart: `python -m benchmarks.parsing [--documents 60] [--rounds 5]`.

Made documents (a short and a long page, a PDF, a Word file) go one after the other through one child of
`sandbox.pool.Parsers`, and through their extractor in this process; the child's first document, which starts it, is
told apart. Rounds are interleaved, so that a busy machine slows all of them; medians over rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping

from aiwriter.documents import SourceKind
from aiwriter.sources.extracted import cleaned
from aiwriter.sources.kinds import extractor
from aiwriter.sources.sandbox.pool import Parsers
from aiwriter.sources.sandbox.wire import Request
from aiwriter.testing.docx import docx_of, paragraph
from aiwriter.testing.pdf import Text, pdf_of

SENTENCE = "The mill by the river was built in 1783 and burnt down twice before it was sold to the town."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    spent: dict[tuple[str, str], list[float]] = {}
    for _ in range(options.rounds):
        for name, request in requests().items():
            for where, took in measured(request, options.documents).items():
                spent.setdefault((name, where), []).append(took)
    for (name, where), seconds in spent.items():
        median = statistics.median(seconds)
        print(f"{name:<12} {where:<18} {median * 1000:7.1f} ms a document, {1 / median:7.1f} a second")


def requests() -> Mapping[str, Request]:
    sheets = [[Text(72, 800 - 20 * line, SENTENCE) for line in range(35)]] * 3
    return {
        "short page": Request(SourceKind.HTML, None, page(5)),
        "long page": Request(SourceKind.HTML, None, page(300)),
        "PDF": Request(SourceKind.PDF, None, pdf_of(sheets)),
        "Word file": Request(SourceKind.DOCX, None, docx_of(paragraph(SENTENCE) * 60)),
    }


def page(paragraphs: int) -> bytes:
    text = "".join(f"<p>{number}. {SENTENCE}</p>" for number in range(paragraphs))
    return (
        f"<html><head><title>Mills</title></head><body><article><h1>Mills</h1>{text}</article></body></html>".encode()
    )


def measured(request: Request, documents: int) -> Mapping[str, float]:
    """Seconds a document, by where it is parsed."""
    parsers = Parsers()
    try:
        first = timed(lambda: parsers.parse(request), 1)
        apart = timed(lambda: parsers.parse(request), documents)
    finally:
        parsers.close()
    extract = extractor(request.kind)
    here = timed(lambda: cleaned(extract(request.data, request.charset)), documents)
    return {"first of a child": first, "in the child": apart, "in this process": here}


def timed(work: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


if __name__ == "__main__":
    main()
