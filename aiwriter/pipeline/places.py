"""What stands among a brief's sources: documents that a finder knows, and searches, "NAME:QUERY"."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiwriter.documents import Brief
from aiwriter.errors import BadInput
from aiwriter.ports import SearchEngine, SearchEngines, SourceFinder, is_address

LONGEST_QUERY = 400
_NAMED = re.compile(r"([a-z][a-z0-9_-]{2,}):(?!//)(.*)", re.DOTALL)  # two letters at least: "C:" is a drive
_OF_FINDERS = frozenset({"feed", "sitemap", "site"})  # forms that are not ours to judge


@dataclass(frozen=True, slots=True)
class Search:
    """A place that is a search: the engines that are asked, and for what; "" means that queries are planned."""

    place: str
    engines: tuple[SearchEngine, ...]
    text: str


def is_named(place: str) -> bool:
    """Whether a place has a form like "wikipedia:night ferries" and is no file that happens to be called so: then it
    must not be taken for a path."""
    return _NAMED.fullmatch(place.strip()) is not None and not os.path.lexists(Path(place.strip()).expanduser())


def lasting(place: str, folder: Path | None = None) -> str:
    """A place as it can be found from anywhere: the path of a file lies in `folder`, or here. An address or a search
    stays as it is, and so does an empty place, which is no folder."""
    place = place.strip()
    if not place or is_address(place) or is_named(place):
        return place
    return os.path.normpath((folder or Path()).absolute() / Path(place).expanduser())


def search_of(place: str, engines: SearchEngines | None) -> Search | None:
    """The search that a place stands for, None when it is none. Raises BadInput when it cannot be asked."""
    found = _NAMED.fullmatch(place.strip())
    if found is None or engines is None or found[1] not in engines.names:
        return None
    text = " ".join(found[2].split())
    if len(text) > LONGEST_QUERY:
        raise BadInput(
            f"the query of {place[:60]!r}… has {len(text)} characters", hint=f"at most {LONGEST_QUERY} can be asked"
        )
    return Search(place, engines.named(found[1]), text)


def check(place: str, finder: SourceFinder, engines: SearchEngines | None) -> None:
    """Raises BadInput for a place that can be neither read nor searched, before anything is asked of anybody."""
    if search_of(place, engines) is not None:
        return
    with judged(place, engines):
        finder.expand(place)


@contextmanager
def judged(place: str, engines: SearchEngines | None) -> Iterator[None]:
    """Around what looks whether a place can be read: where it cannot, and is written like a search, BadInput says that
    there is no such engine."""
    try:
        yield
    except BadInput as error:
        found = _NAMED.fullmatch(place.strip())
        if found is None or found[1] in _OF_FINDERS or engines is None:
            raise
        raise _unknown(place, found[1], engines) from error


def refuse_search(place: str, engines: SearchEngines) -> None:
    """Raises BadInput for a search where something is to be read and stay known."""
    found = _NAMED.fullmatch(place.strip())
    if found is not None and found[1] in engines.names:
        raise BadInput(
            f"{place[:80]!r} is a search, and a search cannot be added",
            hint=f'give a path or an address; `aiwriter research "TOPIC" --source {found[1]}:` reads what it finds',
        )


def plans_queries(brief: Brief) -> bool:
    """Whether something is searched for which the brief gives no query."""
    found = (_NAMED.fullmatch(place.strip()) for place in brief.sources)
    return any(one and not one[2].strip() and one[1] not in _OF_FINDERS for one in found)


def _unknown(place: str, name: str, engines: SearchEngines) -> BadInput:
    close = difflib.get_close_matches(name, engines.names, n=1)
    known = ", ".join(f"{one}:" for one in engines.names)
    hint = f"did you mean {close[0]}:?" if close else f"searches are {known}; else give a path or an address"
    return BadInput(f"there is neither a file nor a search engine by the name of {place[:80]!r}", hint=hint)
