"""The edge between the terminal and the async library: tools, errors, exit codes, Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from aiwriter import bootstrap, preparing, settings
from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.errors import AIWriterError

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended
UNHEARD = 141  # … and of one whose reader has gone, as `| head` does
DEFECT = 70  # EX_SOFTWARE of sysexits.h
GRACE_SECONDS = 3.5  # after that an interrupted command is ended, whatever it does

at_interrupt: list[str] = []
"""Lines to print when the command is interrupted or cannot go on, such as how to resume."""


def run(work: Callable[[Tools], Awaitable[int]], *, as_json: bool, needs_database: bool) -> int:
    """Run a command with its tools; its exit code. Errors of ours become one line, others go to a log."""
    try:
        with asyncio.Runner() as runner:
            return runner.run(_with_tools(work, needs_database=needs_database))
    except AIWriterError as error:
        report(error, as_json=as_json)
        if error.exit_code == AIWriterError.exit_code:
            for line in at_interrupt:
                console.tell(f"then:  {line}")
        return error.exit_code
    except BrokenPipeError:  # adapters translate those of theirs (rule 17): this one is of our own output
        return UNHEARD
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user sees a line, the log has the rest
        return _defect(error, as_json=as_json)


def report(error: AIWriterError, *, as_json: bool) -> None:
    """Say what went wrong and what to do next, on standard error; as JSON also on standard output."""
    if as_json:
        console.give({"status": "error", "error": type(error).__name__, "message": str(error), "hint": error.hint})
    console.tell(f"error: {error}")
    if error.hint:
        console.tell(f"next:  {error.hint}")


async def _with_tools(work: Callable[[Tools], Awaitable[int]], *, needs_database: bool) -> int:
    command = asyncio.ensure_future(_open_and_work(work, needs_database=needs_database))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, _interrupt, command)
    try:
        return await command
    except asyncio.CancelledError:
        _end_interrupted()
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sign)
    return INTERRUPTED


async def _open_and_work(work: Callable[[Tools], Awaitable[int]], *, needs_database: bool) -> int:
    async with bootstrap.open_tools(settings.load()) as tools:
        if needs_database:
            await preparing.prepare_database(tools.settings)
        return await work(tools)


def _interrupt(command: asyncio.Future[int]) -> None:
    """Cancel the command; whatever does not let itself be cancelled in time is left behind."""
    if not command.cancel():
        return
    watchdog = threading.Timer(GRACE_SECONDS, _end_interrupted)
    watchdog.daemon = True
    watchdog.start()


def _end_interrupted() -> None:
    console.tell("\ninterrupted; nothing is lost")
    for line in at_interrupt:
        console.tell(line)
    leave(INTERRUPTED)


def leave(code: int) -> None:
    """End now: libraries leave worker threads and exit hooks behind that would keep a finished command waiting."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = UNHEARD
    os._exit(code)


def _defect(error: Exception, *, as_json: bool) -> int:
    if os.environ.get("AIWRITER_DEBUG"):
        traceback.print_exc()
    log = Path(os.environ.get("AIWRITER_HOME", "~/.aiwriter")).expanduser() / "logs" / "defects.log"
    text = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()}\n{text}\n")
    except OSError:
        console.tell(text)
    line = f"a defect in aiwriter: {type(error).__name__}: {error}"
    if as_json:
        console.give({"status": "error", "error": "Defect", "message": line, "hint": f"Details are in {log}."})
    console.tell(f"error: {line}")
    console.tell(f"next:  Details are in {log}; please report them.")
    return DEFECT
