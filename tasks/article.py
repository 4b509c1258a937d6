"""The tasks of `write_article`, one a stage: take the tools, call one library function, keep the stage's record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from prefect import task

from aiwriter import llm
from aiwriter.documents import (
    Article,
    Document,
    Draft,
    Evidence,
    Outline,
    QualityReport,
    Run,
    Section,
    Sources,
    SourcesRecord,
    Stage,
    StoredRecord,
    Thrift,
)
from aiwriter.pipeline import drafting, evidence, finishing, formats, outline, quality, queries, research
from aiwriter.pipeline.quality import meaning
from aiwriter.pipeline.quality.support import Meant
from aiwriter.ports import CallKey, RunContext, on_account_of
from aiwriter.services import analytics, articles, estimates, holding, runs, spending, stages, telling
from aiwriter.threads import computed
from tasks import artifacts, policies
from tasks.tooling import tools

D = TypeVar("D", bound=Document)


@task(name="research", **policies.FETCH)
async def read_sources(run_id: UUID) -> int:
    """Read everything the brief names; how many sources can be used."""
    run = await _run(run_id)
    await estimates.tell(tools().database, tools().principal, run, tools().model_for(run))
    asyncio.get_running_loop().run_in_executor(None, llm.load, run.model)  # beside the reading

    async def progress(done: int, total: int, location: str) -> None:
        data: dict[str, object] = {"stage": Stage.RESEARCH, "done": done, "total": total, "what": location}
        await runs.announce(tools().database, tools().principal, run_id, "stage.progress", data)

    async def plan(most: int) -> list[str]:
        return await queries.asked_of(tools().model_for(run), run.brief, most, await _context(run_id))

    async def work() -> SourcesRecord:
        found = await research.gather(run.brief, tools().reader(), progress, tools().engines, plan)
        async with tools().unit_of_work() as unit:
            stored = await unit.sources.keep(found.items)
            await unit.commit()
        ids = tuple(source.id for source in stored)
        return SourcesRecord(source_ids=ids, problems=found.problems, searches=found.searches)

    record = await _once(run_id, Stage.RESEARCH, SourcesRecord, work)
    return len(record.source_ids)


@task(name="evidence", **policies.COMPUTE)
async def select_evidence(run_id: UUID) -> int:
    """Choose the passages that answer the brief; how many."""
    run = await _run(run_id)

    async def work() -> Evidence:
        record = await _kept(run_id, Stage.RESEARCH, SourcesRecord)
        async with tools().unit_of_work() as unit:
            items = await unit.sources.get_many(record.source_ids)
        sources = Sources(items=tuple(items), problems=record.problems)
        asked = [search.query for search in record.searches]
        embedder = tools().embedder(run.embedder)
        return await evidence.select(run.brief, sources, tools().chunk, embedder, asked=asked)

    chosen = await _once(run_id, Stage.EVIDENCE, Evidence, work)
    return len(chosen.items)


@task(name="outline", **policies.MODEL)
async def plan_outline(run_id: UUID) -> int:
    """Plan the sections; how many."""
    run = await _run(run_id)

    async def work() -> Outline:
        chosen = await _kept(run_id, Stage.EVIDENCE, Evidence)
        fmt = formats.load(run.brief.format)
        return await outline.plan(run.brief, chosen, fmt, tools().model_for(run), await _context(run_id))

    planned = await _once(run_id, Stage.OUTLINE, Outline, work)
    return len(planned.sections)


async def sections_to_write(run_id: UUID) -> int | None:
    """How many sections the outline that counts has; None when a person is to approve it first."""
    held = tools()
    planned = await runs.outline_of(held.database, held.principal, run_id)
    if not planned.approved and (await _run(run_id)).brief.approve_outline:
        return None
    return len(planned.outline.sections)


async def fit_to_budget(run_id: UUID, sections: int) -> int:
    """Decide how the sections are written for what the run may still spend; how many of them at once."""
    run, held = await _run(run_id), tools()
    planned, chosen = await _outline(run_id), await _kept(run_id, Stage.EVIDENCE, Evidence)
    models, context = held.models_for(run), await _context(run_id)
    thrift = await spending.decided(
        held.database, held.principal, held.clock, run.brief, planned, chosen, models, context
    )
    return 1 if thrift.one_by_one else sections


@task(name="section", task_run_name="section-{index}", **policies.MODEL)
async def write_section(run_id: UUID, index: int) -> int:
    """Write one section; how many sentences it has."""
    run = await _run(run_id)

    async def work() -> Section:
        planned = await _outline(run_id)
        chosen = await _kept(run_id, Stage.EVIDENCE, Evidence)
        held, heading = tools(), planned.sections[index].heading
        thrift, context = await _thrift(run), await _context(run_id)
        model = held.model(thrift.model, run.embedder)
        told = telling.section(held.database, held.principal, held.clock, run_id, str(index), heading)
        async with told as hear:
            return await drafting.write_section(
                run.brief, planned, index, chosen, model, context, hear, thrift.passages
            )

    section = await _once(run_id, Stage.SECTIONS, Section, work, item=str(index))
    return len(section.sentences)


@task(name="quality", **policies.COMPUTE)
async def judge_quality(run_id: UUID) -> float:
    """Judge the draft; its score, 0–100."""
    run = await _run(run_id)

    async def work() -> QualityReport:
        draft, chosen = await _draft(run), await _kept(run_id, Stage.EVIDENCE, Evidence)
        fmt = formats.load(run.brief.format)
        return await computed(quality.judge, draft, chosen, run.brief, fmt, meant=await _meant(run, draft, chosen))

    report = await _once(run_id, Stage.QUALITY, QualityReport, work)
    return report.score


async def _meant(run: Run, draft: Draft, chosen: Evidence) -> Meant:
    return await meaning.of_draft(draft, chosen, run.brief, meaning.knows_words(tools().word_embedder(run.embedder)))


@task(name="finish", **policies.COMPUTE)
async def finish_article(run_id: UUID) -> str:
    """Take out what is unsupported, judge what is left, and make the article; its id."""
    run = await _run(run_id)

    async def work() -> Article:
        draft, chosen = await _draft(run), await _kept(run_id, Stage.EVIDENCE, Evidence)
        report, thrift = await _kept(run_id, Stage.QUALITY, QualityReport), await _thrift(run)
        if thrift.note:
            chosen = chosen.model_copy(update={"notes": (*chosen.notes, thrift.note)})
        provenance = await tools().provenance_of(run, thrift.model)
        return await computed(
            finishing.finish,
            draft,
            chosen,
            report,
            run.brief,
            provenance,
            formats.load(run.brief.format),
            meant=await _meant(run, draft, chosen),
        )

    article = await _once(run_id, Stage.FINISH, Article, work)
    return str(article.id)


@task(name="store", **policies.STORE)
async def store_article(run_id: UUID) -> str:
    """Keep the article, write its files and index it; the address of the page a person reads."""
    run = await _run(run_id)
    article = await _kept(run_id, Stage.FINISH, Article)

    async def work() -> StoredRecord:
        return await articles.store(
            tools().database,
            tools().principal,
            article,
            tools().publisher(run.out),
            tools().vectors(run.embedder),
            tools().embedder(run.embedder),
        )

    record = await _once(run_id, Stage.STORE, StoredRecord, work)
    await artifacts.report_card(article)
    await artifacts.article_link(article, record.paths, tools().settings.home_folder)
    return record.paths.get("html", "")


@task(name="record analytics", **policies.STORE)
async def record_analytics(run_id: UUID) -> None:
    """Write the one fact row of the run."""
    article = await _kept(run_id, Stage.FINISH, Article)
    await analytics.record_run(tools().database, tools().principal, run_id, holding.status_for(article.status), article)


async def _run(run_id: UUID) -> Run:
    return await runs.get(tools().database, tools().principal, run_id)


async def _context(run_id: UUID) -> RunContext:
    async with tools().unit_of_work() as unit:
        return RunContext(run_id=run_id, fence_secret=await unit.runs.fence_secret(run_id))


async def _outline(run_id: UUID) -> Outline:
    """The approved outline, else the planned one."""
    return (await runs.outline_of(tools().database, tools().principal, run_id)).outline


async def _thrift(run: Run) -> Thrift:
    """What was decided before the sections; runs of versions that decided nothing are written as usual."""
    return await spending.kept(tools().database, tools().principal, run.id) or Thrift(model=run.model)


async def _draft(run: Run) -> Draft:
    planned = await _outline(run.id)
    sections = [await _kept(run.id, Stage.SECTIONS, Section, str(index)) for index in range(len(planned.sections))]
    return drafting.assemble(planned, sections, tools().model_for(run).writes)


async def _kept(run_id: UUID, stage: Stage, kind: type[D], item: str = "") -> D:
    return await stages.kept(tools().database, tools().principal, run_id, stage, kind, item)


async def _once(run_id: UUID, stage: Stage, kind: type[D], work: Callable[[], Awaitable[D]], item: str = "") -> D:
    held = tools()
    with on_account_of(CallKey(run_id, stage, item)):
        return await stages.once(held.database, held.principal, held.clock, run_id, stage, kind, work, item)
