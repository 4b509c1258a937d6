"""A folder that readers look into: whole files, an index of what is there, and nothing of anybody else overwritten."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from aiwriter.documents import Publication
from aiwriter.errors import BadInput
from aiwriter.publishing.folder import FolderTarget
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.testing import HOSTILE, sample_article, sample_id, sound_article

KEY = sample_id("publication")


def listed(address: str, **fields: str) -> Publication:
    article = sample_article()
    return Publication(article_id=article.id, version=1, target="folder:x", address=address, **fields)


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    return FolderTarget(FsspecBlobStore(str(tmp_path / "site")))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_an_article_is_a_folder_with_three_forms_and_again_the_same_bytes(
    target: FolderTarget, tmp_path: Path
) -> None:
    article = sound_article()
    address = await target.put(article, KEY)
    name = f"electric-ferries-at-kestrel-sound-{article.id.hex[-8:]}"
    assert Path(address) == tmp_path / "site" / name / "index.html"
    written = files(tmp_path / "site")
    assert set(written) == {f"{name}/{form}" for form in ("index.html", "article.md", "article.json")}
    assert await target.put(article, KEY) == address
    assert files(tmp_path / "site") == written


async def test_the_index_leads_to_the_pages_and_what_is_removed_is_gone(target: FolderTarget, tmp_path: Path) -> None:
    article = sound_article()
    address = await target.put(article, KEY)
    await target.show([listed(address, title=article.title, description="About ferries")])
    page = (tmp_path / "site" / "index.html").read_text()
    (link,) = re.findall(r'href="([^"]+)"', page)
    assert (tmp_path / "site" / link).read_bytes() == Path(address).read_bytes()
    assert "About ferries" in page
    assert await target.holds(article)
    Path(address).with_name("article.md").unlink()
    assert not await target.holds(article)
    await target.remove(article)
    await target.remove(article)
    await target.show([])
    assert set(files(tmp_path / "site")) == {"index.html"}
    assert "Nothing is published here" in (tmp_path / "site" / "index.html").read_text()


async def test_titles_in_the_index_stay_text(target: FolderTarget, tmp_path: Path) -> None:
    await target.show([listed("site/a/index.html", title=text, description=text, language="en") for text in HOSTILE])
    page = (tmp_path / "site" / "index.html").read_text()
    assert page.count("<article") == page.count("<h2>") == len(HOSTILE)
    assert not re.search(r"<(?:script|img|iframe|svg)\b|\son\w+=[\"']", page, re.IGNORECASE)
    assert "default-src 'none'" in html.unescape(page)


async def test_an_index_that_is_not_ours_is_never_overwritten(target: FolderTarget, tmp_path: Path) -> None:
    own = tmp_path / "site" / "index.html"
    own.parent.mkdir()
    own.write_text("<h1>My page</h1>")
    for doing in (target.put(sound_article(), KEY), target.show([])):
        with pytest.raises(BadInput, match="not ours"):
            await doing
    assert files(tmp_path / "site") == {"index.html": b"<h1>My page</h1>"}
