"""The tasks of `write_article`, one a stage: take the tools, call one library function, keep the stage's record."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

from prefect import task

from aiwriter import choices, embeddings, llm
from aiwriter.documents import (
    Article,
    ArticleKind,
    Draft,
    Evidence,
    MendedSection,
    Mending,
    Outline,
    QualityReport,
    Run,
    Section,
    Sources,
    SourcesRecord,
    Stage,
    StoredRecord,
)
from aiwriter.knowledge import vectors
from aiwriter.pipeline import drafting, evidence, finishing, mending, outline, quality, queries, research
from aiwriter.pipeline.quality import meaning
from aiwriter.pipeline.together import both, together
from aiwriter.pipeline.workbench import Means
from aiwriter.ports import LanguageModel
from aiwriter.services import (
    analytics,
    answered,
    archive,
    articles,
    estimates,
    holding,
    neighbours,
    runs,
    spending,
    telling,
)
from aiwriter.threads import computed
from tasks import artifacts, policies, records
from tasks.tooling import known, tools


@task(name="research", **policies.FETCH)
async def read_sources(run_id: UUID) -> int:
    """Read everything the brief names; how many sources can be used."""
    run = await records.run_of(run_id)
    choices.checked(tools(), run.model, [run.brief])  # what cannot be had is said before anything is paid for
    model, checker = tools().model_for(run), tools().checker()
    await estimates.tell(tools().database, tools().principal, tools().clock, run, model, checker)
    for load, what in ((llm.load, run.model), (embeddings.load, run.embedder)):
        asyncio.get_running_loop().run_in_executor(None, load, what)  # beside the reading

    async def progress(done: int, total: int, location: str) -> None:
        data: dict[str, object] = {"stage": Stage.RESEARCH, "done": done, "total": total, "what": location}
        await runs.announce(tools().database, tools().principal, run_id, "stage.progress", data)

    async def plan(most: int) -> list[str]:
        return await queries.asked_of(tools().model_for(run), run.brief, most, await records.context(run_id))

    async def work() -> SourcesRecord:
        engines = tools().engines_for(archive.Writing.of(run))
        index, embedder = tools().vectors(run.embedder), tools().embedder(run.embedder)
        looking = answered.tell(tools().database, tools().principal, run, index, embedder)
        found, _ = await both(research.gather(run.brief, tools().reader(), progress, engines, plan), looking)
        async with tools().unit_of_work() as unit:
            stored = await unit.sources.keep(found.items)
            await unit.commit()
        ids = tuple(source.id for source in stored)
        return SourcesRecord(source_ids=ids, problems=found.problems, searches=found.searches)

    record = await records.once(run_id, Stage.RESEARCH, SourcesRecord, work)
    return len(record.source_ids)


@task(name="evidence", **policies.COMPUTE)
async def select_evidence(run_id: UUID) -> int:
    """Choose the passages that answer the brief; how many."""
    run = await records.run_of(run_id)

    async def work() -> Evidence:
        record = await records.kept(run_id, Stage.RESEARCH, SourcesRecord)
        async with tools().unit_of_work() as unit:
            items = await unit.sources.get_many(record.source_ids)
        sources = Sources(items=tuple(items), problems=record.problems)
        asked = [search.query for search in record.searches]
        embedder = tools().embedder(run.embedder)
        found = await evidence.select(
            run.brief, sources, tools().chunk, embedder, asked=asked, words=records.words(run)
        )
        if found.bears_little:  # said before anything is paid for
            data: dict[str, object] = {"note": found.notes[0]}
            await runs.announce(tools().database, tools().principal, run_id, "run.doubtful", data)
        return found

    chosen = await records.once(run_id, Stage.EVIDENCE, Evidence, work)
    return len(chosen.items)


@task(name="outline", **policies.MODEL)
async def plan_outline(run_id: UUID) -> int:
    """Plan the sections; how many."""
    run = await records.run_of(run_id)
    asyncio.get_running_loop().run_in_executor(None, vectors.load)  # while the model plans: needed at the end

    async def work() -> Outline:
        held, context = tools(), await records.context(run_id)
        chosen = await records.evidence(run_id)
        models = held.models_for(run)
        database, owner, clock = held.database, held.principal, held.clock
        await spending.require_hope(database, owner, clock, run.brief, chosen, models, context)
        plan = outline.plan(run.brief, chosen, records.format_of(run), models[0], context)
        return await spending.planned(database, owner, clock, run.brief, models, context, plan)

    planned = await records.once(run_id, Stage.OUTLINE, Outline, work)
    return len(planned.sections)


async def sections_to_write(run_id: UUID) -> int | None:
    """How many sections the outline that counts has; None when a person is to approve it first."""
    held = tools()
    planned = await runs.outline_of(held.database, held.principal, run_id)
    if not planned.approved and (await records.run_of(run_id)).brief.approve_outline:
        return None
    return len(planned.outline.sections)


async def fit_to_budget(run_id: UUID, sections: int) -> int:
    """Decide how the sections are written for what the run may still spend; how many of them at once."""
    run, held = await records.run_of(run_id), tools()
    planned, chosen = await records.outline(run_id), await records.evidence(run_id)
    models, context = held.models_for(run), await records.context(run_id)
    thrift = await spending.decided(
        held.database, held.principal, held.clock, run.brief, planned, chosen, models, context
    )
    return 1 if thrift.one_by_one else sections


@task(name="section", task_run_name="section-{index}", **policies.MODEL)
async def write_section(run_id: UUID, index: int) -> int:
    """Write one section and mend what in it fails its checks; how many sentences it has."""
    run = await records.run_of(run_id)

    async def work() -> Section:
        planned, chosen = await records.outline(run_id), await records.evidence(run_id)
        held, heading = tools(), planned.sections[index].heading
        thrift, context = await records.thrift(run), await records.context(run_id)
        model = held.model(thrift.model, run.embedder)
        told = telling.section(held.database, held.principal, held.clock, run_id, str(index), heading)
        async with told as hear:
            return await drafting.write_section(
                run.brief, planned, index, chosen, model, context, hear, thrift.passages
            )

    section = await records.once(run_id, Stage.SECTIONS, Section, work, item=str(index))
    mended = await _mended(run, index, section)
    return len(mended.section.sentences)


@task(name="mending", **policies.MODEL)
async def mend_rest(run_id: UUID) -> int:
    """When all sections together have too much that is unsure, take up those that were let pass; how many."""
    run = await records.run_of(run_id)
    mended = await records.of_sections(run, Stage.MENDING, MendedSection)
    planned, fmt = await records.outline(run_id), records.format_of(run)
    draft = await _assembled(run, [one.section for one in mended])

    async def again(index: int) -> MendedSection:
        async def work() -> MendedSection:
            chosen, plan = await records.evidence(run_id), planned.sections[index]
            return await mending.mend_rest(mended[index], plan, index, run.brief, chosen, fmt, await _means(run))

        return await records.once(run_id, Stage.MENDING, MendedSection, work, _rest(index))

    return len(await together(again(index) for index in mending.unfinished(draft, mended, fmt)))


@task(name="quality", **policies.COMPUTE)
async def judge_quality(run_id: UUID) -> float:
    """Judge the draft; its score, 0–100."""
    run = await records.run_of(run_id)

    async def work() -> QualityReport:
        draft, chosen = await _draft(run), await records.evidence(run_id)
        hearing = meaning.heard(draft, chosen, run.brief, records.words(run))
        heard, held = await both(hearing, _held_against_archive(draft, run))
        draft = heard.model_copy(update={"neighbours": held.neighbours})
        return await computed(quality.judge, draft, chosen, run.brief, records.format_of(run))

    report = await records.once(run_id, Stage.QUALITY, QualityReport, work)
    return report.score


@task(name="finish", **policies.COMPUTE)
async def finish_article(run_id: UUID) -> str:
    """Take out what is unsupported, judge what is left, and make the article; its id."""
    run = await records.run_of(run_id)

    async def work() -> Article:
        draft, chosen = await _draft(run), await records.evidence(run_id)
        report, thrift = await records.kept(run_id, Stage.QUALITY, QualityReport), await records.thrift(run)
        done = await _mending(run, report, chosen)
        notes = (*chosen.notes, *([thrift.note] if thrift.note else []), *(done.notes if done else ()))
        chosen = chosen.model_copy(update={"notes": notes})
        provenance = await tools().provenance_of(run, thrift.model)
        made = await computed(
            finishing.finish,
            draft,
            chosen,
            report,
            run.brief,
            provenance,
            records.format_of(run),
        )
        return made.model_copy(update={"mending": done})

    article = await records.once(run_id, Stage.FINISH, Article, work)
    return str(article.id)


@task(name="store", **policies.STORE)
async def store_article(run_id: UUID) -> str:
    """Keep the article, write its files and index it; the address of the page a person reads."""
    run = await records.run_of(run_id)
    article = await records.kept(run_id, Stage.FINISH, Article)

    async def work() -> StoredRecord:
        return await articles.store(
            tools().database,
            tools().principal,
            article,
            tools().publisher(run.out),
            tools().vectors(run.embedder),
            tools().embedder(run.embedder),
        )

    record = await records.once(run_id, Stage.STORE, StoredRecord, work)
    link = artifacts.article_link(article, record.paths, tools().settings.home_folder)
    await together([artifacts.report_card(article), link])
    return record.paths.get("html", "")


@task(name="record analytics", **policies.STORE)
async def record_analytics(run_id: UUID) -> None:
    """Write the one fact row of the run."""
    article = await records.kept(run_id, Stage.FINISH, Article)
    await analytics.record_run(tools().database, tools().principal, run_id, holding.status_for(article.status), article)


async def _hear(run: Run, model: LanguageModel, section: Section, chosen: Evidence) -> None:
    """Have the embedder read what the section will be judged by while others are written: it remembers that."""
    if model.writes is ArticleKind.ARTICLE:
        draft = Draft(kind=model.writes, title="", sections=(section,))
        await meaning.heard(draft, chosen, run.brief, records.words(run))


async def _mended(run: Run, index: int, section: Section) -> MendedSection:
    """The section as it is after mending; of a draft that was judged as a whole before, as it was judged."""

    async def work() -> MendedSection:
        if await records.is_kept(run.id, Stage.QUALITY):
            return MendedSection(section=section)
        plan, chosen = (await records.outline(run.id)).sections[index], await records.evidence(run.id)
        means = await _means(run)
        made = await mending.mend(section, plan, index, run.brief, chosen, records.format_of(run), means)
        await _hear(run, means.model, made.section, chosen)
        return made

    return await records.once(run.id, Stage.MENDING, MendedSection, work, str(index))


async def _means(run: Run) -> Means:
    held, thrift = tools(), await records.thrift(run)

    async def affords(most_usd: Decimal) -> bool:
        return await spending.affords(held.database, held.principal, held.clock, run.id, thrift.model, most_usd)

    model, context = held.model(thrift.model, run.embedder), await records.context(run.id)
    return Means(model, context, affords, held.checker(), records.words(run), thrifty=bool(thrift.note))


async def _all_mended(run: Run) -> list[MendedSection]:
    """Every section as it is in the end, when mending has ended."""
    return await known(run.id, _all_mended, lambda: _mended_in_the_end(run))


async def _mended_in_the_end(run: Run) -> list[MendedSection]:
    mended = await records.of_sections(run, Stage.MENDING, MendedSection)
    again = {index: await records.is_kept(run.id, Stage.MENDING, _rest(index)) for index in range(len(mended))}
    return [
        await records.kept(run.id, Stage.MENDING, MendedSection, _rest(index)) if again[index] else one
        for index, one in enumerate(mended)
    ]


def _rest(index: int) -> str:
    """The item of a section that was taken up once more when all were judged."""
    return f"{index} rest"


async def _draft(run: Run) -> Draft:
    mended = await _all_mended(run)
    draft = await _assembled(run, [one.section for one in mended])
    return draft.model_copy(update={"opinions": {key: one for part in mended for key, one in part.opinions.items()}})


async def _held_against_archive(draft: Draft, run: Run) -> Draft:
    held, name = tools(), run.embedder
    vectors, embedder = held.vectors(name), held.embedder(name)
    return await neighbours.beside(held.database, held.principal, draft, vectors, embedder, run_id=run.id)


async def _mending(run: Run, report: QualityReport, chosen: Evidence) -> Mending | None:
    """What mending did, measured against the draft as it was written."""
    mended = await _all_mended(run)
    written = await _assembled(run, await records.of_sections(run, Stage.SECTIONS, Section))
    return await computed(mending.account, written, mended, report, run.brief, chosen, records.format_of(run))


async def _assembled(run: Run, sections: list[Section]) -> Draft:
    return drafting.assemble(await records.outline(run.id), sections, tools().model_for(run).writes)
