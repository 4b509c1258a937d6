"""`python -m aiwriter.api`: serve the API until Ctrl-C or SIGTERM.

Standard output has one line of JSON when a first key was made, and nothing else; the log goes to standard error.
"""

from __future__ import annotations

import asyncio
import json
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from aiwriter import preparing
from aiwriter.api.app import create_app
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.services.keys import MadeKey
from aiwriter.settings import Settings, load

GRACE_SECONDS = 4
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"uvicorn": {"level": "INFO"}, "aiwriter": {"level": "INFO"}},
}


class Server(uvicorn.Server):
    """Tells the open streams that the end has come, so that nobody is waited for."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        house = getattr(self._app.state, "house", None)
        if house is not None:
            house.close()
        super().handle_exit(sig, frame)


def main() -> int:
    """The exit code: 2 when settings or tables cannot be used."""
    try:
        settings = load()
        asyncio.run(_refuse_unusable_tables(settings))
    except AIWriterError as error:
        sys.stderr.write(f"error: {error}\n" + (f"next:  {error.hint}\n" if error.hint else ""))
        return error.exit_code
    serve(settings)
    return 0


async def _refuse_unusable_tables(settings: Settings) -> None:
    """Raises BadInput for tables that a person must see to; a database that is down is waited for later."""
    settings.home_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        await preparing.prepare_database(settings)
    except Unavailable as error:
        sys.stderr.write(f"warning: {error}; trying again\n")


def serve(settings: Settings) -> None:
    """Serve until a signal comes."""
    own = settings.api.bootstrap_key is not None
    app = create_app(settings, announce=_keep_silent if own else _print_key)
    config = uvicorn.Config(
        app,
        host=settings.api.host,
        port=settings.api.port,
        access_log=False,
        log_config=LOGGING,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config, app).run()


def _print_key(made: MadeKey) -> None:
    """Once, where a person or whoever started us reads it."""
    line = {"api_key": made.secret, "id": made.key.id, "note": "shown this once; only its hash is kept"}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _keep_silent(_made: MadeKey) -> None:
    """Who gave the key knows it."""


if __name__ == "__main__":
    sys.exit(main())
