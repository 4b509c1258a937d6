"""Writing: a section from its plan and passages, by a language model or by the offline writer; then the whole draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import cast

from pydantic import create_model, model_validator

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    EvidenceItem,
    Outline,
    Paragraph,
    ParagraphKind,
    PassageId,
    Section,
    Sentence,
    Stage,
)
from aiwriter.errors import BadReply
from aiwriter.pipeline import demands, formats, replies
from aiwriter.pipeline.livetext import LiveText
from aiwriter.pipeline.origins import Origins
from aiwriter.pipeline.prompts import render
from aiwriter.pipeline.prompts.fitting import fit, room
from aiwriter.pipeline.prompts.wording import Names, style
from aiwriter.ports import (
    CallKey,
    LanguageModel,
    ModelRequest,
    OnText,
    ParagraphReply,
    RunContext,
    SectionReply,
    SectionTask,
    SentenceReply,
    handle,
)
from aiwriter.text.languages import language_name
from aiwriter.text.words import words

WORDS_A_PARAGRAPH = 55
FEWEST_SENTENCES, MOST_SENTENCES = 3, 4  # of a paragraph, when it has the words for them
WORDS_A_SENTENCE = 15
MOST_CITATIONS = 3  # of a sentence
MOST_CONTESTED = 3  # disagreements of sources that a writer is told of
LONGEST = 1.3  # times the words a section should have: what comes after that is left out
TOKENS_A_WORD = 4  # of a reply: the word, its share of the JSON around it, and room for wordy languages
OPENING = "(the introduction; it has no heading)"


class _Usable(SectionReply):
    """A reply without words is asked for again."""

    @model_validator(mode="after")
    def _says_something(self) -> _Usable:
        if not any(words(sentence.text) for paragraph in self.paragraphs for sentence in paragraph.sentences):
            raise ValueError("there must be paragraphs with sentences")
        return self


async def write_section(
    brief: Brief,
    outline: Outline,
    index: int,
    evidence: Evidence,
    model: LanguageModel,
    context: RunContext,
    on_text: OnText | None = None,
    most_passages: int | None = None,
) -> Section:
    """Section `index` of the outline, every sentence with the passages it cites, of which it is shown `most_passages`.

    Handles the model invents are dropped, citation marks in the text become citations, a sentence said twice stays
    once. A digest's paragraphs are quotations of one source each. `on_text` hears the section's text grow, last the
    whole of it. Raises BadReply when nothing is left, and what `answer` raises.
    """
    plan = outline.sections[index]
    request, shown = _request(brief, outline, index, evidence, model, context, most_passages)
    told, most_words = (plan.heading, plan.purpose, outline.title, brief.topic), LONGEST * plan.words
    live = LiveText(on_text, brief.language, told, most_words) if on_text else None
    if live and model.writes is ArticleKind.ARTICLE:  # a digest is there at once
        request = replace(request, on_text=live.hear)
    reply = (await model.answer(request)).parsed
    if not isinstance(reply, SectionReply):
        raise BadReply(
            f"{model.name} gave no section",
            hint=replies.ASK_AGAIN,
        )
    if model.writes is ArticleKind.DIGEST:
        paragraphs = [made for said in reply.paragraphs for made in _quotations(said, shown)]
    else:
        paragraphs = _not_longer(_paragraphs(reply, shown, told, brief.language), most_words)
    if not paragraphs:
        raise BadReply(f"{model.name} wrote nothing usable for section {plan.heading!r}", hint=replies.ASK_AGAIN)
    section = Section(heading=plan.heading, paragraphs=tuple(paragraphs))
    if live:
        await live.finish(section)
    return section


def most_usd(
    brief: Brief,
    outline: Outline,
    index: int,
    evidence: Evidence,
    model: LanguageModel,
    context: RunContext,
    most_passages: int | None = None,
) -> Decimal:
    """What `write_section` can cost at the most when its first answer can be used."""
    return model.upper_bound(_request(brief, outline, index, evidence, model, context, most_passages)[0])


def answer_tokens(words: int) -> int:
    """What an answer that is to have so many words may take."""
    return 200 + TOKENS_A_WORD * words


def assemble(outline: Outline, sections: Sequence[Section], kind: ArticleKind) -> Draft:
    """The draft: sections in the outline's order, a sentence that an earlier section said left out, none empty.

    Raises BadReply when nothing is left.
    """
    seen: set[str] = set()
    kept = [made for section in sections if (made := _unsaid(section, seen)).paragraphs]
    if not kept:
        raise BadReply("no section has any text", hint=replies.ASK_AGAIN)
    return Draft(kind=kind, title=outline.title, description=outline.description, sections=tuple(kept))


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _request(
    brief: Brief,
    outline: Outline,
    index: int,
    evidence: Evidence,
    model: LanguageModel,
    context: RunContext,
    most_passages: int | None,
) -> tuple[ModelRequest, list[EvidenceItem]]:
    """The request, and the passages its handles stand for."""
    plan = outline.sections[index]
    key = CallKey(context.run_id, Stage.SECTIONS, item=str(index))
    paragraphs = max(1, round(plan.words / WORDS_A_PARAGRAPH))
    tokens = answer_tokens(plan.words)
    trusted = _trusted(brief, outline, index, paragraphs)
    found = {item.passage.id: item for item in evidence.items}
    planned = [found[key] for key in plan.passages if key in found]
    items = [*planned, *_rivals(planned, found, evidence)][:most_passages]
    shown = fit(items, room(render("section", key, context, trusted, ()), model, tokens))
    trusted["hint"] = f"{trusted['hint']} {_contested(shown, evidence)}".strip()
    names = Names(evidence.sources)
    passages = [(handle(n), names.of(item.passage), item.passage.text) for n, item in enumerate(shown)]
    used = {item.passage.source_hash for item in shown}
    request = ModelRequest(
        key=key,
        prompt=render("section", key, context, trusted, passages),
        schema=_asked_for(paragraphs, _sentences_of(plan.words, paragraphs), len(shown)),
        max_output_tokens=tokens,
        material=SectionTask(
            brief=brief,
            title=outline.title,
            plan=plan,
            passages=tuple(shown),
            sources=tuple(source for source in evidence.sources if source.content_hash in used),
        ),
    )
    return request, shown


def _trusted(brief: Brief, outline: Outline, index: int, paragraphs: int) -> dict[str, str]:
    """What the prompt says beside passages."""
    plan, fmt = outline.sections[index], formats.load(brief.format)
    others = [other.heading for n, other in enumerate(outline.sections) if n != index and other.heading]
    return {
        "title": outline.title,
        "heading": plan.heading or OPENING,
        "purpose": plan.purpose,
        "others": f"- Leave to other sections: {'; '.join(others)}." if others and plan.heading else "",
        "language": language_name(brief.language),
        "style": style(brief),
        "hint": fmt.hints.section,
        "limits": demands.for_writing(fmt, brief.language),
        "words": str(plan.words),
        "paragraphs": str(paragraphs),
        "fewest": str(_sentences_of(plan.words, paragraphs)[0]),
        "most": str(_sentences_of(plan.words, paragraphs)[1]),
    }


def _sentences_of(words: int, paragraphs: int) -> tuple[int, int]:
    """The fewest and the most sentences of a paragraph. Of eighteen words a small model made five sentences, as it was
    asked to, and three were cut off."""
    fewest = max(1, min(FEWEST_SENTENCES, round(words / paragraphs / WORDS_A_SENTENCE)))
    return fewest, min(MOST_SENTENCES, fewest + 1)


def _rivals(
    planned: Sequence[EvidenceItem], found: Mapping[PassageId, EvidenceItem], evidence: Evidence
) -> list[EvidenceItem]:
    """Passages that contradict a planned one and are not planned themselves: without them only one side can be told."""
    here = {item.passage.id for item in planned}
    pairs = [pair for one in evidence.disagreements for pair in ((one.one, one.other), (one.other, one.one))]
    missing = dict.fromkeys(other for one, other in pairs if one in here and other in found and other not in here)
    return [found[key] for key in missing][:MOST_CONTESTED]


def _contested(shown: Sequence[EvidenceItem], evidence: Evidence) -> str:
    """In which figures the shown passages disagree, for the writer; nothing else of their text stands there."""
    handles = {item.passage.id: handle(n) for n, item in enumerate(shown)}
    told = [
        f"{handles[found.one]} says “{found.one_says}” where {handles[found.other]} says “{found.other_says}”"
        for found in evidence.disagreements
        if found.one in handles and found.other in handles
    ]
    return f"Sources disagree: {'; '.join(told[:MOST_CONTESTED])}. Tell both or neither." if told else ""


@lru_cache(maxsize=64)
def _asked_for(paragraphs: int, sentences: tuple[int, int], passages: int) -> type[SectionReply]:
    """The reply's shape with this call's handles and bounds in its JSON schema; what is accepted stays as wide as
    `SectionReply`."""
    cited = replies.listed(replies.handles(passages), 1, MOST_CITATIONS)
    sentence = create_model("SentenceReply", __base__=SentenceReply, passages=(cited, []))
    paragraph = create_model(
        "ParagraphReply",
        __base__=ParagraphReply,
        sentences=(replies.listed(sentence, sentences[0], sentences[1] + 1), ...),
    )
    written = replies.listed(paragraph, paragraphs, paragraphs + 1)
    return cast("type[SectionReply]", create_model("SectionReply", __base__=_Usable, paragraphs=(written, ...)))


# ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────────


def _paragraphs(
    reply: SectionReply, shown: Sequence[EvidenceItem], told: Sequence[str], language: str
) -> list[Paragraph]:
    """Paragraphs of sentences none of which repeats another, or what the prompt told: small models hand that back."""
    seen = {replies.same(text) for text in told}
    origins = Origins(shown, language)
    made = [tuple(_sentences(said, origins, language, seen)) for said in reply.paragraphs]
    return [Paragraph(sentences=sentences) for sentences in made if sentences]


def _sentences(paragraph: ParagraphReply, origins: Origins, language: str, seen: set[str]) -> Iterator[Sentence]:
    for reply in paragraph.sentences:
        for text, named in replies.sentences(reply, len(origins.shown), language):
            if replies.same(text) not in seen:
                seen.add(replies.same(text))
                yield Sentence(text=text, citations=origins.ids(text, named))


def _not_longer(paragraphs: list[Paragraph], words_allowed: float) -> list[Paragraph]:
    """The paragraphs up to the sentence that reaches so many words."""
    kept, left = [], words_allowed
    for paragraph in paragraphs:
        sentences = []
        for sentence in paragraph.sentences:
            if left > 0:
                sentences.append(sentence)
            left -= len(sentence.text.split())
        if sentences:
            kept.append(paragraph.model_copy(update={"sentences": tuple(sentences)}))
    return kept


def _quotations(paragraph: ParagraphReply, shown: Sequence[EvidenceItem]) -> Iterator[Paragraph]:
    """A digest's paragraph: verbatim sentences, a quotation for each run of one source; none without a source."""
    quoted = [
        (shown[cited[0]].passage.source_hash, Sentence(text=reply.text, citations=_ids(cited, shown)))
        for reply in paragraph.sentences
        if reply.text and (cited := replies.indexes(reply.passages, len(shown)))
    ]
    for source, run in groupby(quoted, key=lambda pair: pair[0]):
        sentences = tuple(sentence for _source, sentence in run)
        yield Paragraph(kind=ParagraphKind.QUOTE, sentences=sentences, attribution=source)


def _ids(cited: Sequence[int], shown: Sequence[EvidenceItem]) -> tuple[str, ...]:
    return tuple(shown[index].passage.id for index in cited)


def _unsaid(section: Section, seen: set[str]) -> Section:
    """The section without sentences in `seen`, which it adds its own to."""
    kept = []
    for paragraph in section.paragraphs:
        fresh = tuple(sentence for sentence in paragraph.sentences if replies.same(sentence.text) not in seen)
        seen |= {replies.same(sentence.text) for sentence in fresh}
        if fresh:
            kept.append(paragraph.model_copy(update={"sentences": fresh}))
    return section.model_copy(update={"paragraphs": tuple(kept)})
