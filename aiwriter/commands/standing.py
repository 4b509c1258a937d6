"""How a version stands after it was judged, in the words of `edit` and `dismiss`: that first, and last what helps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiwriter.commands import console
from aiwriter.documents import Article, ArticleStatus, Finding
from aiwriter.text.counted import counted


def result(article: Article) -> dict[str, Any]:
    """How it stands, for `--json`."""
    return {
        "article_id": str(article.id),
        "version": article.version,
        "status": article.status,
        "verdict": article.quality.verdict,
        "reasons": list(article.quality.reasons),
        "open_errors": len(article.quality.open_errors),
        "score": article.quality.score,
        "next_step": next_step(article),
    }


def exit_code(article: Article) -> int:
    """1: as it is, no gate lets it through."""
    return 1 if article.status is ArticleStatus.REFUSED or article.quality.open_errors else 0


def headline(article: Article) -> str:
    """Such as "version 2: not accepted, 1 error is open; score 94 of 100"."""
    number = len(article.quality.open_errors)
    said = article.status.value.replace("_", " ")
    if number and article.status is not ArticleStatus.REFUSED:
        said = "not accepted"
    opened = f", {counted(number, 'error')} {'is' if number == 1 else 'are'} open" if number else ""
    return f"version {article.version}: {said}{opened}; score {article.quality.score:.0f} of 100"


def next_step(article: Article) -> str:
    """What can be done with it now."""
    if article.status is ArticleStatus.REFUSED or article.quality.open_errors:
        return (
            f"Edit it (aiwriter edit {article.id}), or say why a finding does not apply "
            f"(aiwriter dismiss {article.id} FINDING --reason WHY). It cannot be approved before that."
        )
    if article.status is ArticleStatus.NEEDS_APPROVAL:
        return f"After reading it, approve it (aiwriter approve {article.id}), then publish it."
    return f"It may be published: aiwriter publish {article.id}"


def say_findings(article: Article, found: Iterable[Finding]) -> None:
    """Findings with their sentences, errors first."""
    texts = {sentence.id: sentence.text for sentence in article.sentences}
    for finding in sorted(found, key=lambda one: not one.is_open_error):
        console.say(f"  {finding.severity} {finding.id}: {finding.message}")
        if finding.sentence_id in texts:
            console.say(f"    in  {texts[finding.sentence_id]}")
        if finding.dismissed:
            console.say(f"    dismissed by {finding.dismissed.by}: {finding.dismissed.reason}")


def say_reasons(article: Article) -> None:
    """Why it does not pass, but for the errors, which are listed themselves."""
    for reason in article.quality.reasons[bool(article.quality.open_errors) :]:
        console.say(f"  because    {reason}")
