"""Does the text lead anywhere but to its sources?

Measures: share of sentences, headings and lines of the head without an address that was not fetched. A text names its
sources by citations, so it needs no address: one of a fetched source is allowed, and the bare name of a site that a
cited passage names ("Booking.com"). Everything else, in any writing, could carry something out or somebody away.
Of a text that somebody else wrote see `check_theirs`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiwriter.documents import Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, Line, lines, percent
from aiwriter.text import web_links
from aiwriter.text.web_links import WebLink

PART = "links"
_MESSAGES = {
    "links.foreign": "This leads to {text}, which is none of the sources.",
    "links.lookalike": "{text} passes for {like}, a source, and is another host.",
    "links.active": "{text} is an address that acts by itself.",
    "links.markup": "{text} is a link or a tag, not text.",
}
_RULE_OF = {"markup": "links.markup", "scheme": "links.active"}


@dataclass(frozen=True, slots=True)
class _Fetched:
    addresses: frozenset[str]
    hosts: frozenset[str]
    texts: dict[str, str]  # of passages, lower-cased


def check(draft: Draft, evidence: Evidence, _brief: Brief, _fmt: Format) -> CheckResult:
    """Look for addresses in everything a reader sees; a sentence that has one does not stand."""
    fetched = _fetched(evidence)
    shown = list(lines(draft))
    found = [
        (line, link)
        for line in shown
        for link in web_links.web_links(line.text)
        if not _is_allowed(line, link, fetched)
    ]
    bad = {id(line) for line, _ in found}
    head = [line for line, _ in found if line.sentence is None]
    return CheckResult(
        PART,
        percent(len(shown) - len(bad), len(shown)) if shown else None,
        tuple(_finding(line, link, fetched.hosts) for line, link in found),
        (f"The {head[0].place} holds an address that is none of the sources.",) if head else (),
        (f"{_count(len(found))} none of its sources; none is allowed.",) if found else (),
    )


Targets = Mapping[UUID | None, Sequence[str]]  # of links, by the sentence that has them, if one does


def check_theirs(draft: Draft, evidence: Evidence, _brief: Brief, _fmt: Format, targets: Targets) -> CheckResult:
    """The same of a text that somebody else wrote, and of the targets of its links, which its words do not show.

    Such a text may lead elsewhere: an address that is none of the sources is a warning, and the sentence stands. What
    runs as a program or passes for a source is an error.
    """
    fetched = _fetched(evidence)
    shown = list(lines(draft))
    found = [
        (line, link)
        for line in [*shown, Line("", "text")]
        for link in _all_links(line, targets)
        if not _is_allowed(line, link, fetched)
    ]
    bad = {id(line) for line, _ in found}
    return CheckResult(
        PART,
        percent(max(0, len(shown) - len(bad)), len(shown)) if shown else None,
        tuple(_lenient(_finding(line, link, fetched.hosts), link) for line, link in found),
        (),
        (f"{_count(len(found))} none of the given sources.",) if found else (),
    )


def _count(number: int) -> str:
    return "1 address in the text is" if number == 1 else f"{number} addresses in the text are"


def _all_links(line: Line, targets: Targets) -> Iterator[WebLink]:
    """Those that are written out, and the targets that are not."""
    found = web_links.web_links(line.text)
    yield from found
    written = {web_links.address(link.text) for link in found}
    if line.sentence is not None or line.place == "text":
        for target in targets.get(line.sentence.id if line.sentence else None, ()):
            kind = _kind_of(target)
            if kind and web_links.address(target) not in written:
                yield WebLink(kind, target, 0, len(line.text))


def _kind_of(target: str) -> str:
    """As in WebLink; "" for a target within the same site."""
    plain = web_links.as_read(target).strip()
    scheme = re.match(r"([a-zA-Z][\w+.-]*)\s*:", plain)
    if scheme and scheme[1].lower() not in ("http", "https", "ftp"):
        return "scheme"
    return "address" if scheme or plain.startswith("//") else ""


_RUNS = re.compile(r"(?i)\W*(?:\w*script|data)\s*:")


def _lenient(finding: Finding, link: WebLink) -> Finding:
    runs = finding.rule == "links.active" and _RUNS.match(web_links.as_read(link.text))
    if runs or finding.rule == "links.lookalike":
        return finding
    fix = "look where it leads before you publish it"
    return finding.model_copy(update={"severity": Severity.WARN, "fix": fix})


def _fetched(evidence: Evidence) -> _Fetched:
    locations = [source.location for source in evidence.sources if "://" in source.location]
    return _Fetched(
        frozenset(map(web_links.address, locations)),
        frozenset(map(web_links.host, locations)),
        {item.passage.id: item.passage.text.lower() for item in evidence.items},
    )


def _is_allowed(line: Line, link: WebLink, fetched: _Fetched) -> bool:
    if link.kind == "address":
        return (
            link.text.isascii() and web_links.address(link.text) in fetched.addresses and "javascript" not in link.text
        )
    if link.kind != "host" or line.sentence is None:
        return False
    return any(link.text.lower() in fetched.texts.get(key, "") for key in line.sentence.citations)


def _finding(line: Line, link: WebLink, hosts: Collection[str]) -> Finding:
    host = web_links.host(link.text) if link.kind in ("address", "host") else ""
    like = next((other for other in sorted(hosts) if host and web_links.looks_like(host, other)), None)
    rule = _RULE_OF.get(link.kind) or ("links.lookalike" if like else "links.foreign")
    shown = link.text[:60] + ("…" if len(link.text) > 60 else "")
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=_MESSAGES[rule].format(text=shown, like=like),
        sentence_id=line.sentence.id if line.sentence else None,
        span=(link.start, link.end) if line.sentence else None,
        fix="take it out; what the sentence rests on is named by its citation",
    )
