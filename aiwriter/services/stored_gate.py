"""The gate over what is stored: every article's latest version, and each that readers find, judged anew, held in
batches against expectations that are made of its format's thresholds. What fails is blocked from publication until it
passes again.

A batch is a format and a standing: what was accepted without a person must meet what the thresholds ask for, what a
person approved or has yet to approve must not fall below where they refuse. A refused draft cannot be published and is
not looked at.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from aiwriter.documents import (
    Article,
    ArticleHead,
    ArticleStatus,
    FailingRow,
    GateBatch,
    GateBlock,
    GateReport,
    Publication,
    QualityReport,
    Support,
    Verdict,
)
from aiwriter.errors import BadInput, NotFound
from aiwriter.pipeline import formats
from aiwriter.pipeline.formats import Thresholds
from aiwriter.ports import (
    ArticleFilter,
    BlobStore,
    Clock,
    Database,
    Examined,
    Examiner,
    Expectation,
    Paging,
    Principal,
    Suite,
    UnitOfWork,
)
from aiwriter.services import gating

ACCEPTED, APPROVED, WAITING = "accepted", "approved by a person", "waiting for a person"
REPORT = "report.json"
_SURE = (Support.SUPPORTED, Support.VOUCHED)
_AT_ONCE = 100  # heads that are read together


@dataclass(frozen=True, slots=True)
class _Row:
    """An article as the suites see it, with what the report says of it; `trouble` is why it could not be judged."""

    article: Article
    standing: str
    values: Mapping[str, object]
    trouble: str | None = None


async def examine(
    database: Database,
    principal: Principal,
    examiner: Examiner,
    blobs: BlobStore,
    clock: Clock,
    *,
    since: date | None = None,
    format_: str | None = None,
) -> GateReport:
    """Look at this workspace's articles (those whose latest version is of `since` or later, of one format, if given),
    block what fails, lift what passes, and keep the pages and the report, in place of those of the look before.

    Raises BadInput for a format that there is not, and Unavailable when what examines is not installed: then nothing is
    blocked and nothing is lifted."""
    principal.require("write")
    if format_:
        formats.load(format_)
    rows: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    async for article in _stored(database, principal, since, format_):
        row = await _row(database, principal, article)
        rows[article.brief.format, row.standing].append(row)
    groups = [(format_name, standing, rows[format_name, standing]) for format_name, standing in sorted(rows)]
    whole = [group for group in groups if not any(row.trouble for row in group[2])]  # a format is there, or is not
    suites = [_suite(*group) for group in whole]
    examined, pages = await examiner.examine(suites)
    found = dict(zip([group[:2] for group in whole], zip(suites, examined, strict=True), strict=True))
    batches = tuple([await _placed(database, principal, _batch(*group, found.get(group[:2]))) for group in groups])
    lifted = await _block(database, principal, batches, groups, clock.now())
    report = GateReport(at=clock.now(), since=since, batches=batches, lifted=lifted)
    before = await _pages(principal, blobs)
    for name, page in pages.items():
        await blobs.write(_key(principal, name), page)
    await blobs.write(_key(principal, REPORT), report.model_dump_json().encode())
    for name in before - pages.keys():
        await blobs.delete(_key(principal, name))
    return report


async def _pages(principal: Principal, blobs: BlobStore) -> set[str]:
    """The pages of the look before that are there."""
    try:
        named = {batch.page for batch in (await _kept(principal, blobs)).batches if batch.page}
    except NotFound:
        return set()
    found = set()
    for name in named:
        with contextlib.suppress(NotFound):
            await blobs.read(_key(principal, name))
            found.add(name)
    return found


async def examine_everywhere(
    database: Database, principal: Principal, examiner: Examiner, blobs: BlobStore, clock: Clock
) -> dict[UUID, GateReport]:
    """Look at every workspace; the reports by workspace."""
    reports = {}
    for workspace in await database.workspaces():
        owner = Principal(principal.name, workspace, principal.scopes)
        reports[workspace] = await examine(database, owner, examiner, blobs, clock)
    return reports


async def latest(database: Database, principal: Principal, blobs: BlobStore) -> GateReport:
    """The report of the last look, with where readers find what failed now. Raises NotFound when there was none."""
    report = await _kept(principal, blobs)
    batches = tuple([await _placed(database, principal, batch) for batch in report.batches])
    return report.model_copy(update={"batches": batches})


async def _kept(principal: Principal, blobs: BlobStore) -> GateReport:
    principal.require("read")
    try:
        kept = await blobs.read(_key(principal, REPORT))
    except NotFound as error:
        raise NotFound(
            "the gate has not looked at what is stored yet", hint="It does so each night, and on `aiwriter gate`."
        ) from error
    return GateReport.model_validate(json.loads(kept))


async def page(principal: Principal, blobs: BlobStore, name: str) -> bytes:
    """A page of Data Docs that the last report names. Raises NotFound for any other."""
    if name not in {batch.page for batch in (await _kept(principal, blobs)).batches}:
        raise NotFound(f"there is no page {name[:80]!r}", hint="The report of the gate names its pages.")
    return await blobs.read(_key(principal, name))


_CITE = "At least {:.0%} of the sentences that state a fact cite a source."
_BEAR_OUT = "At {} {:.0%} of the sentences that state a fact are {} by what they cite."


def expectations(limits: Thresholds, standing: str) -> tuple[Expectation, ...]:
    """What the thresholds of a format ask of every row of this standing."""
    by_person = standing != ACCEPTED
    verdicts = (Verdict.PASS, Verdict.REVISE) if by_person else (Verdict.PASS,)
    both = (
        Expectation(
            "verdict",
            "judged anew",
            among=tuple(map(str, verdicts)),
            told="Judged anew, it is not refused." if by_person else "Judged anew, it passes every check.",
        ),
        Expectation("open_errors", "no error may be open", low=0, high=0, told="No error is open."),
        Expectation(
            "length",
            "refuse_length",
            low=limits.refuse_length,
            told=f"It has at least {limits.refuse_length:.0%} of the words that were asked for.",
        ),
    )
    if by_person:
        return (
            *both,
            Expectation("coverage", "refuse_coverage", low=(low := limits.refuse_coverage), told=_CITE.format(low)),
            Expectation(
                "not_unsupported",
                "refuse_supported",
                low=limits.refuse_supported,
                told=_BEAR_OUT.format("most", 1 - limits.refuse_supported, "not supported"),
            ),
        )
    return (
        *both,
        Expectation("score", "score_min", low=limits.score_min, told=f"The score is at least {limits.score_min:g}."),
        Expectation("coverage", "coverage_min", low=(low := limits.coverage_min), told=_CITE.format(low)),
        Expectation(
            "supported",
            "supported_min",
            low=limits.supported_min,
            told=_BEAR_OUT.format("least", limits.supported_min, "supported"),
        ),
    )


async def _stored(
    database: Database, principal: Principal, since: date | None, format_: str | None
) -> AsyncIterator[Article]:
    """Of each article its latest version, if it can be published, and those that readers find; read one by one."""
    wanted = ArticleFilter(
        format=(format_,) if format_ else (),
        since=datetime.combine(since, time(), UTC) if since else None,
    )
    cursor, more = None, True
    while more:
        async with database.unit_of_work(principal.workspace_id) as work:
            heads = await work.articles.page(wanted, Paging(limit=_AT_ONCE, cursor=cursor, sort=("id",)))
            versions = [one for head in heads.items for one in await _versions(work, head)]
        for article_id, version in versions:
            async with database.unit_of_work(principal.workspace_id) as work:
                article = await work.articles.get(article_id, version)
            yield article
        cursor, more = heads.next_cursor, heads.next_cursor is not None


async def _versions(work: UnitOfWork, head: ArticleHead) -> list[tuple[UUID, int]]:
    there = {one.version for one in await work.publications.of_article(head.id) if one.may_be_there}
    draft = set() if head.status is ArticleStatus.REFUSED else {head.version}
    return [(head.id, version) for version in sorted(there | draft)]


async def _row(database: Database, principal: Principal, article: Article) -> _Row:
    async with database.unit_of_work(principal.workspace_id) as work:
        approval = await work.approvals.of(article.id, article.version)
    standing = APPROVED if approval else WAITING if article.needs_person else ACCEPTED
    try:
        report = await gating.judged(database, principal, article)
    except BadInput as error:
        return _Row(article, standing, {}, str(error))
    return _Row(article, standing, _measured(article, report))


def _measured(article: Article, report: QualityReport) -> dict[str, object]:
    """The columns. Shares are of factual sentences, 0–1; what there is nothing to measure of is 1."""
    judged = [one.support for one in report.sentences if one.support is not Support.NOT_NEEDED]
    parts = {part.name: part.score for part in report.parts}
    return {
        "article_id": str(article.id),
        "version": article.version,
        "title": article.title,
        "verdict": report.verdict.value,
        "open_errors": sum(finding.is_open_error for finding in report.findings),
        "score": report.score,
        "coverage": parts.get("citations", 100.0) / 100,
        "supported": _share(sum(one in _SURE for one in judged), len(judged)),
        "not_unsupported": _share(len(judged) - judged.count(Support.UNSUPPORTED), len(judged)),
        "length": round(article.words / article.brief.words, 4),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _suite(format_name: str, standing: str, rows: Sequence[_Row]) -> Suite:
    fmt = formats.load(format_name)
    return Suite(_name(format_name, standing), [row.values for row in rows], expectations(fmt.thresholds, standing))


def _name(format_name: str, standing: str) -> str:
    return f"{format_name}, {standing}"


def _batch(format_name: str, standing: str, rows: Sequence[_Row], found: tuple[Suite, Examined] | None) -> GateBatch:
    suite, examined = found or (None, None)
    reasons = dict(_reasons(rows, examined))
    failing = [
        FailingRow(article_id=row.article.id, version=row.article.version, title=row.article.title, reasons=told)
        for row in rows
        if (told := reasons.get((str(row.article.id), row.article.version)))
    ]
    return GateBatch(
        name=_name(format_name, standing),
        format=format_name,
        rows=len(rows),
        expectations=len(suite.expectations) if suite else 0,
        failing=tuple(failing),
        page=examined.page if examined else None,
    )


async def _placed(database: Database, principal: Principal, batch: GateBatch) -> GateBatch:
    """With the targets where readers still find what fails, or the versions that they find instead."""
    async with database.unit_of_work(principal.workspace_id) as work:
        found = [await work.publications.of_article(row.article_id) for row in batch.failing]
    failing = [_found_by_readers(row, each) for row, each in zip(batch.failing, found, strict=True)]
    return batch.model_copy(update={"failing": tuple(failing)})


def _found_by_readers(row: FailingRow, publications: Sequence[Publication]) -> FailingRow:
    there = [one for one in publications if one.may_be_there]
    at = sorted({one.target for one in there if one.version == row.version})
    others = sorted({one.version for one in there if one.version != row.version})
    return row.model_copy(update={"published": tuple(at), "instead": tuple(others)})


def _reasons(rows: Sequence[_Row], examined: Examined | None) -> Iterable[tuple[tuple[str, int], tuple[str, ...]]]:
    """Reasons by article and version; what cannot be judged is not let through."""
    for row in rows:
        if row.trouble:
            yield (str(row.article.id), row.article.version), (f"It cannot be judged: {row.trouble}.",)
    for key, unmet in examined.failing.items() if examined else ():
        yield key, tuple(_told(expectation, value) for expectation, value in unmet)


def _told(expectation: Expectation, value: object) -> str:
    """Such as "score is 61.5; score_min asks for at least 70."."""
    shown = f"{value:g}" if isinstance(value, float | int) else str(value)
    if expectation.among:
        asked = " or ".join(expectation.among)
    elif expectation.low == expectation.high:
        asked = f"{expectation.low:g}"
    else:
        asked = f"at least {expectation.low:g}"
    column = expectation.column.replace("_", " ")
    return f"{column.capitalize()} is {shown}, not {asked} ({expectation.why})."


async def _block(
    database: Database,
    principal: Principal,
    batches: Sequence[GateBatch],
    groups: Sequence[tuple[str, str, Sequence[_Row]]],
    now: datetime,
) -> int:
    """Block what failed and lift what passed; how many were lifted."""
    failing = {(row.article_id, row.version): row for batch in batches for row in batch.failing}
    seen = [(row.article.id, row.article.version) for _, _, rows in groups for row in rows]
    blocks = [GateBlock(article_id=a, version=v, reasons=row.reasons, since=now) for (a, v), row in failing.items()]
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.blocks.put(blocks)
        lifted = await work.blocks.lift([key for key in seen if key not in failing])
        await work.commit()
    return lifted


def _key(principal: Principal, name: str) -> str:
    return f"{principal.workspace_id}/{name}"
