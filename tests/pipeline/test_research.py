from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from aiwriter.documents import Brief, Source
from aiwriter.errors import BadInput, Refused, UnreadableSource
from aiwriter.pipeline.research import AT_ONCE, gather
from aiwriter.testing import sample_sources


class Shelf:
    """A finder over a dictionary: a list is a folder, a string is the reason why it cannot be read."""

    def __init__(self, things: Mapping[str, list[str] | Source | str]) -> None:
        self.things = things
        self.reading = self.most_reading = 0

    def expand(self, location: str) -> list[str]:
        if location not in self.things:
            raise BadInput(f"there is no {location!r}")
        found = self.things[location]
        return found if isinstance(found, list) else [location]

    async def discover(self, location: str) -> list[str]:
        return [location]

    async def read(self, location: str) -> Source:
        self.reading += 1
        self.most_reading = max(self.most_reading, self.reading)
        await asyncio.sleep(0)
        self.reading -= 1
        found = self.things[location]
        if isinstance(found, Source):
            return found
        raise UnreadableSource(str(found), hint="mend it")


ONE, TWO, THREE, _ = sample_sources().items


def brief(*sources: str) -> Brief:
    return Brief(topic="electric ferries", sources=sources)


async def test_a_folder_becomes_its_documents_in_order_each_content_once() -> None:
    copy = ONE.model_copy(update={"location": "copy"})
    shelf = Shelf({"folder": ["a", "b", "copy"], "a": ONE, "b": TWO, "copy": copy, "c": THREE})
    found = await gather(brief("folder", "c", "a"), shelf)
    assert [source.content_hash for source in found.items] == [one.content_hash for one in (ONE, TWO, THREE)]
    assert found.problems == ()


async def test_an_unreadable_source_is_named_and_the_others_go_on() -> None:
    found = await gather(brief("a", "bad"), Shelf({"a": ONE, "bad": "'bad' is encrypted"}))
    assert found.items == (ONE,)
    assert [(p.location, p.reason, p.hint) for p in found.problems] == [("bad", "'bad' is encrypted", "mend it")]


async def test_a_source_without_text_is_a_problem() -> None:
    found = await gather(brief("a", "empty"), Shelf({"a": ONE, "empty": ONE.model_copy(update={"text": " \n"})}))
    assert [problem.location for problem in found.problems] == ["empty"]


async def test_nothing_usable_is_refused_with_the_reasons() -> None:
    with pytest.raises(Refused, match=r"no source could be used.*'x' is empty.*'y' is binary"):
        await gather(brief("x", "y"), Shelf({"x": "'x' is empty", "y": "'y' is binary"}))


async def test_an_empty_folder_is_refused() -> None:
    with pytest.raises(Refused, match="'folder' holds no document"):
        await gather(brief("folder"), Shelf({"folder": []}))


async def test_no_sources_or_one_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(BadInput, match="names no sources"):
        await gather(brief(), Shelf({}))
    with pytest.raises(BadInput, match="there is no 'gone'"):
        await gather(brief("a", "gone"), Shelf({"a": ONE}))


async def test_progress_counts_every_document_and_reading_is_bounded() -> None:
    names = [f"p{number}" for number in range(20)]
    shelf = Shelf({"all": names, **{name: f"{name!r} is broken" for name in names[1:]}, names[0]: ONE})
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int, _location: str) -> None:
        told.append((done, total))

    await gather(brief("all"), shelf, progress)
    assert told == [(number, 20) for number in range(1, 21)]
    assert shelf.most_reading == AT_ONCE
