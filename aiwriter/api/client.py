"""The typed client: one method a route, documents in and out, errors of `aiwriter.errors`.

    async with Client("http://127.0.0.1:8000", key) as api:
        accepted = await api.generate(brief)
        async for event in api.events(accepted.run_id):
            print(event.kind)

Connections that fail raise Unavailable with the address; a refused field raises InvalidRequest with its path, whether
the API or the client refuses it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Self
from uuid import UUID

from aiwriter.api import offers, published, schemas
from aiwriter.api.checking import Checking
from aiwriter.api.checks import CheckRequest, ClaimToCheck
from aiwriter.api.knowing import Knowing
from aiwriter.api.known import FeedRequest, PassageQuery, SourceRequest
from aiwriter.api.published import PublicationRequest
from aiwriter.api.schemas import InvalidRequest
from aiwriter.api.studies import StudyAccepted, StudyPage, StudyRemoved, StudyRequest
from aiwriter.api.wire import Exported, Wire, listed, sent_once
from aiwriter.documents import (
    ApiKey,
    Approval,
    Article,
    Brief,
    Budget,
    DailyFigures,
    Estimate,
    FormatHead,
    GateReport,
    KeptStudy,
    ModelCall,
    Outline,
    QualityReport,
    Run,
    RunEvent,
    Source,
    VersionHead,
)
from aiwriter.ports.lists import ArticleFilter, Paging, RunFilter, SourceFilter, StudyFilter

if TYPE_CHECKING:
    import httpx

__all__ = [
    "CheckRequest",
    "ClaimToCheck",
    "Client",
    "Exported",
    "FeedRequest",
    "InvalidRequest",
    "PassageQuery",
    "PublicationRequest",
    "SourceRequest",
]

ANY_ARTICLE, ANY_RUN, ANY_SOURCE, FIRST_PAGE = ArticleFilter(), RunFilter(), SourceFilter(), Paging()
ANY_STUDY = StudyFilter()


class Client(Knowing, Checking):
    """The API at `url`, used with `key`. Close it, or use it as a context manager."""

    def __init__(
        self, url: str, key: str, timeout: float = 30.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._wire = Wire(url, key, timeout, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_of_an_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._wire.close()

    @property
    def url(self) -> str:
        return self._wire.url

    # ── content ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def articles(self, wanted: ArticleFilter = ANY_ARTICLE, paging: Paging = FIRST_PAGE) -> schemas.ArticlePage:
        """GET content."""
        return await self._wire.ask("GET", "/content", schemas.ArticlePage, params=listed(wanted, paging))

    async def search(self, query: str, limit: int = 10) -> schemas.SearchReply:
        """GET content/search: by words and by meaning."""
        return await self._wire.ask("GET", "/content/search", schemas.SearchReply, params={"q": query, "limit": limit})

    async def article(self, article_id: UUID, version: int | None = None) -> Article:
        """GET content/{id}, or …/versions/{n}. Raises NotFound."""
        path = f"/content/{article_id}" if version is None else f"/content/{article_id}/versions/{version}"
        return await self._wire.ask("GET", path, Article)

    async def versions(self, article_id: UUID) -> tuple[VersionHead, ...]:
        """GET content/{id}/versions, newest first."""
        return (await self._wire.ask("GET", f"/content/{article_id}/versions", schemas.VersionList)).items

    async def editable(self, article_id: UUID, version: int | None = None) -> schemas.EditableText:
        """GET content/{id}/editable."""
        params = {"version": version}
        return await self._wire.ask("GET", f"/content/{article_id}/editable", schemas.EditableText, params=params)

    async def save(self, article_id: UUID, version: int, text: str) -> Article:
        """PUT content/{id}/editable: the new version of the article, checked again; the same one if nothing changed.

        `version` is the one that was edited. Raises Conflict when there is a newer one: nothing was overwritten.
        """
        return await self._wire.ask(
            "PUT",
            f"/content/{article_id}/editable",
            Article,
            body=lambda: schemas.EditedText(text=text),
            headers={"If-Match": schemas.version_tag(article_id, version)},
        )

    async def dismiss(self, article_id: UUID, version: int, finding_id: str, reason: str) -> Article:
        """POST content/{id}/findings/{finding}/dismissal: the new version, judged without it.

        `version` is the one whose finding it is. Raises Conflict when there is a newer one.
        """
        return await self._wire.ask(
            "POST",
            f"/content/{article_id}/findings/{finding_id}/dismissal",
            Article,
            body=lambda: schemas.DismissedFor(reason=reason),
            headers={"If-Match": schemas.version_tag(article_id, version)},
        )

    async def citations(self, article_id: UUID, version: int | None = None) -> schemas.Citations:
        """GET content/{id}/citations: each sentence with the passages it rests on."""
        params = {"version": version}
        return await self._wire.ask("GET", f"/content/{article_id}/citations", schemas.Citations, params=params)

    async def quality(self, article_id: UUID, version: int | None = None) -> QualityReport:
        """GET content/{id}/quality."""
        return await self._wire.ask("GET", f"/content/{article_id}/quality", QualityReport, params={"version": version})

    async def report(self, article_id: UUID, version: int | None = None) -> str:
        """GET content/{id}/report: the reviewer's report, an HTML page that stands alone."""
        return (await self._wire.send("GET", f"/content/{article_id}/report", params={"version": version})).text

    async def export(
        self, article_id: UUID, form: Literal["md", "html", "json"] = "md", version: int | None = None
    ) -> Exported:
        """GET content/{id}/export."""
        sent = {"form": form, "version": version}
        return await self._wire.exported(f"/content/{article_id}/export", f"{article_id}.{form}", sent)

    async def delete_article(self, article_id: UUID) -> schemas.Deleted:
        """DELETE content/{id}: all versions, and what the vector index holds of it."""
        return await self._wire.ask("DELETE", f"/content/{article_id}", schemas.Deleted)

    # ── publishing ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def approve(self, article_id: UUID, version: int | None = None, note: str = "") -> Approval:
        """POST content/{id}/approval. Raises Refused when no approval can help."""
        return await self._wire.ask(
            "POST",
            f"/content/{article_id}/approval",
            Approval,
            body=lambda: published.ApprovalRequest(version=version, note=note),
        )

    async def publish(self, article_id: UUID, asked: PublicationRequest) -> published.PublicationView:
        """POST content/{id}/publications: once for a version and a target. Raises Refused with the reasons."""
        return await self._wire.ask(
            "POST", f"/content/{article_id}/publications", published.PublicationView, body=asked
        )

    async def publications_of(self, article_id: UUID) -> published.ArticlePublications:
        """GET content/{id}/publications: with how the latest version stands before the gate."""
        return await self._wire.ask("GET", f"/content/{article_id}/publications", published.ArticlePublications)

    async def withdraw(self, article_id: UUID, publication_id: UUID, reason: str = "") -> published.PublicationView:
        """DELETE content/{id}/publications/{id}. Raises Conflict when it is not there."""
        path = f"/content/{article_id}/publications/{publication_id}"
        return await self._wire.ask("DELETE", path, published.PublicationView, params={"reason": reason})

    async def unpublish(self, article_id: UUID, reason: str = "") -> tuple[published.PublicationView, ...]:
        """DELETE content/{id}/publications: everywhere; what was taken away."""
        path = f"/content/{article_id}/publications"
        return (await self._wire.ask("DELETE", path, published.PublicationList, params={"reason": reason})).items

    async def publications(self, limit: int = 100) -> tuple[published.PublicationView, ...]:
        """GET publications: those that changed last first."""
        return (await self._wire.ask("GET", "/publications", published.PublicationList, params={"limit": limit})).items

    async def gate(self) -> GateReport:
        """GET gate: the last look at what is stored. Raises NotFound when there was none."""
        return await self._wire.ask("GET", "/gate", GateReport)

    async def gate_page(self, page: str) -> bytes:
        """GET gate/pages/{page}: a page of Data Docs that the report names."""
        return (await self._wire.send("GET", f"/gate/pages/{page}")).content

    # ── generate ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def generate(
        self,
        brief: Brief,
        model: str | None = None,
        budget_usd: Decimal | None = None,
        idempotency_key: str | None = None,
        voice_samples: tuple[str, ...] = (),
    ) -> schemas.Accepted:
        """POST generate/content: a run was stored. With the same `idempotency_key` it is asked for once only."""
        return await self._wire.ask(
            "POST",
            "/generate/content",
            schemas.Accepted,
            body=lambda: schemas.GenerateRequest(
                brief=brief, model=model, budget_usd=budget_usd, voice_samples=voice_samples
            ),
            headers=sent_once(idempotency_key),
        )

    async def estimate(self, brief: Brief, model: str | None = None, budget_usd: Decimal | None = None) -> Estimate:
        """POST generate/estimate: what it will probably take; nothing is started."""
        return await self._wire.ask(
            "POST",
            "/generate/estimate",
            Estimate,
            body=lambda: schemas.GenerateRequest(brief=brief, model=model, budget_usd=budget_usd),
        )

    # ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def runs(self, wanted: RunFilter = ANY_RUN, paging: Paging = FIRST_PAGE) -> schemas.RunPage:
        """GET runs."""
        return await self._wire.ask("GET", "/runs", schemas.RunPage, params=listed(wanted, paging))

    async def run(self, run_id: UUID) -> schemas.RunDetail:
        """GET runs/{id}. Raises NotFound."""
        return await self._wire.ask("GET", f"/runs/{run_id}", schemas.RunDetail)

    async def history(self, run_id: UUID, after: int = 0) -> tuple[RunEvent, ...]:
        """GET runs/{id}/history: events after that number, at most 500."""
        params = {"after": after}
        return (await self._wire.ask("GET", f"/runs/{run_id}/history", schemas.History, params=params)).items

    def events(self, run_id: UUID, after: int = 0, patience_seconds: float = 60.0) -> AsyncIterator[RunEvent]:
        """GET runs/{id}/events: as they come, each once, until the run has ended; connections that break are made anew.

        Raises Unavailable when that fails for `patience_seconds`.
        """
        return self._wire.events(f"/runs/{run_id}/events", RunEvent, after, patience_seconds)

    async def calls(self, run_id: UUID) -> tuple[ModelCall, ...]:
        """GET runs/{id}/calls: requests to language models."""
        return (await self._wire.ask("GET", f"/runs/{run_id}/calls", schemas.CallList)).items

    async def outline(self, run_id: UUID) -> schemas.OutlineView:
        """GET runs/{id}/outline. Raises NotFound when there is none yet."""
        return await self._wire.ask("GET", f"/runs/{run_id}/outline", schemas.OutlineView)

    async def cancel(self, run_id: UUID) -> Run:
        """POST runs/{id}/cancel. Raises Conflict when it has ended."""
        return await self._wire.ask("POST", f"/runs/{run_id}/cancel", Run)

    async def resume(self, run_id: UUID, budget_usd: Decimal | None = None) -> Run:
        """POST runs/{id}/resume. Raises Conflict unless it failed or a budget refused it, BudgetSpent without room."""
        return await self._wire.ask(
            "POST", f"/runs/{run_id}/resume", Run, body=lambda: schemas.ResumeRequest(budget_usd=budget_usd)
        )

    async def approve_outline(self, run_id: UUID, outline: Outline | None = None) -> Run:
        """POST runs/{id}/outline/approval: as it stands, or as given. Raises Conflict unless the run waits for it."""
        return await self._wire.ask(
            "POST", f"/runs/{run_id}/outline/approval", Run, body=lambda: schemas.OutlineApproval(outline=outline)
        )

    # ── sources ─────────────────────────────────────────────────────────────────────────────────

    async def sources(self, wanted: SourceFilter = ANY_SOURCE, paging: Paging = FIRST_PAGE) -> schemas.SourcePage:
        """GET sources."""
        return await self._wire.ask("GET", "/sources", schemas.SourcePage, params=listed(wanted, paging))

    async def source(self, source_id: UUID) -> Source:
        """GET sources/{id}. Raises NotFound."""
        return await self._wire.ask("GET", f"/sources/{source_id}", Source)

    # ── research ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def start_research(self, brief: Brief, idempotency_key: str | None = None) -> StudyAccepted:
        """POST research: a study was stored. With the same `idempotency_key` it is asked for once only."""
        asked, headers = StudyRequest(brief=brief), sent_once(idempotency_key)
        return await self._wire.ask("POST", "/research", StudyAccepted, body=asked, headers=headers)

    async def studies(self, wanted: StudyFilter = ANY_STUDY, paging: Paging = FIRST_PAGE) -> StudyPage:
        """GET research: newest first, those whose topic has the words."""
        return await self._wire.ask("GET", "/research", StudyPage, params=listed(wanted, paging))

    async def study(self, study_id: UUID) -> KeptStudy:
        """GET research/{id}. Raises NotFound."""
        return await self._wire.ask("GET", f"/research/{study_id}", KeptStudy)

    async def study_report(self, study_id: UUID) -> Exported:
        """GET research/{id}/report: a page that stands alone. Raises Conflict while there is none."""
        return await self._wire.exported(f"/research/{study_id}/report", f"study-{study_id}.html")

    async def cancel_study(self, study_id: UUID) -> KeptStudy:
        """POST research/{id}/cancel: it ends for good. Raises NotFound, Conflict when it has ended."""
        return await self._wire.ask("POST", f"/research/{study_id}/cancel", KeptStudy)

    async def remove_study(self, study_id: UUID) -> StudyRemoved:
        """DELETE research/{id}. Raises NotFound."""
        return await self._wire.ask("DELETE", f"/research/{study_id}", StudyRemoved)

    # ── figures, catalogues ──────────────────────────────────────────────────────────────────────────────────────────

    async def content_figures(self, first: date | None = None, last: date | None = None) -> tuple[DailyFigures, ...]:
        """GET analytics/content: by day, format and model; the last 30 days if none are given."""
        params = {"first": first.isoformat() if first else None, "last": last.isoformat() if last else None}
        return (await self._wire.ask("GET", "/analytics/content", schemas.FiguresList, params=params)).items

    async def system_figures(self) -> schemas.SystemFigures:
        """GET analytics/system."""
        return await self._wire.ask("GET", "/analytics/system", schemas.SystemFigures)

    async def formats(self) -> tuple[FormatHead, ...]:
        """GET formats."""
        return (await self._wire.ask("GET", "/formats", schemas.FormatList)).items

    async def models(self) -> tuple[offers.ModelHead, ...]:
        """GET models."""
        return (await self._wire.ask("GET", "/models", offers.ModelList)).items

    async def probe_model(self, model: str) -> offers.ModelAnswers:
        """POST models/probe. Raises what the model's provider says against it."""
        return await self._wire.ask(
            "POST", "/models/probe", offers.ModelAnswers, body=lambda: offers.ModelNamed(model=model)
        )

    async def budgets(self) -> tuple[Budget, ...]:
        """GET budgets."""
        return (await self._wire.ask("GET", "/budgets", schemas.BudgetList)).items

    async def set_budget(self, what: str, cap_usd: Decimal | None) -> tuple[Budget, ...]:
        """PUT budgets/{what}: workspace, day, or a provider; None takes the cap away."""
        asking = self._wire.ask(
            "PUT", f"/budgets/{what}", schemas.BudgetList, body=lambda: schemas.BudgetRequest(cap_usd=cap_usd)
        )
        return (await asking).items

    # ── keys, health ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def keys(self) -> tuple[ApiKey, ...]:
        """GET api-keys, newest first."""
        return (await self._wire.ask("GET", "/api-keys", schemas.KeyList)).items

    async def add_key(
        self, name: str, scopes: Sequence[schemas.Scope] = ("read", "write"), days: int | None = None
    ) -> schemas.KeyMade:
        """POST api-keys: the secret is shown this once."""
        return await self._wire.ask(
            "POST",
            "/api-keys",
            schemas.KeyMade,
            body=lambda: schemas.KeyRequest(name=name, scopes=tuple(scopes), days=days),
        )

    async def revoke_key(self, key_id: str) -> ApiKey:
        """DELETE api-keys/{id}: it is refused from now on."""
        return await self._wire.ask("DELETE", f"/api-keys/{key_id}", ApiKey)

    async def health(self) -> schemas.Health:
        """GET health; needs no key."""
        return await self._wire.ask("GET", "/health", schemas.Health)

    async def readiness(self) -> schemas.Readiness:
        """GET readiness; needs no key, and raises nothing when parts are down."""
        return await self._wire.ask("GET", "/readiness", schemas.Readiness, also=(503,))

    async def metrics(self) -> str:
        """GET metrics: Prometheus text."""
        return (await self._wire.send("GET", "/metrics")).text
