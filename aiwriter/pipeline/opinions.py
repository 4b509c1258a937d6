"""Second opinions on one section: its sentences are judged as the gate will judge them, by meaning as well, and the
checker is asked about all that are then unsure and cite something. No sentence is asked about twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from aiwriter.documents import Section, Stage, Support
from aiwriter.errors import BadReply, ProviderRejected, Refused
from aiwriter.pipeline import second_opinion
from aiwriter.pipeline.workbench import Bench, Judged, Means, where
from aiwriter.ports import CallKey, Checker, Claim
from aiwriter.threads import computed


class Opinions:
    """What the checker thinks of the sentences of section `index`; without one nothing happens. `given` by sentence;
    `asked` were asked about before; `notes` say why it gave none."""

    def __init__(
        self, index: int, means: Means, given: Mapping[UUID, float] | None = None, asked: Iterable[UUID] = ()
    ) -> None:
        self.index = index
        self.means = means
        self._asked = set(asked)
        self.given = dict(given or {})
        self.notes: list[str] = []

    async def heard(self, bench: Bench, judged: Judged) -> tuple[Bench, Judged]:
        """The bench that knows what embedder and checker say of the section, and how it stands by that. Raises what
        `probabilities` raises, but when the checker cannot or may not answer."""
        checker, section = self.means.checker, judged.section
        if checker is None:
            return bench, judged
        bench = await bench.hearing(section, self.means.words)
        claims = _claims(bench, await computed(bench.judged, section))
        new = {key: claim for key, claim in claims.items() if key not in self._asked}
        if new:
            await self._ask(checker, new, section)
        bench = replace(bench, opinions=self.given)
        return bench, await computed(bench.judged, section)

    async def _ask(self, checker: Checker, claims: Mapping[UUID, Claim], section: Section) -> None:
        self._asked |= claims.keys()
        context = self.means.context
        key = CallKey(context.run_id, Stage.MENDING, str(self.index))
        if not await self._may_cost(checker, list(claims.values()), key):
            self._without(checker, section, "the run is near its budget")
            return
        try:
            said = await checker.probabilities(list(claims.values()), key, context)
        except (BadReply, ProviderRejected, Refused) as error:
            self._without(checker, section, error)
            return
        self.given |= {key: one for key, one in zip(claims, said, strict=True) if one is not None}

    async def _may_cost(self, checker: Checker, claims: Sequence[Claim], key: CallKey) -> bool:
        """One that is paid for is left out where a rewrite would be: sections that are still written come first."""
        if checker.model is None:
            return True
        asked = await computed(second_opinion.request, claims, key, self.means.context)
        most = checker.model.upper_bound(asked)
        return not most or (not self.means.thrifty and await self.means.affords(most))

    def _without(self, checker: Checker, section: Section, why: object) -> None:
        self.notes.append(f"{checker.name} gave no second opinion on {where(section)}: {why}")


def _claims(bench: Bench, judged: Judged) -> dict[UUID, Claim]:
    """The unsure sentences that cite something, by id."""
    by_key = bench.grounds
    return {
        one.id: Claim(one.text, texts)
        for one in judged.section.sentences
        if judged.support(one) is Support.UNSURE
        and (texts := tuple(by_key[key].text for key in one.citations if key in by_key))
    }
