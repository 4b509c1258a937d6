"""What can be asked for: sources that were read, formats, models; and the figures."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from aiwriter import __version__
from aiwriter.api.auth import Reader, Writer
from aiwriter.api.models import models_for
from aiwriter.api.offers import ModelAnswers, ModelList, ModelNamed
from aiwriter.api.parameters import Day, SourceQuery
from aiwriter.api.schemas import FiguresList, FormatList, SourcePage, SystemFigures
from aiwriter.documents import Source
from aiwriter.offered import ask_again
from aiwriter.pipeline import demands, formats
from aiwriter.services import analytics, sources

router = APIRouter()

USUAL_DAYS = 30


@router.get("/sources", tags=["sources"])
async def list_sources(who: Reader, query: Annotated[SourceQuery, Query()]) -> SourcePage:
    """Sources read for briefs, newest first by default."""
    page = await sources.page(who.database, who.principal, query.wanted(), query.paging())
    return SourcePage(items=tuple(page.items), total=page.total, next_cursor=page.next_cursor)


@router.get("/sources/{source_id}", tags=["sources"])
async def get_source(who: Reader, source_id: UUID) -> Source:
    """One source, with its text as it was read."""
    return await sources.get(who.database, who.principal, source_id)


@router.get("/analytics/content", tags=["analytics"])
async def content_figures(who: Reader, first: Day = None, last: Day = None) -> FiguresList:
    """Daily figures (UTC) by format and model; the last 30 days unless others are given."""
    until = last or who.tools.clock.now().astimezone(UTC).date()
    since = first or until - timedelta(days=USUAL_DAYS - 1)
    return FiguresList(items=tuple(await analytics.content(who.database, who.principal, since, until)))


@router.get("/analytics/system", tags=["analytics"])
async def system_figures(who: Reader) -> SystemFigures:
    """Runs and articles by status, the state of the orchestrator, and the models that are left alone."""
    counts = await analytics.system(who.database, who.principal)
    return SystemFigures(
        version=__version__,
        runs=dict(counts.runs),
        articles=dict(counts.articles),
        orchestrator=await who.house.probes.orchestrator(),
        left_alone=tuple(await who.tools.left_alone()),
    )


@router.get("/formats", tags=["catalogue"])
async def list_formats(_who: Reader) -> FormatList:
    """Content formats with their limits."""
    return FormatList(items=tuple(demands.head(formats.load(name)) for name in formats.names()))


@router.get("/models", tags=["catalogue"])
async def list_models(who: Reader) -> ModelList:
    """Known models, with price, context and whether they can be used now."""
    return await models_for(who.tools)


@router.post("/models/probe", tags=["catalogue"])
async def probe_model(who: Writer, asked: ModelNamed) -> ModelAnswers:
    """Check whether a model can be reached, without a paid call. One left alone is used again once it answers."""
    said = await who.tools.try_model(asked.model)
    await ask_again(who.tools, asked.model)
    return ModelAnswers(model=asked.model, said=said)
