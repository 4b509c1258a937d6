"""Search engines: one a file, each the real API of its provider behind the port `SearchEngine`.

Adding one: a file with a class that has `name` and `search`, a factory in `ENGINES`, an address NAME_url in the
settings, and its name in tests/contracts/test_search_engine_contract.py, whose suite it must pass.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from aiwriter.errors import BadInput
from aiwriter.ports import SearchEngine
from aiwriter.settings import Settings
from aiwriter.sources.pace import Sleep
from aiwriter.sources.search import searxng, tavily
from aiwriter.sources.search.arxiv import ArXiv
from aiwriter.sources.search.asking import Asker, Patience
from aiwriter.sources.search.custom import Custom
from aiwriter.sources.search.outside import PublicEngine, is_public
from aiwriter.sources.search.searxng import SearXNG
from aiwriter.sources.search.tavily import Tavily
from aiwriter.sources.search.wikipedia import Wikipedia

WEB = "web"


@dataclass(frozen=True, slots=True)
class Gear:
    """What an engine is made of: the settings, and how patiently it is asked."""

    settings: Settings
    patience: Patience | None = None
    sleep: Sleep = asyncio.sleep


def _tavily(gear: Gear) -> SearchEngine:
    key = _needed("tavily", "key", _secret(gear.settings.tavily_api_key), "TAVILY_API_KEY")
    asker = Asker("tavily", gear.patience, sleep=gear.sleep, statuses=tavily.STATUSES, secret=key)
    return Tavily(gear.settings.search.tavily_url, key, asker)


def _searxng(gear: Gear) -> SearchEngine:
    url = _needed("searxng", "address", gear.settings.search.searxng_url, "AIWRITER_SEARCH__SEARXNG_URL")
    return SearXNG(url, Asker("searxng", gear.patience, sleep=gear.sleep, statuses=searxng.STATUSES))


def _wikipedia(gear: Gear) -> SearchEngine:
    search = gear.settings.search
    return Wikipedia(search.wikipedia_url, Asker("wikipedia", gear.patience, sleep=gear.sleep, contact=search.contact))


def _arxiv(gear: Gear) -> SearchEngine:
    search = gear.settings.search
    asker = Asker("arxiv", gear.patience, sleep=gear.sleep, contact=search.contact)
    return ArXiv(search.arxiv_url, asker, sleep=gear.sleep)


def _custom(gear: Gear) -> SearchEngine:
    url = _needed("custom", "address", gear.settings.search.custom_url, "AIWRITER_SEARCH__CUSTOM_URL")
    key = _secret(gear.settings.search.custom_api_key)
    return Custom(url, key, Asker("custom", gear.patience, sleep=gear.sleep, secret=key))


ENGINES: Mapping[str, Callable[[Gear], SearchEngine]] = {
    "wikipedia": _wikipedia,
    "arxiv": _arxiv,
    "tavily": _tavily,
    "searxng": _searxng,
    "custom": _custom,
}


def create(
    name: str, settings: Settings, patience: Patience | None = None, *, sleep: Sleep = asyncio.sleep
) -> SearchEngine:
    """The engine of that name. Raises BadInput when there is none, or it lacks its key or address."""
    if name not in ENGINES:
        close = difflib.get_close_matches(name.lower(), ENGINES, n=1)
        known = f"did you mean {close[0]!r}?" if close else f"engines are {', '.join(ENGINES)}"
        raise BadInput(f"there is no search engine {name!r}", hint=known)
    engine = ENGINES[name](Gear(settings, patience, sleep))
    address = str(getattr(settings.search, f"{name}_url"))
    if settings.sources.allow_private_hosts and is_public(address.replace("{language}", "en")):
        return PublicEngine(engine, settings.sources.allow_private_hosts)
    return engine


class Engines:
    """The engines of an installation, each made once: arXiv's turns are kept by the one object there is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, SearchEngine] = {}
        self.names = (WEB, *ENGINES)
        self.results = settings.search.results
        self.queries = settings.search.queries
        self.pages = settings.search.pages

    def named(self, name: str) -> tuple[SearchEngine, ...]:
        """The engines a name stands for. Raises BadInput."""
        names = self._settings.search.engines if name == WEB else (name,)
        if not names:
            raise BadInput("web: asks no engine", hint='name some, such as AIWRITER_SEARCH__ENGINES=["wikipedia"]')
        return tuple(self._engine(one) for one in dict.fromkeys(names))

    def _engine(self, name: str) -> SearchEngine:
        if name not in self._made:
            self._made[name] = create(name, self._settings)
        return self._made[name]


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def _needed(engine: str, what: str, value: str | None, variable: str) -> str:
    if not value:
        raise BadInput(f"the search engine {engine!r} has no {what}", hint=f"set {variable}, or use wikipedia:")
    return value
