"""What we have written is known again by its mark, and is no source."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiwriter.errors import OwnText, UnreadableSource
from aiwriter.publishing import html, markdown, report, study_html
from aiwriter.sources import create_finder
from aiwriter.testing import sample_article, sample_study
from aiwriter.testing.webserver import Page, WebServer

FILES = {
    "article.md": markdown.render(sample_article()),
    "article.html": html.render(sample_article()),
    "article.report.html": report.render(sample_article()),
    "study.html": study_html.render(sample_study()),
}


@pytest.mark.parametrize("name", FILES)
async def test_no_file_that_we_write_is_read_as_a_source(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    for text in (FILES[name], FILES[name].replace("\n", "\r\n")):
        file.write_text(text, encoding="utf-8", newline="")
        with pytest.raises(UnreadableSource, match="what we write confirms nothing") as refused:
            await create_finder().read(str(file))
        assert "archive:" in (refused.value.hint or "")


async def test_no_page_that_we_wrote_is_read_from_the_web_as_a_source() -> None:
    types = {".md": "text/markdown", ".html": "text/html"}
    pages = {f"/{name}": Page(text, content_type=types[Path(name).suffix]) for name, text in FILES.items()}
    with WebServer(pages) as web:
        finder = create_finder([web.host])
        for name in FILES:
            with pytest.raises(OwnText, match="what we write confirms nothing"):
                await finder.read(web.url(f"/{name}"))


async def test_a_file_that_speaks_of_us_is_one(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(
        '# AI-Writer\n\ngenerator: "AI-Writer: written from sources" stands in its files.\n', encoding="utf-8"
    )
    assert "stands in its files" in (await create_finder().read(str(file))).text
