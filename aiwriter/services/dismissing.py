"""Dismissing: a person says that a finding does not hold, and why; kept for good in a new version of the article."""

from __future__ import annotations

from aiwriter.documents import Article, Dismissal, Finding
from aiwriter.errors import BadInput, NotFound
from aiwriter.pipeline import checking, finishing, formats
from aiwriter.ports import Database, Embedder, Principal, Publisher, VectorIndex
from aiwriter.services import analytics, articles, editing
from aiwriter.threads import computed

LONGEST_REASON = 1000


async def dismiss(
    database: Database,
    principal: Principal,
    article: Article,
    prefix: str,
    reason: str,
    publisher: Publisher,
    vectors: VectorIndex,
    embedder: Embedder,
) -> Article:
    """The version after `article`, judged without the finding whose id begins so.

    Only who may write may, and only here: no stage of a run makes a dismissal. One that is dismissed already for that
    reason changes nothing. Raises Forbidden, BadInput for a reason that says nothing or another one than the finding
    was dismissed for and for a measure that finds nothing, NotFound for an unknown finding, Conflict when somebody else
    has made the next version meanwhile.
    """
    principal.require("write")
    finding, reason = _found(article, prefix), _said(reason)
    if finding.is_measure:
        raise BadInput(
            f"{finding.id} is a measure, and nothing is wrong with it: {finding.message}",
            hint="The findings that can be dismissed: aiwriter dismiss ARTICLE.",
        )
    if finding.dismissed is not None:
        _require_same(finding.dismissed, reason)
        return article
    record = Dismissal(finding=finding.id, rule=finding.rule, message=finding.message, by=principal.name, reason=reason)
    evidence = await editing.evidence_of(database, principal, article)
    draft = checking.draft_of(article).model_copy(update={"neighbours": article.quality.neighbours})
    given = article.model_copy(update={"dismissals": (*article.dismissals, record)})
    judged = await computed(finishing.revise, given, draft, evidence, formats.load(article.brief.format))
    await articles.store(database, principal, judged, publisher, vectors, embedder)
    await analytics.leave_out_dismissed(database, principal, judged)
    return judged


def _found(article: Article, prefix: str) -> Finding:
    """Two findings of one id are one to a reader: the same rule at the same place."""
    found = {finding.id: finding for finding in article.quality.findings if finding.id.startswith(prefix.lower())}
    if not prefix or not found:
        raise NotFound(
            f"version {article.version} of article {article.id} has no finding {prefix!r}",
            hint="Its findings and their ids: aiwriter dismiss ARTICLE, or GET …/quality.",
        )
    if len(found) > 1:
        raise BadInput(f"{len(found)} findings begin with {prefix!r}", hint="Give more of the id.")
    return next(iter(found.values()))


def _require_same(before: Dismissal, reason: str) -> None:
    if before.reason != reason:
        raise BadInput(
            f"the finding was dismissed by {before.by} on {before.at:%Y-%m-%d}: “{before.reason}”",
            hint="That reason stays, and nothing was changed.",
        )


def _said(reason: str) -> str:
    text = " ".join(reason.split())
    if not 3 <= len(text) <= LONGEST_REASON:
        raise BadInput(
            f"the reason has {len(text)} character{'' if len(text) == 1 else 's'}",
            hint=f"Say in 3 to {LONGEST_REASON} why the finding does not hold.",
        )
    return text
