"""A process that has every document parsed by a copy of itself; `pool.py` starts it.

Requests come on standard input, answers go to standard output (`wire.py`). It has parsers loaded and parses nothing
foreign: each document is given to a process forked for it alone, which is killed before its answer is passed on. What a
document does to its parser, the next one's has not seen. It ends when its input ends, and when it was left alone for a
while.

Limits, in force before the first foreign byte: 512 MB of address space (the parsers themselves take 75 MB of it, 1.5
MB of HTML in 20,000 paragraphs 200), 20 s of computing a document, no file can grow, few descriptors, no core dump; no
socket and no process can be had from Python by what parses. Where the system does not know a limit (macOS: address
space) the others hold. What native code does within the limits is not watched: no system call is filtered.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import SourceKind
from aiwriter.sources.extracted import Extracted, cleaned
from aiwriter.sources.kinds import LIBRARIES, extractor
from aiwriter.sources.parsed import named
from aiwriter.sources.sandbox.wire import Listing, Request, read_message, read_request, write_answer

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
DESCRIPTORS = 24
IDLE_SECONDS = 60.0
STUCK = "give another form of the document, or a part of it"
OWN_DOCUMENTS = {SourceKind.HTML: b"<html><body><p>The only page that is read here and in no copy.</p></body></html>"}
_FORBIDDEN = (
    *("socket.", "subprocess.", "pty.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system"),
    "os.kill",  # the process it is a copy of
)

Parse = Callable[[Request], Extracted | Listing]


def main(kind: SourceKind, parse: Parse | None = None) -> None:
    """Serve until there is a reason to end; `parse` stands for the parsers."""
    _load(kind)  # while it may still write its compiled form
    _limit()
    gc.freeze()  # what is loaded is not copied by the copies' own collections
    asked: Counter[SourceKind] = Counter()
    while select.select([0], [], [], IDLE_SECONDS)[0]:
        try:
            request = read_request(_from_parent)
            asked[request.kind] += 1
            if asked[request.kind] == 2:
                prepare(request.kind)
            _write(1, _answered(request, parse or _made))
        except EOFError:
            return


def _load(kind: SourceKind) -> None:
    extractor(kind)
    for library in LIBRARIES.get(kind, ()):
        import_module(library)


def prepare(kind: SourceKind) -> None:
    """Make, before the second document, what a parser makes at its first and each copy would make anew: for a page of
    few words trafilatura reads the stop words of a hundred languages, 0.3 s of computing."""
    if kind in OWN_DOCUMENTS:
        with suppress(Exception):  # whatever it is, the copy will say it of a document that somebody asked for
            extractor(kind)(OWN_DOCUMENTS[kind], None)
        gc.freeze()


def _answered(request: Request, parse: Parse) -> bytes:
    """The answer of a process made for this document. Raises EOFError when nobody waits for it any more."""
    _load(request.kind)
    if request.listing:
        named(request.listing)
    ours, its = os.pipe()
    pid = os.fork()
    if not pid:
        _parse_and_end(request, parse, its)
    os.close(its)
    answer: bytes | None = None
    with suppress(_Ended, ValueError):
        try:
            answer = read_message(lambda length: _from_copy(ours, length))
        finally:
            os.close(ours)
            os.kill(pid, signal.SIGKILL)  # it has answered, and is to do nothing else
            _, status = os.waitpid(pid, 0)
    return write_answer(_broken(os.waitstatus_to_exitcode(status))) if answer is None else answer


def _broken(code: int) -> UnreadableSource:
    """Why there is no answer of a process that ended so."""
    if code == -signal.SIGXCPU:
        return UnreadableSource(f"it takes more than {CPU_SECONDS} s of computing to parse", hint=STUCK)
    return UnreadableSource(f"its parser broke down ({how_ended(code)}); it may need too much memory", hint=STUCK)


def how_ended(code: int) -> str:
    """The exit code of a process in words; that of one which a signal ended is negative."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


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


# ── in the copy ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _parse_and_end(request: Request, parse: Parse, out: int) -> NoReturn:
    code = 1
    try:
        os.close(0)
        os.close(1)
        _confine()
        _write(out, write_answer(_parsed(request, parse)))
        code = 0
    finally:
        os._exit(code)


def _confine() -> None:
    """For the rest of this process, which has used no time yet."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: Any) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parser may not do this: {event}")


def _parsed(request: Request, parse: Parse) -> Extracted | Listing | UnreadableSource:
    try:
        return parse(request)
    except UnreadableSource as error:
        return error
    except MemoryError:
        reason = f"it needs more than {MEMORY_BYTES // 1024**2} MB of memory to be parsed"
        return UnreadableSource(reason, hint="give a smaller document")
    except Exception as error:  # noqa: BLE001 - whatever one document does to a parser, the asker must be told
        reason = f"it could not be parsed ({type(error).__name__}: {str(error)[:300]})"
        hint = "check the address in a browser" if request.listing else "convert it to another form and try again"
        return UnreadableSource(reason, hint=hint)


def _made(request: Request) -> Extracted | Listing:
    if request.listing:
        return Listing(named(request.listing)(request.data, *request.arguments))
    return cleaned(extractor(request.kind)(request.data, request.charset))


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Ended(Exception):
    """The copy ended without a whole answer."""


def _from_parent(length: int) -> bytes:
    return _exactly(0, length, EOFError)


def _from_copy(pipe: int, length: int) -> bytes:
    """Like `Read`; nothing comes from the parent meanwhile but its end."""

    def wait() -> None:
        if 0 in select.select([pipe, 0], [], [])[0]:
            raise EOFError

    return _exactly(pipe, length, _Ended, wait)


def _exactly(descriptor: int, length: int, ended: type[Exception], wait: Callable[[], None] = lambda: None) -> bytes:
    data = bytearray()
    while len(data) < length:
        wait()
        part = os.read(descriptor, min(length - len(data), 1 << 20))
        if not part:
            raise ended
        data += part
    return bytes(data)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def run() -> None:
    """The program: `argv[1]` is the kind of the first document."""
    with suppress(BrokenPipeError):  # who asked is gone
        main(SourceKind(sys.argv[1]))
