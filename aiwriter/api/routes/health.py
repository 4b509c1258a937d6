"""Whether the API lives, whether it can work, and what it counted."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from aiwriter import __version__
from aiwriter.api import metrics
from aiwriter.api.auth import Reader, house_of
from aiwriter.api.house import House
from aiwriter.api.schemas import Health, Part, Readiness
from aiwriter.services import analytics

router = APIRouter(tags=["health"])


@router.head("/health", include_in_schema=False)
@router.get("/health")
async def get_health() -> Health:
    """The process is alive; nothing else is checked."""
    return Health(version=__version__)


@router.head("/readiness", include_in_schema=False)
@router.get("/readiness", responses={503: {"model": Readiness, "description": "The database is not there."}})
async def get_readiness(house: Annotated[House, Depends(house_of)], response: Response) -> Readiness:
    """State of each part. 503 only without the database: anything else that is down makes something wait or be left
    out, and nothing that was accepted is lost."""
    database, vectors, orchestrator = await asyncio.gather(
        house.probes.database(), house.probes.vectors(), house.probes.orchestrator()
    )
    if not house.prepared and database.state == "ok":
        database = Part(state="down", detail=f"it is being prepared: {house.trouble or 'a moment'}")
    parts = {
        "database": database,
        "vectors": vectors,
        "orchestrator": Part(state="ok" if orchestrator.answers else "down", detail=orchestrator.detail),
        "dispatch": house.dispatcher.part,
    }
    if database.state != "ok":
        response.status_code = 503
        return Readiness(status="unavailable", parts=parts)
    return Readiness(status="ready" if all(part.state == "ok" for part in parts.values()) else "degraded", parts=parts)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(who: Reader) -> Response:
    """Request metrics of this process; runs and articles of the key's workspace."""
    counts = await analytics.system(who.database, who.principal)
    dispatch = who.house.dispatcher.part.state
    gauges: dict[str, tuple[str, list[metrics.Sample]]] = {
        "aiwriter_runs": ("Runs by status.", [({"status": name}, count) for name, count in counts.runs.items()]),
        "aiwriter_articles": (
            "Articles by status.",
            [({"status": name}, count) for name, count in counts.articles.items()],
        ),
        "aiwriter_dispatch_backlog": ("Runs that wait in line.", [({}, counts.runs.get("queued", 0))]),
        "aiwriter_dispatch_up": ("1 when the last sweep went well.", [({}, float(dispatch == "ok"))]),
    }
    return Response(who.house.metrics.text(gauges), media_type=metrics.MEDIA_TYPE)
