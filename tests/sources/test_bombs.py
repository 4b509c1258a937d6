"""Files made to exhaust their reader cost one parser at most; the reader says why and reads the next one."""

import os
from pathlib import Path

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources import create_finder
from aiwriter.testing.hostile_files import DOCX_BOMBS, HARMLESS, HTML_BOMBS, HTTP_BOMBS, PDF_BOMBS, TEXT_BOMBS
from aiwriter.testing.webserver import Page, WebServer

REFUSED = {
    **{f"docx: {name}": ("docx", make) for name, make in DOCX_BOMBS.items()},
    **{f"pdf: {name}": ("pdf", make) for name, make in PDF_BOMBS.items()},
    **{f"html: {name}": ("html", make) for name, make in HTML_BOMBS.items()},
    **{f"text: {name}": bomb for name, bomb in TEXT_BOMBS.items()},
}
BACKSTOPS = ("broke down", "s of computing", "too long")  # a PDF is unpacked by pdfium, which stops at the memory limit
MEMORY_MB = 150  # of this process, over what it had: twice the largest file


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def still_reads(tmp_path):
    path = tmp_path / "good.html"
    path.write_bytes(b"<html><body><article><p>The mill was built in 1783.</p></article></body></html>")
    return (await create_finder().read(str(path))).text == "The mill was built in 1783."


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bomb_is_refused_with_a_reason_and_the_next_document_is_read(name, tmp_path):
    suffix, make = REFUSED[name]
    path = tmp_path / f"bomb.{suffix}"
    path.write_bytes(make())
    with pytest.raises(UnreadableSource) as failure:
        await create_finder().read(str(path))
    assert failure.value.hint
    if suffix != "pdf":
        assert not any(words in str(failure.value) for words in BACKSTOPS), "a limit of its own should have stopped it"
    assert await still_reads(tmp_path)


@pytest.mark.parametrize("name", HTTP_BOMBS)
async def test_a_packed_answer_is_unpacked_within_limits(name):
    coding, make = HTTP_BOMBS[name]
    with WebServer({"/": Page(make(), headers={"Content-Encoding": coding})}) as web:
        with pytest.raises(UnreadableSource) as failure:
            await create_finder([web.host]).read(web.url("/"))
        assert failure.value.hint


@pytest.mark.parametrize("name", HARMLESS)
async def test_what_only_looks_bad_is_read(name, tmp_path):
    suffix, make = HARMLESS[name]
    path = tmp_path / f"odd.{suffix}"
    path.write_bytes(make())
    source = await create_finder().read(str(path))
    assert source.text
    assert await still_reads(tmp_path)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
async def test_the_memory_of_the_reader_does_not_grow(tmp_path):
    assert await still_reads(tmp_path)
    before = resident_mb()
    for name in ("docx: packed 1000 to 1", "pdf: stacked filters", "html: a million elements", "text: enormous line"):
        suffix, make = REFUSED[name]
        path = tmp_path / f"bomb.{suffix}"
        path.write_bytes(make())
        with pytest.raises(UnreadableSource):
            await create_finder().read(str(path))
    assert resident_mb() < before + MEMORY_MB


def test_there_are_enough_of_them():
    assert len(REFUSED) + len(HTTP_BOMBS) >= 40
