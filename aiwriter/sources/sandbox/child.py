"""A process that parses one document after the other; `pool.py` starts it.

Requests come on standard input, answers go to standard output (`wire.py`). It ends when its input ends, when it was
left alone for a while, after so many documents, after one that needed much memory, and after an error of a parser.

Limits, in force before the first foreign byte: 512 MB of address space (the parsers themselves take 75 MB of it, 1.5
MB of HTML in 20,000 paragraphs 200), 20 s of computing a document, no file can grow, few descriptors, no core dump; no
socket and no process can be had from Python. Where the system does not know a limit (macOS: address space) the others
hold. What native code does within the limits is not watched: no system call is filtered.
"""

from __future__ import annotations

import os
import resource
import select
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from aiwriter.documents import SourceKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources.extracted import Extracted, cleaned
from aiwriter.sources.kinds import LIBRARIES, extractor
from aiwriter.sources.parsed import named
from aiwriter.sources.sandbox.wire import Listing, Request, read_request, write_answer

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
DESCRIPTORS = 24
DOCUMENTS = 200
IDLE_SECONDS = 60.0
_LARGE_BYTES = 200_000_000  # resident: who holds so much after a document gives it back by ending
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")


def main(kind: SourceKind) -> None:
    """Serve until there is a reason to end."""
    for library in LIBRARIES.get(kind, ()):  # while it may still write its compiled form
        import_module(library)
    _limit()
    for _ in range(DOCUMENTS):
        try:
            if not select.select([0], [], [], IDLE_SECONDS)[0]:
                return
            request = read_request(_read)
        except EOFError:
            return
        answer, is_sound = _parsed(request)
        del request
        _write(write_answer(answer))
        if not is_sound or _resident_bytes() > _LARGE_BYTES:
            return


def _resident_bytes() -> int:
    """What it holds now; 0 where the system does not say (ru_maxrss would count the process that started this one)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _limit() -> None:
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        with suppress(ValueError, OSError):  # the system does not know it, or an administrator set a lower one
            resource.setrlimit(limit, (most, most))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: Any) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parser may not do this: {event}")


def _parsed(request: Request) -> tuple[Extracted | Listing | UnreadableSource, bool]:
    """The answer, and whether the parser is as good as before."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    try:
        return _made(request), True
    except UnreadableSource as error:
        return error, True
    except MemoryError:
        reason = f"it needs more than {MEMORY_BYTES // 1024**2} MB of memory to be parsed"
        return UnreadableSource(reason, hint="give a smaller document"), False
    except Exception as error:  # noqa: BLE001 - whatever one document does to a parser, the asker must be told
        reason = f"it could not be parsed ({type(error).__name__}: {str(error)[:300]})"
        hint = "check the address in a browser" if request.listing else "convert it to another form and try again"
        return UnreadableSource(reason, hint=hint), False


def _made(request: Request) -> Extracted | Listing:
    if request.listing:
        return Listing(named(request.listing)(request.data, *request.arguments))
    return cleaned(extractor(request.kind)(request.data, request.charset))


def _read(length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = os.read(0, min(length - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def run() -> None:
    """The program: `argv[1]` is the kind of the first document."""
    with suppress(BrokenPipeError):  # who asked is gone
        main(SourceKind(sys.argv[1]))
