"""Parsers in processes of their own, as many as there are cores, started when they are first needed.

A child is started with a bare environment (no keys of the user's) and takes one document after the other, each in a
copy of itself that is gone before the next comes: a parser that was taken over can be false about its own document
alone, in answers that are JSON of a fixed shape. Child and copy are killed at the wall limit; a child that has ended is
replaced when it is needed. Both end with their parent, however that ends, since the child then reads the end of its
input. A process made by forking has none of its parent's children.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar, TypeVarTuple, cast

import aiwriter
from aiwriter.documents import SourceKind
from aiwriter.errors import Unavailable, UnreadableSource
from aiwriter.sources.extracted import Extracted
from aiwriter.sources.parsed import name_of
from aiwriter.sources.sandbox import child
from aiwriter.sources.sandbox.wire import Request, read_answer, read_listed, write_request
from aiwriter.threads import computed

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WALL_SECONDS = 60.0  # three times the computing that is allowed: the machine may be busy
PROGRAM = f"from {child.__name__} import run; run()"


@cache
def shared() -> Parsers:
    """The parsers of this process, whoever asks."""
    parsers = Parsers()
    atexit.register(parsers.close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=parsers.abandon)
    return parsers


class Parsers:
    """Children that wait for a document, the last one used first."""

    def __init__(self, wall_seconds: float = WALL_SECONDS, program: str = PROGRAM) -> None:
        self._wall = wall_seconds
        self._program = program
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()

    async def extract(self, kind: SourceKind, data: bytes, charset: str | None = None) -> Extracted:
        """What is in a document. Raises UnreadableSource with the reason, Unavailable when no process can be had."""
        return cast("Extracted", await computed(self.parse, Request(kind, charset, data)))

    async def listed(self, parser: Callable[[bytes, *Ts], T], data: bytes, *others: *Ts) -> T:
        """What a parser of listings gives (`parsed.Parse`), in the same processes, with the same limits and errors."""
        arguments = cast("tuple[str | int | None, ...]", others)
        request = Request(SourceKind.TEXT, None, data, name_of(parser), arguments)
        return cast("T", await computed(self.parse, request))

    def parse(self, request: Request) -> Any:
        """The same for callers that may wait."""
        for _ in range(2):
            one = self._take(request.kind)
            try:
                return one.ask(request, self._wall)
            except _EndedBefore:  # it had waited long enough just now
                continue
            finally:
                self._give_back(one)
        raise UnreadableSource("its parser ended without an answer", hint=child.STUCK)

    def _take(self, kind: SourceKind) -> Child:
        with self._lock:
            while self._idle:
                one = self._idle.pop()
                if one.is_alive:
                    return one
                self._let_go(one)
        one = Child(kind, self._program)
        with self._lock:
            self._all.add(one)
        return one

    def _give_back(self, one: Child) -> None:
        with self._lock:
            if one.is_alive:
                self._idle.append(one)
            else:
                self._let_go(one)

    def _let_go(self, one: Child) -> None:
        one.close()
        self._all.discard(one)

    @property
    def pids(self) -> list[int]:
        """Process ids of the children that are there."""
        with self._lock:
            return sorted(one.pid for one in self._all if one.is_alive)

    def close(self) -> None:
        """End all of them; the next document starts new ones."""
        with self._lock:
            for one in [*self._all]:
                self._let_go(one)
            self._idle.clear()

    def abandon(self) -> None:
        """In a copy of the process: the children are not ours, and must not wait for us before they end."""
        self._lock = threading.Lock()
        for one in self._all:
            one.abandon()
        self._idle, self._all = [], set()


class _EndedBefore(Exception):
    """The child ended by itself before it looked at the document."""


class Child:
    """One process that parses, seen from its parent."""

    def __init__(self, kind: SourceKind, program: str) -> None:
        root = str(Path(aiwriter.__file__).parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                [sys.executable, "-P", "-c", program, kind.value],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env={"PYTHONPATH": path, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C is for its parent
            )
        except OSError as error:
            raise Unavailable(
                f"no process could be started to parse documents: {error}", hint="look at memory and process limits"
            ) from error
        self._in = cast("IO[bytes]", self._process.stdin)
        self._out = cast("IO[bytes]", self._process.stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request, seconds: float) -> Any:
        """The answer. Raises UnreadableSource; the child is dead if it is the child that failed."""
        is_late = threading.Event()
        watch = threading.Timer(seconds, self._kill, [is_late])
        watch.daemon = True
        watch.start()
        try:
            with suppress(BrokenPipeError):  # it has ended: reading tells
                for part in write_request(request):
                    self._send(part)
            return read_listed(self._receive, request.listing) if request.listing else read_answer(self._receive)
        except EOFError as error:
            raise self._failure(self._process.wait(), is_late.is_set()) from error
        except ValueError as error:  # who answers nonsense is not asked again
            self._end()
            self._process.wait()
            raise UnreadableSource(f"its parser cannot be understood: {str(error)[:200]}", hint=child.STUCK) from error
        finally:
            watch.cancel()
            watch.join()  # so that a kill that comes too late does not hit the next document

    def _kill(self, is_late: threading.Event) -> None:
        is_late.set()
        self._end()

    def _end(self) -> None:
        """Kill it with its copy: both are in a group of their own, which is there until it has been waited for."""
        with suppress(ProcessLookupError, PermissionError):  # macOS: who has ended may not be signalled
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    @staticmethod
    def _failure(code: int, is_late: bool) -> Exception:
        if is_late:
            return UnreadableSource("it took too long to parse", hint=child.STUCK)
        if code == 0:
            return _EndedBefore()
        return UnreadableSource(f"the process of its parser broke down ({child.how_ended(code)})", hint="try again")

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._in.write(view) :]

    def _receive(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            part = self._out.read(min(length - len(data), 1 << 20))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def close(self) -> None:
        self._end()
        self._process.wait()
        self._in.close()
        self._out.close()

    def abandon(self) -> None:
        self._in.close()
        self._out.close()
        self._process.returncode = 0  # who forked us waits for it
