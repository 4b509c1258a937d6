"""A writer that spoils its citations, and what became of each of them in the article.

It says what the fake provider says, but that some sentences cite a passage that does not exist, some another passage
than their own, and some claim what their passage does not say. When it is asked to mend, it is honest. Deterministic
for a seed.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from aiwriter.documents import (
    Article,
    Brief,
    Evidence,
    MendedSection,
    Outline,
    Provenance,
    Section,
    Sentence,
    Stage,
    Support,
)
from aiwriter.ids import new_id
from aiwriter.pipeline import drafting, finishing, formats, mending, outline, quality, replies
from aiwriter.pipeline.workbench import Means
from aiwriter.ports import ModelRequest, RunContext
from aiwriter.testing.fake_replies import FILLERS, PASSAGE, reply_text
from aiwriter.testing.mutations import MUTATIONS
from aiwriter.testing.scripted import ScriptedModel
from aiwriter.text.words import content_words

Kind = Literal["correct", "made-up", "misplaced", "unsupported"]
Fate = Literal["stands", "cited right", "rewritten", "marked", "removed", "unflagged"]
KINDS: tuple[Kind, ...] = ("correct", "made-up", "misplaced", "unsupported")
FATES: tuple[Fate, ...] = ("stands", "cited right", "rewritten", "marked", "removed", "unflagged")
SHARE = 0.1  # of the sentences, of each kind
_SPOILED = ("number", "date", "entity", "unit", "negation", "quantifier")
_NAMES = ("Torvick", "Marit Adeyo", "Palewater Line", "Bank of England", "Lanternfish")
INVENTED_HOST = "invented.test"
_ADDRESSES = (
    f"(see https://www.{INVENTED_HOST}/{{number}})",
    f"as [the report](https://{INVENTED_HOST}/{{number}}) says",
    f'as <a href="https://{INVENTED_HOST}/{{number}}">the report</a> says',
    f"according to www.{INVENTED_HOST}/{{number}}",
)
_INVENTED = "In {year} a survey of {count} households by the Bank of England found the opposite."


@dataclass(frozen=True)
class Planted:
    """What was done to a sentence; `home` is the text of the passage it comes from."""

    kind: Kind
    home: str


@dataclass
class SpoilingWriter:
    """What `ScriptedModel` or the fake provider (`says`) is to say; `planted` knows each sentence, by its words."""

    seed: int
    share: float = SHARE
    planted: dict[str, Planted] = field(default_factory=dict)

    def __call__(self, request: ModelRequest) -> str:
        return self.says(request.prompt.text, "")

    def says(self, prompt: str, form: str) -> str:
        """The text of a reply, as `fake_replies.reply_text` gives it; sections are spoiled."""
        reply = json.loads(reply_text(prompt, form))
        return self._spoiled(prompt, reply) if "paragraphs" in reply else json.dumps(reply)

    def _spoiled(self, prompt: str, reply: dict[str, Any]) -> str:
        passages = {name: text for name, _title, text in PASSAGE.findall(prompt)}
        rng = random.Random(f"{self.seed}:{sorted(passages.values())}")  # noqa: S311 - the same faults every time
        for paragraph in reply["paragraphs"]:
            paragraph["sentences"] = [self._sentence(one, passages, rng) for one in paragraph["sentences"]]
        return json.dumps(reply)

    def _sentence(self, one: dict[str, Any], passages: Mapping[str, str], rng: random.Random) -> dict[str, Any]:
        named, text, others = one["passages"], one["text"], [name for name in passages if name not in one["passages"]]
        home = passages[named[0]]
        kind: Kind = rng.choices(KINDS, [1 - 3 * self.share, *[self.share] * 3])[0]
        if kind == "made-up":
            named = [f"S{rng.randint(60, 99)}"]
        elif kind == "misplaced" and others:
            named = [rng.choice(others)]
        elif kind == "unsupported":
            text = _claiming_more(text, rng)
        else:
            kind = "correct"
        self.planted.setdefault(replies.same(text), Planted(kind, home))
        return {"text": text, "passages": named}


class InventingWriter(SpoilingWriter):
    """One that besides leaves a tenth of its citations out, and names addresses that no source has."""

    def _sentence(self, one: dict[str, Any], passages: Mapping[str, str], rng: random.Random) -> dict[str, Any]:
        spoiled = super()._sentence(one, passages, rng)
        chance = rng.random()
        if chance < self.share:
            return spoiled | {"passages": []}
        if chance < 2 * self.share:
            form = rng.choice(_ADDRESSES).format(number=rng.randint(10, 99))
            return spoiled | {"text": f"{spoiled['text'].rstrip('.')} {form}."}
        return spoiled


class StoredDraft(BaseModel):
    """What a real model wrote for a brief, and what a reader says of its sentences: does what it cites say so?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    brief: Brief
    evidence: Evidence
    outline: Outline
    sections: tuple[Section, ...]
    read: dict[str, Literal["yes", "partly", "no"]]


@dataclass
class DraftSpoiler(SpoilingWriter):
    """Says again what a model wrote, and spoils the sentences that a reader found supported; the others it leaves."""

    draft: StoredDraft = field(kw_only=True)

    def __call__(self, request: ModelRequest) -> str:
        if request.key.stage is not Stage.SECTIONS:
            return super().__call__(request)
        passages = {name: text for name, _title, text in PASSAGE.findall(request.prompt.text)}
        index = int(request.key.item)
        rng = random.Random(f"{self.seed}:{index}:{sorted(passages.values())}")  # noqa: S311 - the same faults every time
        said = [
            {"sentences": [self._again(one, passages, rng) for one in paragraph.sentences]}
            for paragraph in self.draft.sections[index].paragraphs
        ]
        return json.dumps({"paragraphs": said})

    def _again(self, one: Sentence, passages: Mapping[str, str], rng: random.Random) -> dict[str, Any]:
        homes = [item.passage.text for item in self.draft.evidence.items if item.passage.id in one.citations]
        own = [name for name, text in passages.items() if any(_is_home(home, text) for home in homes)]
        said = {"text": one.text, "passages": own}
        return self._sentence(said, passages, rng) if own and self.draft.read[one.text] == "yes" else said


def _claiming_more(text: str, rng: random.Random) -> str:
    """The sentence with something false in it; an invented one where it offers nothing to spoil."""
    for name in rng.sample(_SPOILED, len(_SPOILED)):
        changed = MUTATIONS[name](text, rng, _NAMES)
        if changed and replies.same(changed) != replies.same(text):
            return changed
    return _INVENTED.format(year=rng.randint(2001, 2019), count=rng.randint(1_100, 9_900))


async def examine_stored(
    draft: StoredDraft, seed: int, *, share: float = SHARE, rewrites: int | None = None
) -> Examined:
    """The same with what a real model wrote."""
    writer = DraftSpoiler(seed, share, draft=draft)
    return await examine(draft.brief, draft.evidence, seed, rewrites=rewrites, writer=writer, planned=draft.outline)


@dataclass(frozen=True)
class Examined:
    """An article of a writer that spoils, and how many sentences of each kind met each fate."""

    article: Article
    fates: Counter[tuple[Kind, Fate]]
    unresolved: int  # citations in the article that lead to no passage of the evidence
    unflagged: tuple[str, ...]  # the sentences whose fault reached the reader


async def examine(
    brief: Brief,
    evidence: Evidence,
    seed: int,
    *,
    rewrites: int | None = None,
    writer: SpoilingWriter | None = None,
    planned: Outline | None = None,
) -> Examined:
    """Write, mend and finish one article, as the flow does, with a tenth of each fault in it; `rewrites` in place of
    the format's, `planned` in place of an outline by the writer."""
    script = writer or SpoilingWriter(seed)
    model = ScriptedModel(script)
    fmt, context = formats.load(brief.format), RunContext(new_id(), b"benchmark")
    if rewrites is not None:
        fmt = fmt.model_copy(update={"rewrites": rewrites})
    planned = planned or await outline.plan(brief, evidence, fmt, model, context)
    written, mended = list[Section](), list[MendedSection]()
    for index, plan in enumerate(planned.sections):
        written.append(await drafting.write_section(brief, planned, index, evidence, model, context))
        means = Means(model, context, _affordable)
        mended.append(await mending.mend(written[-1], plan, index, brief, evidence, fmt, means))
    draft = drafting.assemble(planned, [one.section for one in mended], model.writes)
    for index in mending.unfinished(draft, mended, fmt):
        mended[index] = await mending.mend_rest(
            mended[index], planned.sections[index], index, brief, evidence, fmt, Means(model, context, _affordable)
        )
    draft = drafting.assemble(planned, [one.section for one in mended], model.writes)
    report = quality.judge(draft, evidence, brief, fmt)
    made_by = Provenance(run_id=context.run_id, author="model", model=model.name, embedder="none")
    article = finishing.finish(draft, evidence, report, brief, made_by, fmt)
    told = mending.account(drafting.assemble(planned, written, model.writes), mended, report, brief, evidence, fmt)
    article = article.model_copy(update={"mending": told})
    known = {item.passage.id for item in evidence.items}
    unresolved = sum(key not in known for sentence in article.sentences for key in sentence.citations)
    fates = _fates(article, written, mended, script.planted)
    missed = tuple(f"{script.planted[said].kind}: {said}" for said, fate in fates.items() if fate == "unflagged")
    counts = Counter((script.planted[said].kind, fate) for said, fate in fates.items())
    return Examined(article, counts, unresolved, missed)


async def _affordable(_usd: Decimal) -> bool:
    return True


def _fates(
    article: Article, written: Sequence[Section], mended: Sequence[MendedSection], planted: Mapping[str, Planted]
) -> dict[str, Fate]:
    """By its words, of each sentence that came through drafting; what was cut for length is nobody's loss."""
    homes = {passage.id: passage.text for passage in article.passages}
    verdicts = {verdict.sentence_id: verdict.support for verdict in article.quality.sentences}
    left = {replies.same(sentence.text): sentence for sentence in article.sentences}
    rewritten = {replies.same(one.before) for part in mended for one in part.rewrites if one.before != one.after}
    fates: dict[str, Fate] = {}
    for said in {replies.same(sentence.text) for section in written for sentence in section.sentences}:
        if (plant := planted.get(said)) is None:
            continue
        if (sentence := left.get(said)) is None:
            fates[said] = "rewritten" if said in rewritten else "removed"
        else:
            cited = [homes.get(key, "") for key in sentence.citations]
            right = any(_is_home(text, plant.home) or _says(text, sentence.text) for text in cited)
            fates[said] = _fate(plant.kind, verdicts[sentence.id], right=right)
    return fates


def _fate(kind: Kind, support: Support, *, right: bool) -> Fate:
    if support in (Support.UNSURE, Support.UNSUPPORTED):
        return "marked"
    if kind == "correct":
        return "stands"
    if support is Support.NOT_NEEDED:
        return "removed"  # it cites nothing any more, and states no fact
    return "cited right" if right and kind != "unsupported" else "unflagged"


def _says(passage: str, text: str) -> bool:
    """Whether another passage tells the same: all content words and figures of the sentence stand in it."""
    return set(content_words(text)) - set(FILLERS) <= set(content_words(passage))


def _is_home(passage: str, shown: str) -> bool:
    """Whether a passage is the one that was shown: prompts show it cleaned, on one line."""
    return passage[:40].split() == shown.split()[: len(passage[:40].split())] or " ".join(passage.split()) == shown
