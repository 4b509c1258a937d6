"""A reviewer's report as one self-contained HTML page: the verdict and why, the score and its parts, and every sentence
marked by how it stands, with its evidence and findings beside it. It needs no script and prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aiwriter.documents import Article, Finding, Severity, Support, Verdict
from aiwriter.publishing import html, pages
from aiwriter.publishing.citing import SUPPORT_LABELS

_VERDICTS = {
    Verdict.PASS: "Passed",
    Verdict.REVISE: "Should be revised",
    Verdict.REFUSE: "Refused",
}
_SIGNS = {Support.SUPPORTED: "✓", Support.UNSURE: "?", Support.UNSUPPORTED: "✗", Support.NOT_NEEDED: "·"}
_WEIGHT = {Severity.ERROR: 0, Severity.WARN: 1, Severity.INFO: 2}
_BAR = 600  # width of the bar of outcomes, in its own units


@dataclass(frozen=True)
class _Outcome:
    """One stretch of the bar of outcomes."""

    kind: str
    label: str
    sign: str
    count: int
    left: float
    width: float


@dataclass(frozen=True)
class _Rule:
    """All findings of one rule."""

    name: str
    severity: str
    count: int
    example: str


class _Review:
    """What the page shows beside the article's own fields."""

    def __init__(self, article: Article) -> None:
        self.shown = html.ShownArticle(article)
        self.verdict = _VERDICTS[article.quality.verdict]
        self.outcomes = list(_bar(Counter(line.support for line in self.shown.lines)))
        self.rules = _by_rule(article.quality.findings)
        self.general = [finding for finding in article.quality.findings if finding.sentence_id is None]
        self.signs = {kind.value: sign for kind, sign in _SIGNS.items()}
        self.weights = sum(part.weight for part in article.quality.parts) or 1.0
        self.parts = sorted(article.quality.parts, key=lambda part: -part.weight)


def render(article: Article) -> str:
    """The whole page; equal articles give equal pages."""
    style = "\n".join(map(pages.asset, ("page.css", "review.css")))
    shown = pages.template("review.html")
    return shown.render(article=article, review=_Review(article), style=style, policy=pages.policy(style))


def _bar(counts: Counter[str]) -> Iterable[_Outcome]:
    judged = sum(counts[kind] for kind in Support if kind is not Support.NOT_NEEDED) or 1
    left = 0.0
    for kind in (Support.SUPPORTED, Support.UNSURE, Support.UNSUPPORTED):
        width = counts[kind] / judged * _BAR
        yield _Outcome(kind.value, SUPPORT_LABELS[kind], _SIGNS[kind], counts[kind], round(left, 1), round(width, 1))
        left += width


def _by_rule(findings: Iterable[Finding]) -> list[_Rule]:
    """The rules that found something, the gravest and most frequent first."""
    grouped: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.rule, finding.severity), []).append(finding)
    order = sorted(grouped.items(), key=lambda pair: (_WEIGHT[pair[0][1]], -len(pair[1]), pair[0][0]))
    return [_Rule(rule, severity.value, len(found), found[0].message) for (rule, severity), found in order]
