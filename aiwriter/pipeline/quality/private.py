"""Does the text give away personal data or a secret?

Measures: share of sentences, headings and lines of the head that hold none. An e-mail address or telephone number that
stands in a cited passage is the contact its source publishes, and is no finding; keys, cards and accounts always are.
No finding repeats what it found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiwriter.documents import Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, Line, lines, percent
from aiwriter.text.identifiers import Found, Identifier, identifiers

PART = "private"
_CONTACTS = frozenset({Identifier.EMAIL, Identifier.PHONE})
_REFUSED = frozenset({Identifier.SECRET, Identifier.CARD, Identifier.IBAN})
_FIXES = {
    Identifier.SECRET: "take it out, and have it changed where it is used",
    Identifier.ENTROPY: "take it out, or say in the text what it is",
}


def check(draft: Draft, evidence: Evidence, _brief: Brief, _fmt: Format) -> CheckResult:
    """Look through everything a reader sees; a secret, card or account refuses the text."""
    published = {item.passage.id: _bare(item.passage.text) for item in evidence.items}
    shown = list(lines(draft))
    found = [(line, one) for line in shown for one in identifiers(line.text) if not _is_published(line, one, published)]
    refused = [one for _, one in found if one.kind in _REFUSED]
    bad = {id(line) for line, _ in found}
    return CheckResult(
        PART,
        percent(len(shown) - len(bad), len(shown)) if shown else None,
        tuple(_finding(line, one) for line, one in found),
        tuple(_refusals(refused)),
    )


def _is_published(line: Line, one: Found, published: dict[str, str]) -> bool:
    if one.kind not in _CONTACTS or line.sentence is None:
        return False
    return any(_bare(one.text) in published.get(key, "") for key in line.sentence.citations)


def _bare(text: str) -> str:
    return re.sub(r"[\s()/-]", "", text).lower()


def _refusals(refused: list[Found]) -> Iterator[str]:
    if refused:
        kinds = ", ".join(dict.fromkeys(one.name for one in refused))
        yield f"The text holds what must not be published ({kinds})."


def _finding(line: Line, one: Found) -> Finding:
    where = "" if line.sentence else f" in the {line.place}"
    return Finding(
        rule=f"private.{one.kind}",
        severity=Severity.ERROR if one.kind in _REFUSED else Severity.WARN,
        message=f"This looks like {_article(one.name)} {one.name}{where}: {one.masked}.",
        sentence_id=line.sentence.id if line.sentence else None,
        span=(one.start, one.end) if line.sentence else None,
        fix=_FIXES.get(one.kind, "take it out, or cite the source that publishes it"),
    )


def _article(name: str) -> str:
    return "an" if name[0].lower() in "aeio" else "a"
