"""Rewriting: failing sentences go to the model with what was found about them; what comes back is checked in code.

Of a reply are used only sentences that were asked for, one for one, without addresses, at most twice as long as the old
ones, not said elsewhere in the section, and with passages that were shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import Field, create_model

from aiwriter.documents import EvidenceItem, PassageId, Rewrite, SectionPlan, Sentence, Stage
from aiwriter.errors import BadReply, ProviderRejected, Refused
from aiwriter.pipeline import replies
from aiwriter.pipeline.origins import Origins
from aiwriter.pipeline.prompts import render
from aiwriter.pipeline.prompts.fitting import fit, room
from aiwriter.pipeline.prompts.wording import Names, style
from aiwriter.pipeline.quality import near_copy
from aiwriter.pipeline.workbench import Bench, Judged, Means, changed, improved, where
from aiwriter.ports import CallKey, MendedSentence, MendReply, ModelRequest, SentenceReply, handle
from aiwriter.text.languages import language_name
from aiwriter.text.words import words
from aiwriter.threads import computed

LONGEST = 2  # times the words of the old sentence
SHORT = 8  # words that any sentence may have
MOST_CITATIONS = 3
TOKENS_A_WORD = 4  # of a reply, as in drafting
COPIED = "This stands in a source word for word: say the same in other words and in another order."

_TARGET = re.compile(r"(?i)\bT?\s?(\d{1,3})\b")
_ADDRESS = re.compile(r"(?i)://|\bwww\.|\]\s*\(|<\s*a\b|\b[\w-]+\.(?:com|org|net|io|info|biz|ru|cn)\b")
_Line = tuple[str, str, str]  # handle, what it is, text


class Rewriting:
    """Rewrites the failing sentences of one section, round by round. `calls`, `rewrites` and `notes` tell of it."""

    def __init__(self, bench: Bench, plan: SectionPlan, index: int, means: Means) -> None:
        self._bench = bench
        self._plan = plan
        self._index = index
        self._means = means
        self._given_up: set[UUID] = set()
        self.calls = 0
        self.rewrites: list[Rewrite] = []
        self.notes: list[str] = []

    async def until_nothing_improves(self, judged: Judged) -> Judged:
        """The best version of at most as many rounds as the format allows."""
        for number in range(1, self._bench.fmt.rewrites + 1):
            failing = [one for one in self._bench.failing(judged) if one.id not in self._given_up]
            after = await self._round(judged, failing, number) if failing else None
            if after is None:
                break
            judged = after
        return judged

    async def _round(self, judged: Judged, failing: Sequence[Sentence], number: int) -> Judged | None:
        """The section as one call made it; None when it is not better for it."""
        request, shown = await computed(self._request, judged, failing, number)
        if self._means.thrifty or not await self._means.affords(self._means.model.upper_bound(request)):
            self._leave(judged, failing, "the run is near its budget")
            return None
        self.calls += 1
        try:
            reply = (await self._means.model.answer(request)).parsed
        except (BadReply, ProviderRejected, Refused) as error:
            self._leave(judged, failing, str(error))
            return None
        if not isinstance(reply, MendReply):
            self._leave(judged, failing, f"{self._means.model.name} gave no sentences")
            return None
        return await computed(self._better, judged, failing, reply, shown, number)

    def _leave(self, judged: Judged, failing: Sequence[Sentence], reason: str) -> None:
        plural = "1 sentence" if len(failing) == 1 else f"{len(failing)} sentences"
        self.notes.append(
            f"{plural} of {where(judged.section)} failed the checks and could not be rewritten: {reason.rstrip('.')}."
        )

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _request(
        self, judged: Judged, failing: Sequence[Sentence], number: int
    ) -> tuple[ModelRequest, list[EvidenceItem]]:
        """The request, and the passages its handles stand for."""
        brief, context = self._bench.brief, self._means.context
        key = CallKey(context.run_id, Stage.MENDING, str(self._index), number)
        numbers = _numbers(judged, failing)
        trusted = {
            "title": brief.topic,
            "section": self._plan.heading or "(the introduction)",
            "style": style(brief),
            "language": language_name(brief.language),
            "targets": ", ".join(f"T{one}" for one in numbers),
            "times": str(LONGEST),
            "run": str(self._bench.fmt.thresholds.copied_run_max),
        }
        tokens = 200 + TOKENS_A_WORD * sum(_most_words(sentence) for sentence in failing)
        items = self._passages(judged, failing)
        lines = list(_told(judged, failing, items))
        shown = fit(items, room(render("mend", key, context, trusted, lines), self._means.model, tokens))
        names = Names(self._bench.evidence.sources)
        lines = list(_told(judged, failing, shown))
        lines += [(handle(n), names.of(item.passage), item.passage.text) for n, item in enumerate(shown)]
        prompt = render("mend", key, context, trusted, lines)
        schema = _asked_for(tuple(numbers), len(shown))
        return ModelRequest(key=key, prompt=prompt, schema=schema, max_output_tokens=tokens), shown

    def _passages(self, judged: Judged, failing: Sequence[Sentence]) -> list[EvidenceItem]:
        """What the sentences cite, what disagrees with them and what is nearest to those that are weak; where that is
        nothing, what the section was written from."""
        rivals, weak = self._bench.rivals(judged.section), judged.weak
        keys = [key for one in failing for key in (*one.citations, *rivals.get(one.id, ()))]
        keys += [near.key for one in failing if one in weak for near in self._bench.near(one)]
        known = self._bench.grounds
        wanted = [key for key in dict.fromkeys(keys) if key in known] or list(self._plan.passages)
        found = {item.passage.id: item for item in self._bench.evidence.items}
        return [found[key] for key in wanted if key in found]

    # ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────

    def _better(
        self, judged: Judged, failing: Sequence[Sentence], reply: MendReply, shown: Sequence[EvidenceItem], number: int
    ) -> Judged | None:
        changes = self._usable(judged, failing, reply, shown)
        tried = self._bench.judged(changed(judged.section, changes))
        kept = improved(judged, tried, changes)
        after = self._bench.judged(changed(judged.section, kept))
        gained = (after.report.score, -len(after.copied)) > (judged.report.score, -len(judged.copied))
        if not kept or not gained:
            return None
        self.rewrites += [
            Rewrite(round=number, before=old.text, after=kept[old.id].text, reason=judged.reason(old))
            for old in failing
            if old.id in kept
        ]
        return after

    def _usable(
        self, judged: Judged, failing: Sequence[Sentence], reply: MendReply, shown: Sequence[EvidenceItem]
    ) -> dict[UUID, Sentence]:
        """New sentences by the id of the old one. What the model drops is not asked for again: whether it stays is for
        the rules of the gate."""
        wanted = dict(zip(_numbers(judged, failing), failing, strict=True))
        said = {replies.same(sentence.text) for sentence in judged.section.sentences}
        origins, changes = Origins(shown, self._bench.brief.language), dict[UUID, Sentence]()
        rivals = self._bench.rivals(judged.section)
        for one in reply.mended:
            number = _TARGET.search(one.sentence)
            old = wanted.get(int(number[1])) if number else None
            if old is None or old.id in changes:
                continue
            if one.drop:
                self._given_up.add(old.id)
            elif (new := self._sentence(one, old, origins, rivals.get(old.id, ()))) and replies.same(
                new.text
            ) not in said:
                said.add(replies.same(new.text))
                changes[old.id] = new
        return changes

    def _sentence(
        self, one: MendedSentence, old: Sentence, origins: Origins, rivals: Sequence[PassageId]
    ) -> Sentence | None:
        """The new sentence, or None when it may not stand. It cites those of the `rivals`, passages that disagree about
        it, that it names: of one whose figure alone it tells it need not share many words."""
        reply = SentenceReply(text=one.text, passages=one.passages)
        made = list(replies.sentences(reply, len(origins.shown), self._bench.brief.language))
        if len(made) != 1 or _ADDRESS.search(one.text):
            return None
        ((text, named),) = made
        sides = [key for index in named if (key := origins.shown[index].passage.id) in rivals]
        cited = tuple(dict.fromkeys((*origins.ids(text, named), *sides)))
        return Sentence(text=text, citations=cited) if cited and len(words(text)) <= _most_words(old) else None


def _numbers(judged: Judged, failing: Sequence[Sentence]) -> list[int]:
    """The places of the sentences in their section, from 1."""
    ids = {sentence.id for sentence in failing}
    return [place for place, one in enumerate(judged.section.sentences, 1) if one.id in ids]


def _most_words(sentence: Sentence) -> int:
    return max(SHORT, LONGEST * len(words(sentence.text)))


def _told(judged: Judged, failing: Sequence[Sentence], shown: Sequence[EvidenceItem]) -> Iterator[_Line]:
    """The failing sentences with what was found about them, each between its neighbours."""
    places = _numbers(judged, failing)
    handles = {item.passage.id: handle(n) for n, item in enumerate(shown)}
    for place, one in enumerate(judged.section.sentences, 1):
        if place in places:
            cited = ", ".join(handles.get(key, "no passage") for key in one.citations) or "nothing"
            yield f"T{place}", f"to be rewritten; cites {cited}", one.text
            is_copied = one.id in judged.copied
            for finding in judged.findings(one):
                if not (is_copied and finding.rule == near_copy.RUN):  # which tells nothing more, of where a run begins
                    yield f"F{place}", finding.rule, f"{finding.message} {finding.fix or ''}"
            if is_copied:
                yield f"F{place}", "copied", COPIED
        elif {place - 1, place + 1} & set(places):
            yield f"T{place}", "stays as it is", one.text


@lru_cache(maxsize=64)
def _asked_for(places: tuple[int, ...], passages: int) -> type[MendReply]:
    """The reply's shape with this call's handles and sentences in its JSON schema; what is accepted stays wide."""
    named: Any = Annotated[str, Field(json_schema_extra={"enum": [f"T{place}" for place in places]})]
    cited = replies.listed(replies.handles(passages), 1, MOST_CITATIONS)
    one = create_model("MendedSentence", __base__=MendedSentence, sentence=(named, ...), passages=(cited, []))
    listed = replies.listed(one, 1, len(places))
    return cast("type[MendReply]", create_model("MendReply", __base__=MendReply, mended=(listed, ...)))
