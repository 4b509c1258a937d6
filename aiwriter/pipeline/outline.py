"""Planning: evidence → outline, by a language model or by the offline writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from pydantic import create_model, model_validator

from aiwriter.documents import ArticleKind, Brief, Evidence, EvidenceItem, Outline, Point, SectionPlan, Stage
from aiwriter.errors import BadReply
from aiwriter.pipeline import demands, replies
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.prompts import render
from aiwriter.pipeline.prompts.fitting import fit, room
from aiwriter.pipeline.prompts.wording import Names, style
from aiwriter.ports import (
    CallKey,
    LanguageModel,
    ModelRequest,
    OutlineReply,
    OutlineTask,
    RunContext,
    SectionReplyPlan,
    handle,
)
from aiwriter.text.languages import language_name
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words

EXCERPT_WORDS = 40  # of each passage; the writing of a section shows it whole
PART_OF_CONTEXT = 4  # passages take at most a quarter of it: a plan needs the best, not all
FEWEST_PASSAGES, MOST_PASSAGES = 2, 6  # of a section
WORDS_A_PASSAGE = 40  # of text that one passage carries, when a section is given more than the model named
TITLE_WORDS, HEADING_WORDS, DESCRIPTION_WORDS = 12, 8, 30
INTRODUCTION = "introduction"
# It is planned from the brief alone; asked for one, small models plan an introduction, a background and a conclusion
APART = "Its introduction is written apart: no section is an introduction or a background."
INTRODUCTION_PART = 8  # an introduction has an eighth of the words
INTRODUCTION_PASSAGES = 4  # … and the most relevant passages
CLOSINGS = frozenset({"conclusion", "conclusions", "summary", "final thoughts", "closing thoughts"})


class _Usable(OutlineReply):
    """A reply that plans nothing is asked for again."""

    @model_validator(mode="after")
    def _plans_something(self) -> _Usable:
        if not any(replies.heading(section.heading) for section in self.sections):
            raise ValueError("there must be sections, each with a heading")
        return self


@dataclass
class _Plan:
    """A section in the making; `items` are the passages it may use."""

    heading: str
    purpose: str
    items: list[EvidenceItem]
    points: list[Point] = field(default_factory=list)


async def plan(brief: Brief, evidence: Evidence, fmt: Format, model: LanguageModel, context: RunContext) -> Outline:
    """The article's title and sections, each with the passages it may use and its share of the words.

    Handles the model invents are dropped; a passage belongs to the first section that names it; a section with too few
    gets those that share most words with it. Raises BadReply when there is nothing to use, and what `answer` raises.
    """
    items = _current(evidence)
    request, shown = _request(brief, evidence, items, fmt, model, context)
    reply = (await model.answer(request)).parsed
    if not isinstance(reply, OutlineReply):
        raise BadReply(
            f"{model.name} gave no outline",
            hint=replies.ASK_AGAIN,
        )
    if model.writes is ArticleKind.DIGEST:
        plans = [made for section in reply.sections if (made := _as_said(section, shown)).items]
    else:
        plans = _mended(reply.sections, shown, items, brief, fmt)
    if not plans:
        raise BadReply(
            f"{model.name} planned no section that has a source",
            hint=replies.ASK_AGAIN,
        )
    return Outline(
        title=_title(reply.title, brief),
        description=_description(reply.description, brief, fmt),
        sections=_with_words(plans, brief.words),
    )


def cheapest(brief: Brief, evidence: Evidence, fmt: Format) -> Iterator[Outline]:
    """Of every number of sections that `plan` may come to, an outline that no other costs less to write."""
    items, names = _current(evidence), Names(evidence.sources)
    if not items:
        return
    least = min(items, key=lambda item: len(f"{names.of(item.passage)}{item.passage.text}".encode()))
    opening = [_introduction(brief, items)] if INTRODUCTION in fmt.parts else []
    for number in range(1, fmt.sections_for(brief.words) + 2):
        body = [_Plan("x", "", [least]) for _ in range(number)]
        yield Outline(title="x", description="", sections=_with_words([*opening, *body], brief.words))


def answer_tokens(sections: int) -> int:
    """What a plan of so many sections may take."""
    return 300 + 150 * sections


def _title(said: str, brief: Brief) -> str:
    """What the model calls the article, if that has a word of what was asked for: nothing else vouches for a title."""
    title = replies.heading(said)
    asked = set(content_words(" ".join([brief.topic, *brief.keywords]), brief.language))
    return title if not asked or asked & set(content_words(title, brief.language)) else brief.topic


def _description(said: str, brief: Brief, fmt: Format) -> str:
    """What the model says of the article: its sentences as far as a result page shows them, but at least the first.
    Asked for one, small models give a whole paragraph, which nothing cites."""
    text = replies.described(said)
    ends = [end for _, end in split_sentences(text, brief.language)]
    fitting = [end for end in ends if end <= fmt.thresholds.description_chars_max]
    return text[: (fitting or ends[:1] or [0])[-1]]


def _current(evidence: Evidence) -> list[EvidenceItem]:
    """What may be cited as current: not the older versions of a source that is also here."""
    current = [item for item in evidence.items if item.passage.source_hash not in evidence.superseded]
    return current or list(evidence.items)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _request(
    brief: Brief, evidence: Evidence, items: list[EvidenceItem], fmt: Format, model: LanguageModel, context: RunContext
) -> tuple[ModelRequest, list[EvidenceItem]]:
    """The request, and the passages its handles stand for."""
    key = CallKey(context.run_id, Stage.OUTLINE)
    sections = max(1, min(fmt.sections_for(brief.words), len(items) // FEWEST_PASSAGES))
    tokens = answer_tokens(sections)
    trusted = {
        "topic": brief.topic,
        "language": language_name(brief.language),
        "style": style(brief),
        "hint": fmt.hints.outline,
        "limits": demands.for_planning(fmt, brief.language),
        "sections": str(sections),
        "first": APART if INTRODUCTION in fmt.parts else "",
        "title_words": str(TITLE_WORDS),
        "heading_words": str(HEADING_WORDS),
        "description_words": str(DESCRIPTION_WORDS),
        "fewest": str(FEWEST_PASSAGES),
        "most": str(MOST_PASSAGES),
    }
    space = room(render("outline", key, context, trusted, ()), model, tokens)
    shown = fit(items, min(space, model.context_tokens // PART_OF_CONTEXT), _excerpt)
    names = Names(evidence.sources)
    passages = [(handle(n), names.of(item.passage), _excerpt(item)) for n, item in enumerate(shown)]
    used = {item.passage.source_hash for item in shown}
    request = ModelRequest(
        key=key,
        prompt=render("outline", key, context, trusted, passages),
        schema=_asked_for(sections, len(shown)),
        max_output_tokens=tokens,
        material=OutlineTask(
            brief=brief,
            sections=sections,
            passages=tuple(shown),
            sources=tuple(source for source in evidence.sources if source.content_hash in used),
        ),
    )
    return request, shown


def _excerpt(item: EvidenceItem) -> str:
    words = item.passage.text.split()
    return " ".join(words[:EXCERPT_WORDS]) + (" …" if len(words) > EXCERPT_WORDS else "")


@lru_cache(maxsize=64)
def _asked_for(sections: int, passages: int) -> type[OutlineReply]:
    """The reply's shape with this call's numbers in its JSON schema: an endpoint that decodes by schema cannot invent a
    handle. What is accepted stays as wide as `OutlineReply`."""
    named = replies.listed(replies.handles(passages), 1, MOST_PASSAGES)
    section = create_model("SectionReplyPlan", __base__=SectionReplyPlan, passages=(named, ...))
    planned = replies.listed(section, sections, sections)
    return cast("type[OutlineReply]", create_model("OutlineReply", __base__=_Usable, sections=(planned, ...)))


# ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_said(section: SectionReplyPlan, shown: Sequence[EvidenceItem]) -> _Plan:
    named = [shown[index] for index in replies.indexes(section.passages, len(shown))]
    points = [
        Point(passage=shown[index].passage.id, text=text)
        for name, text in section.points
        for index in replies.indexes([name], len(shown))
    ]
    return _Plan(replies.heading(section.heading), replies.described(section.purpose), named, points)


def _mended(
    sections: Iterable[SectionReplyPlan],
    shown: list[EvidenceItem],
    items: list[EvidenceItem],
    brief: Brief,
    fmt: Format,
) -> list[_Plan]:
    """The plans of a language model: no two with one heading, no passage twice, none with too little to go on."""
    said = [_as_said(section, shown) for section in sections]
    by_heading = {one.heading.lower(): one for one in reversed(said) if one.heading}
    plans = [one for one in said if by_heading.get(one.heading.lower()) is one]
    closings = [one for one in plans if one.heading.lower() in CLOSINGS]
    plans = [one for one in plans if one not in closings] or plans
    body = [one for one in plans if one.heading.lower() != INTRODUCTION] or plans
    body = body[: fmt.sections_for(brief.words) + 1]
    body += _made_sections(closings, body)[: max(0, fmt.sections.min - len(body))]
    _share_out(body, items, brief)
    body = [one for one in body if one.items]
    if INTRODUCTION in fmt.parts and body:
        return [_introduction(brief, items), *body]
    return body


def _made_sections(closings: Iterable[_Plan], body: Sequence[_Plan]) -> list[_Plan]:
    """Of closings a section about the passages that each names, under the heading that stands above them: of a small
    model's three sections one was left."""
    taken = {one.heading.lower() for one in body}
    made = []
    for one in closings:
        above = (replies.heading(heading) for item in one.items for heading in reversed(item.passage.headings))
        heading = next((text for text in above if text and text.lower() not in taken), "")
        if one not in body and heading:
            made.append(_Plan(heading, "", one.items))
            taken.add(heading.lower())
    return made


def _introduction(brief: Brief, items: Iterable[EvidenceItem]) -> _Plan:
    return _Plan("", brief.topic, sorted(items, key=lambda item: -item.relevance)[:INTRODUCTION_PASSAGES])


def _share_out(plans: list[_Plan], items: list[EvidenceItem], brief: Brief) -> None:
    """Each passage to one plan: of those that name it the one whose words it shares most, the emptier one in doubt.
    Plans with too few then get the closest of what is left, in turn. Small models name the same passages everywhere."""
    about = _Closeness(plans, brief)
    named = {item.passage.id: item for one in plans for item in one.items}
    claims = {key: [one for one in plans if item in one.items] for key, item in named.items()}
    for one in plans:
        one.items = []
    for key, item in named.items():
        max(claims[key], key=lambda one: (about.share(one, item), -len(one.items))).items.append(item)
    free = [item for item in items if item.passage.id not in named]
    wanted = max(FEWEST_PASSAGES, min(MOST_PASSAGES, round(brief.words / max(1, len(plans)) / WORDS_A_PASSAGE)))
    for count in range(wanted):
        for one in (one for one in plans if len(one.items) == count and free):
            one.items.append(about.closest(one, free))
            free.remove(one.items[-1])
    for one in plans:
        del one.items[MOST_PASSAGES:]
        if not one.items and items:
            one.items.append(about.closest(one, items))


class _Closeness:
    """How many of a plan's words, beyond those of the topic, stand in a passage or the headings above it."""

    def __init__(self, plans: Iterable[_Plan], brief: Brief) -> None:
        self._language = brief.language
        topic = self._words(brief.topic)
        self._about = {id(one): self._words(f"{one.heading} {one.purpose}") - topic for one in plans}

    def _words(self, text: str) -> set[str]:
        return set(content_words(text, self._language))

    def share(self, one: _Plan, item: EvidenceItem) -> float:
        about = self._about[id(one)]
        return len(about & self._words(" ".join([*item.passage.headings, item.passage.text]))) / max(1, len(about))

    def closest(self, one: _Plan, items: Sequence[EvidenceItem]) -> EvidenceItem:
        """The item that shares most, the more relevant one in doubt."""
        return max(items, key=lambda item: (self.share(one, item), item.relevance))


def _with_words(plans: Sequence[_Plan], words: int) -> tuple[SectionPlan, ...]:
    """The plans with equal shares of the words; an introduction (no heading) has an eighth."""
    opening = words // INTRODUCTION_PART if not plans[0].heading and len(plans) > 1 else 0
    body = len(plans) - bool(opening)
    shares = [opening] * bool(opening) + [(words - opening) // body] * body
    shares[-1] += words - sum(shares)
    return tuple(
        SectionPlan(
            heading=one.heading,
            purpose=one.purpose,
            passages=tuple(item.passage.id for item in one.items),
            points=tuple(one.points),
            words=share,
        )
        for one, share in zip(plans, shares, strict=True)
    )
