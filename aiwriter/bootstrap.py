"""Settings → Tools: the one place where real things are chosen, by `scheme:value` strings.

Opening tools starts nothing: files, models and indexes are opened when they are first used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from aiwriter import checkout
from aiwriter.documents import ArticleKind, KeptStudy, Provenance, Run
from aiwriter.errors import BadInput
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import (
    BlobStore,
    Checker,
    Chunker,
    Clock,
    Database,
    Embedder,
    Examiner,
    LanguageModel,
    Launcher,
    PassageIndex,
    Principal,
    Publisher,
    Rates,
    Renderer,
    Retriever,
    Scheduler,
    SearchEngines,
    SharedLimits,
    SourceFinder,
    Target,
    UnitOfWork,
    VectorIndex,
    WordEmbedder,
)
from aiwriter.preparing import database_state
from aiwriter.settings import OFFLINE_MODEL, Settings

if TYPE_CHECKING:
    from aiwriter.resilience.breaker import Breakers
    from aiwriter.resilience.layers import Gear
    from aiwriter.resilience.pace import Sends
    from aiwriter.services.archive import Writing
    from aiwriter.services.desk import Desk, ReadGiven
    from aiwriter.services.knowledge import Shelf


@dataclass(frozen=True)
class Tools:
    """What a command or a flow works with. Every real thing is a field, so that tests give others."""

    settings: Settings
    principal: Principal
    database: Database
    clock: Clock
    finder: SourceFinder
    web: SearchEngines
    chunk: Chunker
    renderers: Mapping[str, Renderer]
    limits: SharedLimits
    breakers: Breakers
    sends: Sends
    _loaded: dict[str, Embedder] = field(default_factory=dict)  # shared by all who act with these tools
    _embedders: dict[str, Embedder] = field(default_factory=dict)
    _models: dict[str, LanguageModel] = field(default_factory=dict)
    _checkers: dict[str, Checker] = field(default_factory=dict)

    def acting_for(self, principal: Principal) -> Tools:
        """The same tools in the hands of another principal; what is loaded is shared, what is scoped is not."""
        return replace(self, principal=principal, _embedders={}, _models={}, _checkers={})

    def unit_of_work(self) -> UnitOfWork:
        return self.database.unit_of_work(self.principal.workspace_id)

    def embedder(self, spec: str) -> Embedder:
        """The embedder a run was asked for with, loaded once. Raises BadInput for an unknown one.

        What a paid one costs is on the account of `on_account_of`, else of the house.
        """
        if spec not in self._embedders:
            self._embedders[spec] = self._new_embedder(spec)
        return self._embedders[spec]

    def word_embedder(self, spec: str) -> WordEmbedder | None:
        """The same embedder where it knows the words of a text apart; None of one that does not."""
        self.embedder(spec)
        loaded = self._loaded.get(spec)
        return loaded if isinstance(loaded, WordEmbedder) else None

    def _new_embedder(self, spec: str) -> Embedder:
        from aiwriter import embeddings
        from aiwriter.resilience.embedding import AccountedEmbedder
        from aiwriter.resilience.embedding_cache import CachedEmbedder

        cache = self.database.vector_cache(self.principal.workspace_id)
        paid = embeddings.create_paid(spec, self.settings)
        if paid is not None:
            return AccountedEmbedder(paid, cache, replace(self._gear(), account=embeddings.account(self.settings)))
        if spec not in self._loaded:
            self._loaded[spec] = embeddings.create(spec)
        return CachedEmbedder(self._loaded[spec], cache)

    def model(self, spec: str, embedder: str | None = None) -> LanguageModel:
        """The language model `provider:model`, or a list of them, within the layers. Raises BadInput when one cannot be
        set up."""
        if spec not in self._models:
            from aiwriter import llm
            from aiwriter.resilience import layers

            models = llm.create_all(spec, self.settings, self.embedder(embedder or self.settings.embedder))
            self._models[spec] = layers.wrap_all(models, self._gear())
        return self._models[spec]

    def checker(self) -> Checker | None:
        """What gives a second opinion on unsure sentences, if the settings name anything. Raises BadInput when it
        cannot be set up."""
        spec = self.settings.checking_model
        if spec is None:
            return None
        if spec not in self._checkers:
            self._checkers[spec] = self._new_checker(spec)
        return self._checkers[spec]

    def _new_checker(self, spec: str) -> Checker:
        from aiwriter.llm import entailment
        from aiwriter.pipeline.second_opinion import ModelChecker

        return entailment.create(spec, self.settings) or ModelChecker(self.model(spec))

    def model_names(self) -> list[str]:
        """The default model first, then the offline writer, then those that the table knows of providers with a key; of
        OpenAI in any case, since its name stands for any endpoint."""
        from aiwriter.llm import profiles

        settings = self.settings
        shown = {
            "openai": not settings.openai.base_url,  # another endpoint has models of its own
            "gemini": settings.gemini_api_key and not settings.gemini.base_url,
            "anthropic": settings.anthropic_api_key and not settings.anthropic.base_url,
        }
        known = (name for name in profiles.known() if shown.get(name.partition(":")[0]))
        return list(dict.fromkeys((settings.model, OFFLINE_MODEL, *known)))

    def providers(self) -> tuple[str, ...]:
        """What a model's name may begin with."""
        from aiwriter import llm

        return tuple(llm.PROVIDERS)

    def _gear(self) -> Gear:
        """What the layers around a model or an embedder need."""
        from aiwriter.resilience.layers import Gear
        from aiwriter.services import telling

        journal = self.database.journal(self.principal.workspace_id)
        rates = {name: Rates(one.rpm, one.tpm) for name, one in self.settings.limits.items()}
        gear = Gear(journal, self.clock, shared=self.limits, breakers=self.breakers, sends=self.sends, rates=rates)
        return replace(gear, held_up=partial(telling.held_up, self.database, self.principal))

    async def left_alone(self) -> list[str]:
        """The models and providers that no process asks at the moment, in words."""
        if await database_state(self.settings) != "current":
            return []
        paused = await self.limits.paused()
        return [f"{one.name} is {one.kind} until {one.until:%H:%M:%S} UTC: {one.reason}" for one in paused]

    async def try_model(self, spec: str) -> str:
        """Whether the model, or each of a list, can be reached, in words; no paid call is made.

        A provider that was left alone because it refused the account is used again once it answers.
        """
        from aiwriter import llm

        told = []
        for model in llm.create_all(spec, self.settings, self.embedder(self.settings.embedder)):
            told.append(await model.probe())
            if await database_state(self.settings) == "current":
                await self.limits.resume(model.name.partition(":")[0])
        return "; ".join(told)

    async def try_embedder(self, spec: str) -> str:
        """Embed something that is in no cache; what came of it, in words."""
        embedder = self.embedder(spec)
        (row,) = await embedder.embed([f"Does it work on {self.clock.now():%A, %d %B %Y at %H:%M:%S.%f}?"])
        return f"{embedder.name} gives {len(row)} dimensions"

    def model_for(self, run: Run) -> LanguageModel:
        return self.model(run.model, run.embedder)

    def vectors(self, embedder: str) -> VectorIndex:
        """The index: the one that the settings name, else the Chroma server of `aiwriter up`, else a folder."""
        from aiwriter.knowledge import vectors

        name = self.embedder(embedder).name
        return vectors.create(self._index_spec, self.settings.home_folder, self.principal.workspace_id, name)

    def passages(self, embedder: str) -> PassageIndex:
        """The index of known passages, where that of articles is."""
        from aiwriter.knowledge import passage_vectors

        name = self.embedder(embedder).name
        return passage_vectors.create(self._index_spec, self.settings.home_folder, self.principal.workspace_id, name)

    def retriever(self, embedder: str) -> Retriever:
        """What finds known passages by words and meaning."""
        from aiwriter.knowledge.retrieval import HybridRetriever

        words = self.database.text_search(self.principal.workspace_id)
        return HybridRetriever(words, self.passages(embedder), self.embedder(embedder))

    @property
    def engines(self) -> SearchEngines:
        """What a brief's searches may ask: the knowledge, the own archive, and the engines of the web."""
        return self.engines_for(None)

    def engines_for(self, writing: Writing | None) -> SearchEngines:
        """The same for what is being written, which is no source of itself."""
        from aiwriter.knowledge.known_engine import KnownEngine, WithKnown
        from aiwriter.services.archive import ArchiveEngine

        name = self.settings.embedder
        archive = ArchiveEngine(
            self.database, self.principal, lambda: (self.vectors(name), self.embedder(name)), writing
        )
        return WithKnown(self.web, KnownEngine(lambda: self.retriever(name)), archive)

    def reader(self) -> SourceFinder:
        """What reads sources for a run: from the knowledge what is fresh there, and articles of the own archive."""
        from aiwriter.services.archive import ArchiveFinder
        from aiwriter.services.reading import KnownFinder

        finder = ArchiveFinder(self.finder, self.database, self.principal)
        return KnownFinder(finder, self.database, self.principal, self.clock)

    def shelf(self) -> Shelf:
        """What keeps sources known, with the embedder of the settings."""
        from aiwriter.knowledge.findable import findable
        from aiwriter.services.knowledge import Shelf

        name = self.settings.embedder
        return Shelf(findable, self.passages(name), self.embedder(name), self.clock)

    def desk(self) -> Desk:
        """What studies and checks are made with, with the embedder of the settings."""
        from aiwriter.services.desk import Desk

        embedders = (self.embedder(self.settings.embedder), self.word_embedder(self.settings.embedder))
        return Desk(self.reader(), self.engines_for, self.read_given, self.chunk, self.clock, *embedders)

    @property
    def read_given(self) -> ReadGiven:
        """What reads a source that was sent along."""
        from aiwriter.sources.given import source_of

        return source_of

    def report(self, study: KeptStudy) -> str:
        """What a study found, or what a reviewer looks at of a checked text, as a page."""
        from aiwriter.publishing import report, study_html

        return report.page(study.checked.reviewed) if study.checked else study_html.render(study)

    @property
    def _index_spec(self) -> str:
        return self.settings.vectors if "vectors" in self.settings.model_fields_set else "chroma-home:"

    def blobs(self, out: str | None) -> BlobStore:
        """Where files go: the folder a run asked for, else the one in the settings."""
        from aiwriter.storage.blobs import FsspecBlobStore

        return FsspecBlobStore(out or self.settings.files)

    def publisher(self, out: str | None) -> Publisher:
        from aiwriter.publishing.files import FilesPublisher

        return FilesPublisher(self.blobs(out))

    def target_named(self, name: str) -> str:
        """The `scheme:value` of a target that the settings name. Raises BadInput for another name: over the API nobody
        says where on this machine files are written."""
        known = self.settings.publishing.targets
        if name not in known:
            raise BadInput(
                f"there is no target {name!r}",
                hint=f"Targets are {', '.join(sorted(known))}; AIWRITER_PUBLISHING__TARGETS names them.",
            )
        scheme, _, value = known[name].partition(":")
        return f"{scheme}:{value or self.settings.home_folder / 'published' / name}"

    def target(self, spec: str) -> Target:
        """The target `scheme:value`. Raises BadInput for a scheme that there is not."""
        from aiwriter.publishing import FolderTarget
        from aiwriter.storage.blobs import FsspecBlobStore

        scheme, _, value = spec.partition(":")
        if scheme != "folder" or not value:
            raise BadInput(f"nothing can be published to {spec!r}", hint="Name a folder: folder:PATH, folder:s3://…")
        return FolderTarget(FsspecBlobStore(value))

    def examiner(self) -> Examiner:
        """What holds stored articles against expectations."""
        from aiwriter.gate.examiner import GreatExaminer

        return GreatExaminer()

    def gate_blobs(self) -> BlobStore:
        """Where the gate's report and pages lie, by workspace."""
        url = self.settings.files_url
        return self.blobs(f"{url.rstrip('/')}/gate" if url else str(self.settings.home_folder / "gate"))

    def launcher(self) -> Launcher:
        launcher = checkout.loaded("launcher", self.settings.launcher)
        return cast("Launcher", launcher(self.settings, self.database, self.principal))

    def scheduler(self) -> Scheduler:
        return cast("Scheduler", checkout.loaded("scheduler", self.settings.scheduler)(self.settings))

    def models_for(self, run: Run) -> list[LanguageModel]:
        """The model of the run, and the one that writes for it near its budget if there is one."""
        cheaper = self.settings.cheaper_model
        return [self.model_for(run), *([self.model(cheaper, run.embedder)] if cheaper else [])]

    async def provenance_of(self, run: Run, writer: str | None = None) -> Provenance:
        """What the run's article was made with; its sections by `writer`, if not by the run's model; of a list
        of models, those that answered."""
        from aiwriter.pipeline import prompts

        model = self.model(writer, run.embedder) if writer else self.model_for(run)
        if model.writes is ArticleKind.DIGEST:
            return Provenance(run_id=run.id, author="offline", model=model.name, embedder=run.embedder)
        hashes = prompts.file_hashes()
        calls = await self.database.journal(self.principal.workspace_id).calls(run.id)
        answered = dict.fromkeys(call.model for call in calls if call.status == "answered" and "," in model.name)
        name = ", ".join(one for one in answered if one in model.name.split(", ")) or model.name
        return Provenance(run_id=run.id, author="model", model=name, embedder=run.embedder, prompts=hashes)

    def announcements(self, model: str) -> list[str]:
        """What is worth a line before work starts: embedded defaults in use, keys that are set but not used."""
        if self.model(model).writes is not ArticleKind.DIGEST:
            return []
        unused = [f"{name} is set up but not used: --model {scheme}:NAME uses it" for scheme, name in self._unused()]
        return [f"model {model}: quotations from your sources, put in order; no language model", *unused]

    def _unused(self) -> Iterator[tuple[str, str]]:
        known = {"openai": "an OpenAI-compatible provider", "gemini": "Gemini", "anthropic": "Anthropic"}
        for scheme, name in known.items():
            if getattr(self.settings, f"{scheme}_api_key") or getattr(self.settings, scheme).base_url:
                yield scheme, name


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """Tools for the local owner's workspace, closed at the end."""
    from aiwriter.knowledge.chunking import chunk
    from aiwriter.publishing import RENDERERS
    from aiwriter.resilience.breaker import BreakerPolicy, Breakers
    from aiwriter.resilience.clock import SystemClock
    from aiwriter.resilience.pace import Sends
    from aiwriter.sources import create_finder
    from aiwriter.sources.crawl import Bounds
    from aiwriter.sources.search import Engines
    from aiwriter.storage import open_database

    settings.home_folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds the secrets of runs
    database, clock, given = open_database(settings.database), SystemClock(), settings.sources
    bounds = Bounds(given.crawl_pages, given.crawl_depth, given.feed_entries, given.host_pause_seconds)
    try:
        yield Tools(
            settings=settings,
            principal=Principal("local", LOCAL_WORKSPACE),
            database=database,
            clock=clock,
            finder=create_finder(given.allow_private_hosts, bounds=bounds),
            web=Engines(settings),
            chunk=chunk,
            renderers=RENDERERS,
            limits=database.limits(clock),
            breakers=Breakers(BreakerPolicy(**settings.breaker.model_dump())),
            sends=Sends(),
        )
    finally:
        await database.close()
