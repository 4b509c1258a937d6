"""Everything a user may give that cannot be read: one clear line each, and never another kind of error."""

import gzip
from pathlib import Path

import pytest

from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.sources import create_finder
from aiwriter.sources.fetch import Limits
from aiwriter.testing.pdf import Text, pdf_of
from aiwriter.testing.webserver import Page, WebServer, redirect

ENCRYPTED = (Path(__file__).parent / "data" / "encrypted.pdf").read_bytes()
GOOD_PDF = pdf_of([[Text(72, 700, "The plan is ready.")]])

FILES = {
    "empty.md": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "punctuation.txt": (b"*** --- ***", "no text"),
    "picture.md": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
    "renamed.docx.txt": (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive"),
    "random.txt": (bytes(range(256)) * 8, "binary"),
    "zeros.html": (bytes(5000), "binary"),
    "encrypted.pdf": (ENCRYPTED, "encrypted"),
    "scanned.pdf": (pdf_of([[], []]), r"2 page\(s\) but no text"),
    "cut.pdf": (GOOD_PDF[:100], "damaged"),
    "fake.pdf": (b"this is no PDF", "damaged"),
    "empty.pdf": (b"", "empty"),
    "scripts.html": (b"<html><body><script>draw()</script><div id=app></div></body></html>", "drawn by scripts"),
    "hidden.html": (b"<html><body><p style='display:none'>Nothing to see here.</p></body></html>", "no text"),
    "comment.md": (b"<!-- nothing but a comment -->", "no text"),
    "notes.odt": (b"whatever", "'.odt' cannot be read"),
    "notes.docx": (b"whatever", "no Word document"),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_cannot_be_read_says_why(name, tmp_path):
    content, reason = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    finder = create_finder()
    assert finder.expand(str(path)) == [str(path)]
    with pytest.raises(UnreadableSource, match=reason) as failure:
        await finder.read(str(path))
    assert str(path) in str(failure.value)


PAGES = {
    "/404": (Page(status=404), "no such page"),
    "/500": (Page(status=500), "the server failed"),
    "/loop": (redirect("/loop"), "loop"),
    "/private": (redirect("http://10.0.0.1/"), "not public"),
    "/blank": (Page(), "empty"),
    "/no-text": (Page("<html><body><img src=a.png></body></html>"), "no text"),
    "/huge": (Page("<p>word</p>" * 1000, endless=True), "larger than"),
    "/slow": (Page("<html>", stalls=True), "longer than|in time"),
    "/bomb": (Page(gzip.compress(bytes(9_000_000)), headers={"Content-Encoding": "gzip"}), "larger than"),
    "/encrypted": (Page(ENCRYPTED, content_type="application/pdf"), "encrypted"),
    "/picture": (Page(b"\x89PNG", content_type="image/png"), "image/png"),
    "/binary": (Page(bytes(range(256)) * 4, content_type=""), "binary"),
}


@pytest.fixture(scope="module")
def web():
    with WebServer({path: page for path, (page, _) in PAGES.items()}) as server:
        yield server


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_cannot_be_read_says_why(path, web):
    seconds = 0.3 if path == "/slow" else 10
    limits = Limits(seconds=seconds, raw_bytes=1_000_000, decoded_bytes=2_000_000, attempts=1)
    with pytest.raises(UnreadableSource, match=PAGES[path][1]) as failure:
        await create_finder([web.host], limits).read(web.url(path))
    assert web.url(path) in str(failure.value)


@pytest.mark.parametrize(
    "location", ["", "  ", "no/such/place", "ftp://example.com/a", "file:///etc/passwd", "~nobody-here/x", "a\0b"]
)
def test_places_that_cannot_be_are_bad_input(location):
    with pytest.raises(BadInput) as failure:
        create_finder().expand(location)
    assert failure.value.hint


def test_what_looks_like_an_address_is_never_taken_for_a_path(tmp_path):
    """An API that may not read files asks by the look of a location."""
    (tmp_path / "a:").mkdir()
    (tmp_path / "secret.md").write_text("# Secret")
    for location in (f"{tmp_path}/a://../secret.md", f"{tmp_path}/a://"):
        with pytest.raises(BadInput, match="cannot be read"):
            create_finder().expand(location)


@pytest.mark.parametrize("location", ["http://", "https://a b/", "http://[", "http://user:s3cr3t@example.org/"])
def test_a_web_address_that_cannot_be_one_is_bad_input(location):
    with pytest.raises(BadInput) as failure:
        create_finder().expand(location)
    assert failure.value.hint
    assert "s3cr3t" not in str(failure.value)


def test_a_folder_with_nothing_readable_is_bad_input(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / ".hidden.md").write_text("# Hidden")
    with pytest.raises(BadInput, match="no readable file"):
        create_finder().expand(str(tmp_path))


def test_a_folder_gives_what_is_readable_in_it_and_below_sorted(tmp_path, monkeypatch):
    for name in ("b.md", "a.html", "sub/c.TXT", "sub/.git/d.md", "e.png", "sub/deep/f.pdf"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    expected = ["a.html", "b.md", "sub/c.TXT", "sub/deep/f.pdf"]
    monkeypatch.chdir(tmp_path)
    assert create_finder().expand("docs") == [str(Path("docs") / name) for name in expected]
    assert create_finder().expand(str(tmp_path / "docs")) == [str(tmp_path / "docs" / name) for name in expected]


async def test_a_home_folder_is_understood(tmp_path, monkeypatch):
    (tmp_path / "note.md").write_text("# A note\n\nIt says something.")
    monkeypatch.setenv("HOME", str(tmp_path))
    finder = create_finder()
    assert finder.expand("~") == ["~/note.md"]
    assert (await finder.read("~/note.md")).title == "A note"


async def test_a_pdf_is_known_by_its_bytes_whatever_it_is_called(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_bytes(GOOD_PDF)
    assert (await create_finder().read(str(path))).text == "The plan is ready."
