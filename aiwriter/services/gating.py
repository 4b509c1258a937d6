"""The gate before readers: why a version may not be published, and a person's approval.

Nothing that was stored is believed: the version is judged anew, by today's thresholds, against the passages that were
stored with its run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aiwriter.documents import (
    Approval,
    Article,
    ArticleStatus,
    QualityReport,
    Standing,
    Verdict,
)
from aiwriter.errors import BadInput, Refused
from aiwriter.pipeline import checking, formats, quality
from aiwriter.ports import Clock, Database, Principal
from aiwriter.services import editing
from aiwriter.threads import computed

APPROVE = "A person who has read it may approve it (`aiwriter approve`); then ask again."
MEND = (
    "Mend what is named (`aiwriter edit`), or say why a finding does not hold (`aiwriter dismiss`), then ask again: "
    "no approval helps before that."
)
UNAPPROVED = "No person has approved this version."
BLOCKED = "The gate has blocked it"


async def standing(database: Database, principal: Principal, article: Article) -> Standing:
    """Whether this version may be published now, and if not, for which reasons."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        approval = await work.approvals.of(article.id, article.version)
        block = await work.blocks.of(article.id, article.version)
    hindrances: list[str] = []
    told: tuple[str, ...] = ()
    needs_approval = article.needs_person
    if article.status is ArticleStatus.REFUSED:
        told = article.quality.reasons
        hindrances.append(" ".join(("It was refused.", *told)))
    if block is not None:
        hindrances.append(" ".join((f"{BLOCKED} since {block.since:%Y-%m-%d}.", *block.reasons)))
    try:
        report = await judged(database, principal, article)
    except BadInput as error:  # a format of one's own that is gone: there are no thresholds to judge by
        hindrances.append(f"It cannot be judged: {error}.")
    else:
        hindrances += [reason for reason in _failings(report) if reason not in told]
        needs_approval = needs_approval or report.verdict is not Verdict.PASS
    if needs_approval and approval is None and not _beyond_approval(hindrances):
        hindrances.append(UNAPPROVED)
    return Standing(
        article_id=article.id,
        version=article.version,
        needs_approval=needs_approval,
        approval=approval,
        hindrances=tuple(hindrances),
        can_be_approved=approval is None and bool(hindrances) and not _beyond_approval(hindrances),
    )


async def approve(database: Database, principal: Principal, article: Article, clock: Clock, note: str = "") -> Approval:
    """Keep that a person has read this version and lets it go out; once is enough. What the look at all that is stored
    had blocked because no person had read it is free: judged anew here, it meets what is asked of approved ones.

    Raises Refused for a version that no approval can help: refused, or with errors that are open.
    """
    principal.require("write")
    found = await standing(database, principal, article)
    if beyond := _beyond_approval(found.hindrances):
        raise Refused(f"it cannot be approved: {' '.join(beyond)}", hint=MEND)
    given = Approval(
        article_id=article.id,
        version=article.version,
        approved_by=principal.name,
        note=note,
        created_at=clock.now(),
    )
    async with database.unit_of_work(principal.workspace_id) as work:
        kept = await work.approvals.add(given)
        await work.blocks.lift([(article.id, article.version)])
        await work.commit()
    return kept


def next_step(hindrances: Sequence[str]) -> str:
    """What helps against these: a person's approval where that is all that is missing, else mending."""
    return MEND if _beyond_approval(hindrances) else APPROVE


def _beyond_approval(hindrances: Sequence[str]) -> list[str]:
    """The hindrances that no approval takes away."""
    return [reason for reason in hindrances if reason != UNAPPROVED and not reason.startswith(BLOCKED)]


async def judged(database: Database, principal: Principal, article: Article) -> QualityReport:
    """The version judged anew. Raises BadInput when its format is not there any more."""
    fmt = formats.load(article.brief.format)
    evidence = await editing.evidence_of(database, principal, article)
    return await computed(checking.check_article, article, evidence, fmt)


def _failings(report: QualityReport) -> Iterator[str]:
    """Why a report lets nothing through, whoever approves: a threshold that refuses, or errors that are open."""
    if report.verdict is Verdict.REFUSE:
        yield from report.reasons
    yield from quality.errors_told(report.findings)
