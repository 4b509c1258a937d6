"""Parsers live apart: whatever a document does to them, the process that asked goes on and knows why."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trafilatura.external

from aiwriter.documents import SourceKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources import create_finder, feeds, links
from aiwriter.sources.sandbox import child
from aiwriter.sources.sandbox.pool import Parsers
from aiwriter.sources.sandbox.wire import Request, read_answer, write_answer
from aiwriter.testing.terminal import ROOT

PAGE = b"<html><body><article><h1>The mill</h1><p>The mill was built in 1783 by Amos Reed.</p></article></body></html>"
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def parsers():
    made = Parsers()
    yield made
    made.close()


async def read(parsers):
    return [piece.text for piece in (await parsers.extract(SourceKind.HTML, PAGE)).pieces]


async def test_one_child_reads_one_document_after_the_other(parsers):
    assert await read(parsers) == ["The mill", "The mill was built in 1783 by Amos Reed."]
    first = parsers.pids
    await read(parsers)
    assert parsers.pids == first
    assert len(first) == 1


def test_what_a_page_of_few_words_needs_is_made_before_it_is_copied(monkeypatch):
    """To read the stop words of all languages takes longer than all else of such a page."""
    monkeypatch.setattr(trafilatura.external, "JT_STOPLIST", None)
    child.prepare(SourceKind.HTML)
    assert trafilatura.external.JT_STOPLIST


async def test_what_a_feed_and_a_page_list_is_parsed_there_too(parsers):
    feed = (
        b"<rss version='2.0'><channel><item><title>A</title><link>https://example.org/a</link></item></channel></rss>"
    )
    listed = await parsers.listed(feeds.read_feed, feed, None, "https://example.org/feed", 5)
    assert listed == feeds.read_feed(feed, None, "https://example.org/feed", 5)
    page = b"<html><body><a href='/x'>x</a></body></html>"
    assert (await parsers.listed(links.read_links, page, None, "https://example.org/")).links == (
        "https://example.org/x",
    )
    with pytest.raises(UnreadableSource, match="no feed") as failure:
        await parsers.listed(feeds.read_feed, b"words", None, "https://example.org/feed", 5)
    assert failure.value.hint
    assert len(parsers.pids) == 1


async def test_nothing_else_can_be_asked_for_by_name(parsers):
    with pytest.raises(ValueError, match="no parser of listings"):
        await parsers.listed(json.loads, b"{}")
    assert parsers.pids == []


async def test_there_are_never_more_children_than_cores(parsers):
    texts = await asyncio.gather(*(read(parsers) for _ in range(8)))
    assert all(text == texts[0] for text in texts)
    assert 1 <= len(parsers.pids) <= (os.cpu_count() or 1)


async def test_a_child_that_was_killed_is_replaced(parsers):
    await read(parsers)
    [first] = parsers.pids
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - it is dead already
    assert await read(parsers)
    assert first not in parsers.pids


async def test_a_child_that_stops_is_killed_at_the_wall_limit():
    parsers = Parsers(wall_seconds=0.01)  # less than it takes to start one
    try:
        with pytest.raises(UnreadableSource, match="too long") as failure:
            await read(parsers)
        assert failure.value.hint
        assert parsers.pids == []
    finally:
        parsers.close()


@needs_proc
async def test_a_child_has_no_secret_and_little_room(parsers, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await read(parsers)
    process = Path(f"/proc/{parsers.pids[0]}")
    assert b"secret" not in (process / "environ").read_bytes()
    limits = {line[:25].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()}
    assert limits["Max address space"] == [str(child.MEMORY_BYTES)] * 2
    assert limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
    assert limits["Max open files"] == [str(child.DESCRIPTORS)] * 2
    assert len([*(process / "fd").iterdir()]) <= 5


async def in_a_child(code):
    """What a program says that has a child's limits."""
    program = f"from aiwriter.sources.sandbox import child; child._limit(); child._confine()\n{code}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    return (await process.communicate())[1].decode().strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("import subprocess; subprocess.run(['true'])", "PermissionError"),
        ("import os; os.fork()", "PermissionError"),
        ("import os; os.kill(os.getppid(), 9)", "PermissionError"),
        (f"from resource import *; assert getrlimit(RLIMIT_CPU)[0] != {child.CPU_SECONDS}", "AssertionError"),
        ("f = open('/tmp/never-there', 'wb', 0); f.write(b'x')", "OSError: [Errno 27]"),
        ("x = bytes(600 * 1024 * 1024)", "MemoryError"),
        ("import os; x = [open('/dev/null') for _ in range(100)]", "OSError: [Errno 24]"),
    ],
)
async def test_what_a_parser_may_not_do_fails(code, error):
    assert (await in_a_child(code)).startswith(error)
    Path("/tmp/never-there").unlink(missing_ok=True)


TAKEN_OVER = """
import os, signal, sys, time
from aiwriter.documents import BlockKind, SourceKind
from aiwriter.sources.extracted import Extracted, Piece
from aiwriter.sources.sandbox import child, wire

seen = []

def parse(request):
    seen.append(request.data)
    lie = Extracted(SourceKind.TEXT, tuple(Piece(BlockKind.PARAGRAPH, text.decode()) for text in seen))
    if request.data == b"stays":
        answer = wire.write_answer(lie)
        os.write(4, answer * 2)
        time.sleep(1000)
    if request.data == b"breaks":
        signal.raise_signal(signal.SIGSEGV)
    return lie

child.main(SourceKind.TEXT, parse)
"""


def test_what_one_document_leaves_behind_the_next_does_not_meet():
    parsers = Parsers(program=TAKEN_OVER)

    def texts(data):
        return [piece.text for piece in parsers.parse(Request(SourceKind.TEXT, None, data)).pieces]

    try:
        assert texts(b"first") == ["first"]
        first = parsers.pids
        assert texts(b"stays") == ["stays"]  # it answered, answered again, and wanted to go on
        with pytest.raises(UnreadableSource, match="SIGSEGV"):
            texts(b"breaks")
        assert texts(b"last") == ["last"]
        assert parsers.pids == first
    finally:
        parsers.close()


def answer(content):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    rest = bytearray(len(data).to_bytes(8, "big") + data)

    def read(length):
        taken = bytes(rest[:length])
        del rest[:length]
        return taken

    return read


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"[" * 100_000,
        {"extracted": {"kind": "virus", "pieces": []}},
        {"extracted": {"kind": "html", "pieces": [{"kind": "heading", "text": 7}]}},
        {"extracted": {"kind": "html"}},
    ],
)
def test_an_answer_of_another_shape_is_not_believed(content):
    with pytest.raises(ValueError, match=r"\S"):
        read_answer(answer(content))


def test_an_answer_that_is_too_long_is_not_read():
    with pytest.raises(ValueError, match="larger than"):
        read_answer(lambda _: (1 << 40).to_bytes(8, "big"))


def test_a_reason_and_a_next_step_come_through():
    with pytest.raises(UnreadableSource, match="it is empty") as failure:
        read_answer(answer(write_answer(UnreadableSource("it is empty", hint="give another"))[8:]))
    assert failure.value.hint == "give another"


READS = """
import asyncio, os, sys
from aiwriter.documents import SourceKind
from aiwriter.sources.sandbox.pool import shared
from aiwriter.sources.sandbox.wire import Request
def read(): return shared().parse(Request(SourceKind.HTML, None, {page!r})).pieces
read()
"""


@needs_proc
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_their_parent_however_it_ends(sign):
    code = READS.format(page=PAGE) + "print(*shared().pids, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in pids]
        parent.send_signal(sign)
        parent.wait()
    for descriptor in watched:  # readable once the process has ended; the test's own limit is the only one
        select.select([descriptor], [], [])
        os.close(descriptor)
    assert pids


def test_a_forked_process_has_children_of_its_own():
    code = READS.format(page=PAGE) + (
        "before = shared().pids\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    assert shared().pids == []\n"
        "    assert read() and not set(shared().pids) & set(before)\n"
        "    shared().close()\n"
        "    os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7\n"
        "assert read() and shared().pids == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)


def test_a_child_loads_neither_our_documents_nor_what_fetches():
    """Which would take ten times as long as the rest of its start."""
    heavy = {"aiwriter.documents", "aiwriter.ports", "aiwriter.sources.fetch", "asyncio", "pydantic"}
    code = f"import sys; from aiwriter.sources.sandbox import child; print({heavy} & {{*sys.modules}})"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "set()\n"


def test_the_users_own_text_needs_no_child(tmp_path):
    (tmp_path / "mill.md").write_text("# The mill\n\nIt was built in 1783.")
    code = (
        "import asyncio; from aiwriter.sources import create_finder; from aiwriter.sources.sandbox.pool import shared\n"
        f"print(asyncio.run(create_finder().read({str(tmp_path / 'mill.md')!r})).title, shared().pids)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "The mill []\n"


async def test_an_answer_to_a_page_is_what_the_extractor_gives(tmp_path):
    (tmp_path / "mill.html").write_bytes(PAGE)
    source = await create_finder().read(str(tmp_path / "mill.html"))
    assert (source.title, source.flags) == ("The mill", ())
