"""`python -m flows.warm SOCKET`: a process in which everything a flow run needs is imported; it forks itself for each.

A flow run in a new interpreter spends seconds of CPU on imports before its first stage. The worker keeps one of these
beside it; `flows.flow_process` asks it over a unix socket for a copy that becomes the flow run, with the environment,
folder and standard streams of who asked. It stays single-threaded: only such a process may be forked.
"""

from __future__ import annotations

import array
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from aiwriter import embeddings, settings
from aiwriter.pipeline.quality import patterns, readability
from aiwriter.pipeline.quality.faults import opposites
from aiwriter.publishing import pages
from aiwriter.sdks.connection import authorities
from aiwriter.supervision.child import die_with_parent
from aiwriter.text import orders, rarity

ENGINE = "prefect.engine"
IMPORTED = (
    *(ENGINE, "prefect.flow_engine", "prefect.task_engine", "prefect.events.clients"),
    *("flows.write_article", "flows.write_batch", "flows.roll_up_analytics", "flows.ingest_sources"),
    *("aiwriter.storage.database", "aiwriter.sources.search", "aiwriter.publishing", "aiwriter.resilience.layers"),
    *("aiwriter.knowledge.chunking", "aiwriter.knowledge.vectors", "aiwriter.llm.openai", "aiwriter.llm.offline"),
    *("aiwriter.knowledge.known_engine", "aiwriter.services.reading", "aiwriter.storage.blobs"),
    *("aiwriter.sources.finder", "aiwriter.sources.crawl"),
    *("aiwriter.sources.markdown", "aiwriter.sources.plaintext", "chromadb.api.rust"),
    *("anyio._backends._asyncio", "httpcore2", "openai.resources.chat"),  # what the first request would import
    *("encodings.idna", "openai.lib.streaming.chat", "openai.resources.chat.completions"),
    *("openai.resources.chat.completions.completions", "openai.lib._chat_completion_resources", "openai.pagination"),
    *("aiwriter.embeddings.minilm", "aiwriter.resilience.embedding", "aiwriter.resilience.embedding_cache"),
    *("prefect.utilities.visualization", "jinja2", "numpy.ma", "pyphen", "sentencex", "uuid_utils.compat"),
    *("chromadb.api.fastapi", "fsspec.implementations.chained"),
    *("aiosqlite", "psycopg", "sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.postgresql.psycopg"),
    *("chromadb", "httpx", "lxml.html", "markdown_it", "numpy", "openai", "pypdfium2", "tokenizers", "trafilatura"),
)
FORMS = ("prefect.client.schemas.actions", "prefect.client.schemas.objects", "prefect.artifacts")  # of what is told
MOST_BYTES = 1_000_000  # of an environment


def main() -> None:
    path = sys.argv[1]
    die_with_parent()
    prepare()
    if (threads := _threads()) > 1:
        sys.stderr.write(f"flows.warm: {threads} threads after the imports: flow runs start cold\n")
        return
    gc.freeze()  # what is shared with the copies is not to be touched by counting it
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        request = Copies(listener).serve()
    if request is not None:
        _become(request)


def prepare() -> None:
    """Import everything, and make what each copy would make for itself: a third of a second of Prefect's forms, of
    patterns, templates and certificates, and another of the default embedder, whose memory is shared then."""
    for module in IMPORTED:
        with suppress(ImportError):  # whoever needs it will say so
            import_module(module)
    for module in FORMS:
        for form in list(vars(sys.modules[module]).values()):
            if isinstance(form, type) and issubclass(form, BaseModel) and form.__module__ == module:
                form.model_rebuild()
    for file in ("contradictions", "defects", "phrases"):
        patterns.groups(f"{file}.toml", "en")
    for name in ("template", "report"):
        pages.template(f"{name}.html")
    readability.syllables("ferry")  # the first use of each of these reads or compiles a file
    rarity.rarity("ferry")
    opposites.same_sense("ferry", "en")
    orders.orders("ferry")
    authorities()
    embeddings.load(settings.load().embedder)


def _threads() -> int:
    return len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1  # noqa: PTH208 - counted, not read


class Copies:
    """The copies that were made, and the sockets on which those who asked wait for their end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._asked: dict[int, socket.socket] = {}  # by process id of the copy

    def serve(self) -> dict[str, Any] | None:
        """Until the worker is gone: then None. In a copy: what it is to become."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        previous = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        while True:
            watched: list[Any] = [self._listener, read, *self._asked.values()]
            ready = select.select(watched, [], [])[0]
            if read in ready:
                os.read(read, 512)
                self._reap()
            for connection in [one for one in self._asked.values() if one in ready]:
                self._left_alone(connection)
            if self._listener in ready and (request := self._copy()) is not None:
                signal.set_wakeup_fd(previous)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(read)
                os.close(write)
                return request

    def _copy(self) -> dict[str, Any] | None:
        """Make a copy; what it is to become, in the copy itself."""
        connection, _ = self._listener.accept()
        try:
            request, streams = _received(connection)
        except (ValueError, OSError):
            connection.close()
            return None
        pid = os.fork()
        if pid:
            self._asked[pid] = connection
            for stream in streams:
                os.close(stream)
            with suppress(OSError):
                connection.sendall(f"{pid}\n".encode())
            return None
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        for other in (connection, *self._asked.values()):
            other.close()
        return request

    def _reap(self) -> None:
        """Tell those who asked how their copies ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self._asked.pop(pid, None)
            if connection is not None:
                with suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                connection.close()

    def _left_alone(self, connection: socket.socket) -> None:
        """Who asked is gone (it says nothing while it waits): so is what it asked for."""
        pid = next(pid for pid, one in self._asked.items() if one is connection)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        del self._asked[pid]
        connection.close()


def _received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    streams = array.array("i")
    data, extra, _flags, _address = connection.recvmsg(MOST_BYTES, socket.CMSG_SPACE(3 * streams.itemsize))
    for level, kind, content in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            streams.frombytes(content[: len(content) - len(content) % streams.itemsize])
    while not data.endswith(b"\n"):
        more = connection.recv(MOST_BYTES)
        if not more:
            raise ValueError("the request is cut off")
        data += more
    return json.loads(data), list(streams)


def _become(request: dict[str, Any]) -> None:
    """Be the engine of one flow run, as if just started with this environment."""
    die_with_parent()
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [ENGINE]
    del sys.modules[ENGINE]  # it is about to run as the main module
    runpy.run_module(ENGINE, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
