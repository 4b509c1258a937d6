"""Publishing: the one way by which a version of an article comes before readers, whoever asks for it.

The command line, the API, the schedule, another try and the recovery after a crash all end in `carry`. It holds a lease
on the publication, asks the gate (gating.py), and then puts the version at its target. What a killed process leaves is
found by its lapsed lease and carried again, under the same key: for a target that is the same publication.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from aiwriter.documents import Article, Publication, PublicationStatus, Standing
from aiwriter.errors import AIWriterError, Conflict, Refused, Unavailable
from aiwriter.pipeline.finishing import for_readers
from aiwriter.ports import Clock, Database, Hold, Principal, Target
from aiwriter.services import gating, holding

Targets = Callable[[str], Target]

LEASE_SECONDS = 60.0
PUT_SECONDS = 45.0  # a target that takes longer did not take it: nobody else can have begun meanwhile
MOST_ATTEMPTS = 5  # of what failed; after that a person has to ask again
_NOT_THERE = (PublicationStatus.WITHDRAWN, PublicationStatus.REPLACED, PublicationStatus.REFUSED)


async def publish(
    database: Database,
    principal: Principal,
    article: Article,
    target: str,
    targets: Targets,
    clock: Clock,
    due_at: datetime | None = None,
) -> Publication:
    """Put this version at the target, or keep that it is to be put there when its time has come. The same version and
    target again is the same publication; what is not there any more is put there again.

    Raises Refused with the reasons when it may not be published (what waits for its time is asked then), BadInput for a
    target that there cannot be, Conflict while somebody else is at it, and what the target raises.
    """
    principal.require("write")
    targets(target)
    for known in await of_article(database, principal, article.id):
        is_it = (known.version, known.target) == (article.version, target)
        if is_it and known.status is PublicationStatus.PUBLISHED:
            return _published(await carry(database, principal, known, targets, clock))
    if due_at is None:
        _require(await gating.standing(database, principal, article))
        kept = await _asked(database, principal, article, target, clock, None)
        return _published(await carry(database, principal, kept, targets, clock))
    return await _asked(database, principal, article, target, clock, due_at)


async def _asked(
    database: Database, principal: Principal, article: Article, target: str, clock: Clock, due_at: datetime | None
) -> Publication:
    """The publication of this version at this target, stored; with a time, it waits for that."""
    now = clock.now()
    asked = Publication(
        article_id=article.id,
        version=article.version,
        target=target,
        title=article.title,
        description=article.description,
        language=article.language,
        requested_by=principal.name,
        due_at=due_at,
        created_at=now,
        updated_at=now,
    )
    async with database.unit_of_work(principal.workspace_id) as work:
        kept = await work.publications.ask(asked)
        if due_at is not None:
            kept = await work.publications.wait(kept, due_at, now)
        await work.commit()
        return kept


def _published(ended: Publication) -> Publication:
    """Raises what stood in the way."""
    if ended.status is PublicationStatus.PUBLISHED:
        return ended
    if ended.status is PublicationStatus.FAILED:
        raise Unavailable(f"it was not published: {ended.error}", hint="Ask again, or leave it to the schedule.")
    raise Refused(f"it may not be published: {ended.error}", hint=gating.next_step([str(ended.error)]))


async def carry(
    database: Database, principal: Principal, publication: Publication, targets: Targets, clock: Clock
) -> Publication:
    """Bring a publication to its end, if it is not there, or was lost there: the gate is asked first, each time.

    The publication as it ended: published, refused (with the reasons; one that has a time goes on waiting), failed, or
    withdrawn. Raises Conflict when somebody else is at it.
    """
    principal.require("write")
    if publication.status is PublicationStatus.WITHDRAWING:
        return await withdraw(database, principal, publication, targets, clock)
    async with database.unit_of_work(principal.workspace_id) as work:
        article = await work.articles.get(publication.article_id, publication.version)
    target = targets(publication.target)
    if publication.status is PublicationStatus.PUBLISHED and await target.holds(article):
        return publication
    hold = await _claimed(database, principal, publication, PublicationStatus.PUBLISHING, clock)
    standing = await gating.standing(database, principal, article)
    place = _Place(database, principal, target, publication, hold, clock)
    if not standing.may_be_published:
        return await place.refuse(article, standing)
    try:
        async with asyncio.timeout(PUT_SECONDS):
            await place.put(for_readers(article))
    except TimeoutError:
        return await place.end(PublicationStatus.FAILED, f"the target took longer than {PUT_SECONDS:.0f} s")
    except Conflict:
        raise
    except AIWriterError as error:
        return await place.end(PublicationStatus.FAILED, f"{error}. {error.hint or ''}".strip())
    return await place.end(PublicationStatus.PUBLISHED, None, alone=True)


async def withdraw(
    database: Database,
    principal: Principal,
    publication: Publication,
    targets: Targets,
    clock: Clock,
    reason: str = "",
) -> Publication:
    """Take it away from its readers; who did, when and why stays with it. Raises Conflict when it is not there, or
    somebody else is at it, and what the target raises: the publication is then still being withdrawn, and that goes on
    at the next look, in the name of who began it."""
    principal.require("write")
    if publication.status in _NOT_THERE:
        raise Conflict(f"publication {publication.id} is not there: {publication.status}", hint="Nothing to do here.")
    if publication.status is not PublicationStatus.WITHDRAWING or reason:
        said = {"withdrawn_by": principal.name, "withdrawn_at": clock.now(), "withdrawn_why": reason.strip()}
        publication = publication.model_copy(update=said)
    hold = await _claimed(database, principal, publication, PublicationStatus.WITHDRAWING, clock)
    place = _Place(database, principal, targets(publication.target), publication, hold, clock)
    if publication.status is PublicationStatus.WAITING:
        return await place.end(PublicationStatus.WITHDRAWN, None)
    async with database.unit_of_work(principal.workspace_id) as work:
        article = await work.articles.get(publication.article_id, publication.version)
    return await place.take_away(article, PublicationStatus.WITHDRAWN, None)


async def unpublish(
    database: Database,
    principal: Principal,
    article_id: UUID,
    targets: Targets,
    clock: Clock,
    target: str | None = None,
    reason: str = "",
) -> list[Publication]:
    """Take an article away from its readers: everywhere, or at one target, and with it whatever waits to go out there
    or is to be tried again. What was taken away, as it ended, with who did it and why; nothing when nothing was there.
    Raises as `withdraw`, and NotFound.

    Stopped on the way and asked again, or asked twice at once, it ends the same: each publication is withdrawn once.
    """
    principal.require("write")
    ended = []
    for one in await of_article(database, principal, article_id):
        if one.status in _NOT_THERE or target not in (None, one.target):
            continue
        try:
            ended.append(await withdraw(database, principal, one, targets, clock, reason))
        except Conflict:
            if (await get(database, principal, one.id)).status not in _NOT_THERE:  # else another has done it meanwhile
                raise
    return ended


async def carry_due(database: Database, principal: Principal, targets: Targets, clock: Clock) -> list[Publication]:
    """Carry what is due in this workspace: what waits for its time, what failed, what a killed process left; each as it
    ended, and what somebody else took meanwhile left out."""
    async with database.unit_of_work(principal.workspace_id) as work:
        due = await work.publications.due(clock.now(), MOST_ATTEMPTS)
    ended = []
    for one in reversed(due):
        try:
            ended.append(await carry(database, principal, one, targets, clock))
        except Conflict:
            continue
    return ended


async def of_article(database: Database, principal: Principal, article_id: UUID) -> list[Publication]:
    """Newest first. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.articles.get(article_id)
        return await work.publications.of_article(article_id)


async def latest(database: Database, principal: Principal, limit: int = 100) -> list[Publication]:
    """Of all articles, those that changed last first."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.publications.latest(limit)


async def get(database: Database, principal: Principal, publication_id: UUID) -> Publication:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.publications.get(publication_id)


class _Place:
    """One publication in our hold, and the target where it is put or taken away."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        target: Target,
        publication: Publication,
        hold: Hold,
        clock: Clock,
    ) -> None:
        self._database = database
        self._principal = principal
        self._target = target
        self._publication = publication
        self._hold = hold
        self._clock = clock

    async def put(self, article: Article) -> None:
        """Files first, then the index: who is killed between leaves no line that leads nowhere."""
        address = await self._target.put(article, self._publication.id)
        async with self._database.unit_of_work(self._principal.workspace_id) as work:
            if not await work.publications.placed(self._publication.id, self._now(), address):
                raise self._lost()
            await work.commit()
        await self._index()

    async def take_away(self, article: Article, status: PublicationStatus, error: str | None) -> Publication:
        """The line in the index first, then the files; no version of the article is there afterwards."""
        await self._index(without=article.id)
        await self._target.remove(article)
        ended = await self.end(status, error, alone=True)
        await self._index()
        return ended

    async def refuse(self, article: Article, standing: Standing) -> Publication:
        """Nothing is there afterwards, not even what an attempt left that was killed, or the rest of what was lost."""
        reasons = " ".join(standing.hindrances)
        if self._publication.status in (PublicationStatus.PUBLISHING, PublicationStatus.PUBLISHED):
            return await self.take_away(article, PublicationStatus.REFUSED, reasons)
        waits = self._publication.status is PublicationStatus.WAITING and self._publication.due_at is not None
        return await self.end(PublicationStatus.WAITING if waits else PublicationStatus.REFUSED, reasons)

    async def end(self, status: PublicationStatus, error: str | None, *, alone: bool = False) -> Publication:
        async with self._database.unit_of_work(self._principal.workspace_id) as work:
            if not await work.publications.settle(self._publication, self._now(), status, error, alone=alone):
                raise self._lost()
            await work.commit()
            return await work.publications.get(self._publication.id)

    async def _index(self, without: UUID | None = None) -> None:
        """Show what is published here. Who has written looks again whether another has come meanwhile, so that the last
        one to write has seen them all."""
        shown: Sequence[Publication] | None = None
        while (listed := await self._listed(without)) != shown:
            await self._target.show(listed)
            shown = listed

    async def _listed(self, without: UUID | None) -> list[Publication]:
        """One line an article: of the version that was put there last."""
        async with self._database.unit_of_work(self._principal.workspace_id) as work:
            found = await work.publications.listed(self._publication.target)
        newest = {one.article_id: one for one in reversed(found) if one.article_id != without}
        return sorted(newest.values(), key=lambda one: (one.created_at, one.id), reverse=True)

    def _now(self) -> Hold:
        return Hold(self._hold.owner, self._clock.now(), self._hold.until)

    def _lost(self) -> Conflict:
        return Conflict(
            f"publication {self._publication.id} was taken over by another process", hint="Nothing to do here."
        )


async def _claimed(
    database: Database, principal: Principal, publication: Publication, doing: PublicationStatus, clock: Clock
) -> Hold:
    """Raises Conflict when it has changed since it was read, or somebody else is at it."""
    now = clock.now()
    hold = Hold(holding.owner_name(), now, now + timedelta(seconds=LEASE_SECONDS))
    async with database.unit_of_work(principal.workspace_id) as work:
        holder = await work.publications.holder(publication.id)
        dead = holder if holder is not None and holding.is_dead_neighbour(holder) else None
        if not await work.publications.claim(publication, doing, hold, dead):
            raise Conflict(
                f"publication {publication.id} is in another's hands, or has changed meanwhile",
                hint=f"Look again; a lease that is not renewed lapses after {LEASE_SECONDS:.0f} s.",
            )
        await work.commit()
    return hold


def _require(standing: Standing) -> None:
    if not standing.may_be_published:
        raise Refused(
            f"it may not be published: {' '.join(standing.hindrances)}", hint=gating.next_step(standing.hindrances)
        )
