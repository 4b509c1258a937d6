"""What every SourceFinder promises, on the double and on real files, folders and pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.ids import LOCAL_WORKSPACE, content_hash
from aiwriter.ports import Changed, Principal, SourceFinder, Unchanged
from aiwriter.services.archive import ArchiveFinder
from aiwriter.sources import create_finder
from aiwriter.testing import MemoryDatabase
from aiwriter.testing.corpus import TinyCorpus
from aiwriter.testing.docx import HEADINGS, docx_of, paragraph
from aiwriter.testing.webserver import Page, WebServer

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

MILL = (
    "# The mill\n\nThe mill was built in 1783. It burned down a century later.\n\nA new one of brick was built at once."
)
WHEEL = "# The wheel\n\nThe wheel is nine metres high."
MILL_PAGE = (
    "<html><head><title>The mill</title></head><body><nav><a href='/'>Home</a></nav><main><h1>The mill</h1>"
    "<p>The mill was built in 1783. It burned down a century later.</p><p>A new one of brick was built at once.</p>"
    "</main></body></html>"
)


@dataclass
class World:
    """A finder and what is where in its world; `folder` is None where there are none."""

    finder: SourceFinder
    mill: str
    wheel: str
    blank: str
    missing: str
    folder: str | None
    in_folder: list[str]
    rewrite_mill: Callable[[str], object]


def double(tmp_path) -> Iterator[World]:
    texts = {"docs/mill.md": MILL, "docs/wheel.md": WHEEL, "blank.md": " \n"}
    finder = TinyCorpus(texts)
    put = partial(finder.put, "docs/mill.md")
    yield World(finder, *texts, missing="no.md", folder="docs", in_folder=[*texts][:2], rewrite_mill=put)


def files(tmp_path) -> Iterator[World]:
    docs = tmp_path / "docs"
    docs.mkdir()
    mill, wheel, blank = docs / "mill.md", docs / "wheel.txt", tmp_path / "blank.md"
    for path, text in ((mill, MILL), (wheel, WHEEL), (blank, " \n")):
        path.write_text(text)
    locations = [str(path) for path in (mill, wheel, blank)]
    no = str(tmp_path / "no.md")
    yield World(
        create_finder(), *locations, no, folder=str(docs), in_folder=locations[:2], rewrite_mill=mill.write_text
    )


def pages(tmp_path) -> Iterator[World]:
    with WebServer(
        {"/mill": Page(MILL_PAGE, etag='"v1"'), "/wheel": Page(WHEEL, content_type="text/plain"), "/blank": Page()}
    ) as web:
        locations = [web.url(path) for path in ("/mill", "/wheel", "/blank", "/no")]

        def rewrite(text: str) -> None:
            web.put("/mill", Page(text, content_type="text/plain", etag='"v2"'))

        yield World(create_finder([web.host]), *locations, folder=None, in_folder=[], rewrite_mill=rewrite)


def documents(tmp_path) -> Iterator[World]:
    docs = tmp_path / "docs"
    docs.mkdir()
    mill, wheel, blank = docs / "mill.docx", docs / "wheel.csv", tmp_path / "blank.docx"
    lines = MILL.removeprefix("# ").split("\n\n")
    mill.write_bytes(docx_of(paragraph(lines[0], "Heading1") + "".join(map(paragraph, lines[1:])), others=HEADINGS))

    def rewrite(text: str) -> None:
        mill.write_bytes(docx_of(paragraph(text)))

    wheel.write_text("part;height\nwheel;9\n")
    blank.write_bytes(docx_of(""))
    locations = [str(path) for path in (mill, wheel, blank)]
    no = str(tmp_path / "no.md")
    yield World(create_finder(), *locations, no, folder=str(docs), in_folder=locations[:2], rewrite_mill=rewrite)


def downloads(tmp_path) -> Iterator[World]:
    lines = MILL.removeprefix("# ").split("\n\n")
    mill = docx_of(paragraph(lines[0], "Heading1") + "".join(map(paragraph, lines[1:])), others=HEADINGS)
    answers = {
        "/mill": Page(mill, content_type=DOCX, etag='"v1"'),
        "/wheel": Page("a,b\nwheel,9\n", content_type="text/csv"),
    }
    with WebServer(answers | {"/blank": Page(content_type="text/csv")}) as web:
        locations = [web.url(path) for path in ("/mill", "/wheel", "/blank", "/no")]

        def rewrite(text: str) -> None:
            web.put("/mill", Page(docx_of(paragraph(text)), content_type=DOCX, etag='"v2"'))

        yield World(create_finder([web.host]), *locations, folder=None, in_folder=[], rewrite_mill=rewrite)


def beside_the_archive(tmp_path) -> Iterator[World]:
    for world in double(tmp_path):
        yield replace(world, finder=ArchiveFinder(world.finder, MemoryDatabase(), Principal("who", LOCAL_WORKSPACE)))


@pytest.fixture(params=[double, beside_the_archive, files, pages, documents, downloads], ids=lambda make: make.__name__)
def world(request, tmp_path):
    yield from request.param(tmp_path)


def test_a_document_stands_for_itself(world):
    assert world.finder.expand(world.mill) == [world.mill]


async def test_a_document_has_only_itself_behind_it(world):
    assert await world.finder.discover(world.mill) == [world.mill]


def test_a_folder_becomes_its_documents_sorted(world):
    if world.folder:
        assert world.finder.expand(world.folder) == world.in_folder


def test_a_place_that_does_not_exist_is_bad_input(world):
    if world.folder:  # whether a page exists is only known when it is read
        with pytest.raises(BadInput) as failure:
            world.finder.expand(world.missing)
        assert world.missing in str(failure.value)
        assert failure.value.hint


async def test_a_source_knows_where_it_is_from_and_what_it_is_called(world):
    source = await world.finder.read(world.mill)
    assert (source.location, source.title) == (world.mill, "The mill")
    assert source.retrieved_at.tzinfo


async def test_blocks_are_exact_ordered_and_cover_the_text(world):
    source = await world.finder.read(world.mill)
    assert "\n\n".join(source.text[block.start : block.end] for block in source.blocks) == source.text
    assert source.text.endswith("A new one of brick was built at once.")
    assert [block.level for block in source.blocks] == [1, 0, 0]


async def test_the_hash_is_that_of_the_text_and_lasts(world):
    first, again, other = [await world.finder.read(place) for place in (world.mill, world.mill, world.wheel)]
    assert first.content_hash == again.content_hash == content_hash(first.text) != other.content_hash


@pytest.mark.parametrize("which", ["blank", "missing"])
async def test_what_cannot_be_read_is_named_with_a_reason_and_a_next_step(world, which):
    location = getattr(world, which)
    with pytest.raises(UnreadableSource) as failure:
        await world.finder.read(location)
    assert str(failure.value).startswith(f"{location}: ")
    assert failure.value.hint


async def test_a_document_that_is_not_known_is_read_with_what_to_ask_with_the_next_time(world):
    first = await world.finder.read_if_changed(world.mill, None)
    assert isinstance(first, Changed)
    assert first.source.content_hash == (await world.finder.read(world.mill)).content_hash
    again = await world.finder.read_if_changed(world.mill, first.validators)
    assert again == Unchanged(first.validators)


async def test_a_document_that_changed_is_read_again(world):
    first = await world.finder.read_if_changed(world.mill, None)
    world.rewrite_mill("Something else is told of the mill now.")
    second = await world.finder.read_if_changed(world.mill, first.validators)
    assert second.source.text == "Something else is told of the mill now."
    assert second.validators != first.validators
    assert isinstance(await world.finder.read_if_changed(world.mill, second.validators), Unchanged)


async def test_a_document_that_is_gone_is_named_when_asked_whether_it_changed(world):
    known = (await world.finder.read_if_changed(world.mill, None)).validators
    with pytest.raises(UnreadableSource) as failure:
        await world.finder.read_if_changed(world.missing, known)
    assert str(failure.value).startswith(f"{world.missing}: ")
    assert failure.value.hint
