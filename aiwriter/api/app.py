"""The FastAPI application: what it consists of, and how it opens and closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.routing import APIRoute

from aiwriter import __version__, bootstrap
from aiwriter.api import description, errors
from aiwriter.api.dispatching import Dispatcher
from aiwriter.api.envelope import BodyLimit, Envelope, Tags
from aiwriter.api.house import Announce, House
from aiwriter.api.metrics import Metrics
from aiwriter.api.probes import Probes
from aiwriter.api.routes import (
    budgets,
    catalogue,
    checks,
    content,
    generate,
    health,
    keys,
    knowledge,
    publications,
    research,
    runs,
)
from aiwriter.api.schemas import PREFIX
from aiwriter.settings import Settings

CLOSE_SECONDS = 2.0


def create_app(settings: Settings, announce: Announce | None = None) -> FastAPI:
    """The API over these settings; nothing is opened before it starts. `announce` is given a first key that was made:
    without it none is made, unless the settings name one."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with bootstrap.open_tools(settings) as tools:
            house = House(tools, Dispatcher(tools), Probes(tools), metrics)
            app.state.house = house
            working = asyncio.create_task(_work(house, announce))
            try:
                yield
            finally:
                house.close()
                await _ended(working)

    app = FastAPI(
        title="AI-Writer",
        version=__version__,
        summary="Turn a brief and sources into a checked, cited, stored article.",
        description=description.TEXT,
        openapi_tags=description.TAGS,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # such pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    for routes in (
        content,
        publications,
        generate,
        runs,
        catalogue,
        knowledge,
        research,
        checks,
        budgets,
        keys,
        health,
    ):
        app.include_router(routes.router, prefix=PREFIX)
    errors.install(app)
    app.add_middleware(Tags)
    app.add_middleware(BodyLimit, most=settings.api.body_bytes)
    app.add_middleware(Envelope, metrics=metrics)
    description.install(app)
    return app


async def _work(house: House, announce: Announce | None) -> None:
    """What goes on beside the requests."""
    await house.prepare(announce)
    async with asyncio.TaskGroup() as group:
        group.create_task(house.dispatcher.run())
        group.create_task(house.warm_up())


async def _ended(working: asyncio.Task[None]) -> None:
    """What is in the midst of a transaction may finish it."""
    _done, late = await asyncio.wait([working], timeout=CLOSE_SECONDS)
    for task in late:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _operation_id(route: APIRoute) -> str:
    return route.name
