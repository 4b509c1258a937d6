"""`check --claims`: lines of claims with the texts of their sources in, lines of verdicts out."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.commands.checking import STANDARD, given_text
from aiwriter.documents import Support
from aiwriter.errors import BadInput
from aiwriter.pipeline import claims
from aiwriter.pipeline.quality import meaning
from aiwriter.services.checking import asked_language
from aiwriter.text.counted import counted

_EVERY_SECONDS = 2.0


async def check(
    tools: Tools, file: Path, out: Path, language: str | None = None, *, with_text: bool, as_json: bool = False
) -> int:
    """Exit code 1 when a claim is unsupported; `language` is that of lines which name none.

    Nothing is written before every line of input was understood.
    """
    if with_text:
        raise BadInput(
            "--claims cannot be combined with a text or --source",
            hint="Each line of the claims file holds its own sources; leave out the rest.",
        )
    text = given_text(file, 'lines of {"id": …, "claim": "…", "sources": ["…"]}')
    lines = text.split("\n")  # not splitlines: U+2028 may stand within a line of JSON
    given = claims.read_claims(lines, asked_language(language))
    embedder = tools.word_embedder(tools.settings.embedder)
    if meaning.knows_words(embedder) is None:
        words = f"by words alone: the score by meaning is fitted for {meaning.EMBEDDER}"
        console.tell(json.dumps({"kind": "note", "text": words}) if as_json else words)
    counts, told = Counter[Support](), time.monotonic()
    with _writer(out) as target:
        async for verdict in claims.check_claims(given, embedder):
            target.write(verdict.line() + "\n")
            counts[verdict.outcome] += 1
            if time.monotonic() - told > _EVERY_SECONDS:
                target.flush()
                told = time.monotonic()
                console.tell(_progress(counts.total(), len(given), as_json=as_json))
    if as_json:
        console.give({"claims": len(given), "counts": dict(counts), "verdicts": str(out)})
    else:
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Support if counts[outcome])
        console.tell(f"{counted(len(given), 'claim')}: {said}")
    return 1 if counts[Support.UNSUPPORTED] else 0


def _progress(done: int, total: int, *, as_json: bool) -> str:
    return (
        json.dumps({"kind": "progress", "done": done, "total": total})
        if as_json
        else f"{done} of {counted(total, 'claim')}"
    )


@contextmanager
def _writer(out: Path) -> Iterator[TextIO]:
    if out == STANDARD:
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        target = out.open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{str(out)!r} cannot be written: {error.strerror}", hint="Check the path.") from error
    with target:
        yield target
