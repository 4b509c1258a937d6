"""Reading sources: files, folders and web pages, each by the extractor for its kind.

`create_finder` gives the one object behind the port `SourceFinder`. An extractor is a pure function from bytes to
`Extracted`. Those of foreign bytes run in a process of their own (`sandbox/`), those of the user's own Markdown and
text in a worker thread: there a process would cost more than the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiwriter.sources.crawl import Bounds
    from aiwriter.sources.fetch import Limits
    from aiwriter.sources.finder import Finder


def create_finder(
    allow_private_hosts: Sequence[str] = (), limits: Limits | None = None, bounds: Bounds | None = None
) -> Finder:
    """The finder over real files and the real network. `allow_private_hosts`: see `Fetcher`; `bounds`: of discovery."""
    from aiwriter.sources.fetch import Fetcher  # the processes that parse import this package and fetch nothing
    from aiwriter.sources.finder import Finder

    return Finder(Fetcher(allow_private_hosts, limits), bounds)
