"""Checking: text that somebody else wrote, or an exported article, held against given sources.

The same checks as for our own drafts. Each sentence that needs support is put beside the passages that may give it; a
number that cites a listed source is believed only if that source is given, and then only its passages count. Of other
sentences only what a passage denies is told; the rest is not judged, and named as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from aiwriter.documents import (
    Article,
    Brief,
    Draft,
    Evidence,
    EvidenceItem,
    Finding,
    Passage,
    PassageId,
    QualityReport,
    Section,
    Sentence,
    Severity,
    Source,
    SourceRef,
    Support,
)
from aiwriter.errors import BadInput
from aiwriter.ids import passage_id
from aiwriter.pipeline import finishing, plain, quality
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.marked_text import MarkedText, read
from aiwriter.pipeline.quality import (
    asserting,
    contradictions,
    defects,
    language,
    links,
    meaning,
    near_copy,
    openings,
    phrases,
    private,
    quotations,
    readability,
    repetition,
    style,
    support,
)
from aiwriter.pipeline.quality.language import in_other_languages
from aiwriter.pipeline.quality.result import Check, CheckResult
from aiwriter.pipeline.quality.statements import Ground, Statement, grounds, known_names, statement
from aiwriter.pipeline.quality.support import Judgement, judge_claim, nearest
from aiwriter.pipeline.versions import left_out, superseded_by
from aiwriter.ports import Embedder, WordEmbedder
from aiwriter.threads import computed

if TYPE_CHECKING:
    import numpy as np

# What can be asked of a text that was written to no brief of ours.
TEXT_CHECKS: tuple[Check, ...] = (
    support.check_theirs,
    quotations.check,
    contradictions.check,
    language.check,
    readability.check,
    near_copy.check,
    repetition.check,
    openings.check,
    defects.check,
    phrases.check,
    private.check,
    style.check,
)
NO_SENTENCE, GIVE_TEXT = "the text holds no sentence", "give running text, as Markdown or plain text"
_BY_WORDS, _BY_MEANING = 4, 2  # passages that a sentence is held against
_RANK = {Support.SUPPORTED: 2, Support.UNSURE: 1, Support.UNSUPPORTED: 0}


@dataclass(frozen=True, slots=True)
class Checked:
    """A text as it was read, with the passages its sentences were put beside as citations, and the report on it."""

    report: QualityReport
    draft: Draft
    evidence: Evidence
    language: str


async def check_text(
    text: str,
    passages: Sequence[Passage],
    sources: Sequence[Source],
    embedder: Embedder | None,
    fmt: Format,
    language: str | None = None,
    words: WordEmbedder | None = None,
) -> Checked:
    """Check a Markdown or plain text against passages of sources. Raises BadInput when it holds no sentence. Without a
    `language` the text tells its own; see `marked_text.read`.

    What a newer one of the sources replaces is no evidence, and a note names it. Passages are found by words; for what
    then stays unsupported the embedder looks for others by meaning. With `words`, sentences are judged by meaning too,
    and so is where the sources disagree, as in a run.
    """
    marked = await computed(read, text, language)
    if not any(section.sentences for section in marked.sections):
        raise BadInput(NO_SENTENCE, hint=GIVE_TEXT)
    language = marked.language
    replaced = superseded_by(sources)
    passages = [passage for passage in passages if passage.source_hash not in replaced]
    evidence = Evidence(
        items=tuple(EvidenceItem(passage=passage, relevance=0) for passage in passages),
        sources=tuple(SourceRef.of(source) for source in sources),
        superseded=tuple(replaced),
        notes=(*left_out(replaced, sources), *in_other_languages(sources, language)),
    )
    newest = {older: newer.content_hash for older, newer in replaced.items()}
    placed = await computed(_place, marked, evidence, newest, {}, fmt)
    checked = await computed(_judge, placed, fmt)
    weak = _unsupported(checked)
    if embedder is not None and weak:
        by_meaning = await _by_meaning(weak, passages, embedder)
        placed = await computed(_place, marked, evidence, newest, by_meaning, fmt)
        checked = await computed(_judge, placed, fmt)
    titles = {source.content_hash: source.title for source in sources}
    rivals = await contested(placed.near, embedder, language, placed.cited, words, titles)
    if words is None and not rivals:
        return checked
    meant = await meaning.heard(placed.draft, placed.evidence, placed.brief, words)
    told = placed.evidence.model_copy(update={"disagreements": rivals})
    return await computed(_judge, replace(placed, draft=meant, evidence=told), fmt)


def _unsupported(checked: Checked) -> list[str]:
    bad = {verdict.sentence_id for verdict in checked.report.sentences if verdict.support is Support.UNSUPPORTED}
    return [sentence.text for sentence in checked.draft.sentences if sentence.id in bad]


def check_article(article: Article, evidence: Evidence, fmt: Format) -> QualityReport:
    """Judge an article by its own citations against evidence that was read anew; see `article_evidence`.

    What was kept of an embedder's, a checker's and a person's word is believed: this is for our own store.
    """
    draft = finishing.judged_before(draft_of(article), article.quality)
    return quality.judge(draft, evidence, article.brief, fmt, dismissals=article.dismissals)


def draft_of(article: Article) -> Draft:
    """What was written of an article, without what was said about it."""
    return Draft(kind=article.kind, title=article.title, description=article.description, sections=article.sections)


def read_article(text: str) -> Article | None:
    """The article of our JSON export, or None when the text is something else. Raises BadInput for a broken export."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (
        ValueError,
        RecursionError,
    ):  # no JSON, a number of thousands of digits, or brackets in brackets without end
        return None
    if not isinstance(data, dict) or data.get("document") != "article":
        return None
    try:
        return Article.model_validate(data.get("article"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"the export is not a valid article: {where}: {first['msg']}", hint="export it again") from error


def article_evidence(article: Article, sources: Iterable[Source]) -> Evidence:
    """The passages of an article as the given sources have them now; those that no given source has are left out,
    and named in the notes."""
    by_hash = {source.content_hash: source for source in sources}
    items, notes = [], []
    for passage in article.passages:
        source = by_hash.get(passage.source_hash)
        if source is None or passage_id(passage.source_hash, passage.start, passage.end) != passage.id:
            known = next((ref.title for ref in article.sources if ref.content_hash == passage.source_hash), None)
            notes.append(f"“{known or 'A cited source'}” is not among the given sources, or has changed since.")
            continue
        items.append(
            EvidenceItem(passage=Passage.of(source, passage.start, passage.end, passage.headings), relevance=1)
        )
    return Evidence(
        items=tuple(items),
        sources=tuple(SourceRef.of(source) for source in by_hash.values()),
        superseded=tuple(superseded_by(list(by_hash.values()))),
        notes=tuple(dict.fromkeys(notes)),
    )


async def beside_rivals(
    article: Article,
    evidence: Evidence,
    passages: Sequence[Passage],
    embedder: Embedder | None,
    words: WordEmbedder | None = None,
) -> Evidence:
    """The evidence of an article with those of these passages that give a figure of it otherwise, and where they do.

    Looked at are the passages nearest to each sentence that tells a figure; see `disagreements.contested`.
    """
    own = {item.passage.id for item in evidence.items}
    others = tuple(EvidenceItem(passage=passage, relevance=0) for passage in passages if passage.id not in own)
    whole = evidence.model_copy(update={"items": (*evidence.items, *others)})
    near = await computed(_near, draft_of(article), whole, article.language)
    compared = [item for item in whole.items if item.passage.id in near | own]
    titles = evidence.titles
    rivals = await contested(compared, embedder, article.language, own, words, titles)
    sides = {side for found in rivals for side in (found.one, found.other)}
    items = (*evidence.items, *(item for item in others if item.passage.id in sides))
    return evidence.model_copy(update={"items": items, "disagreements": rivals})


def _near(draft: Draft, evidence: Evidence, language: str) -> set[PassageId]:
    """The passages nearest to the sentences with figures: those that may say otherwise."""
    candidates = list(grounds(evidence, language).values())
    claims = [claim for sentence in draft.sentences if (claim := statement(sentence.text, language)).figures]
    return {ground.key for claim in claims for ground in nearest(claim, candidates, _BY_WORDS)}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A text whose sentences cite the passages they were put beside; `swapped` cite another source themselves."""

    draft: Draft
    evidence: Evidence
    brief: Brief
    swapped: Sequence[Finding]
    near: Sequence[EvidenceItem]  # those that may say otherwise than its figures
    targets: links.Targets

    @property
    def cited(self) -> set[PassageId]:
        return {key for sentence in self.draft.sentences for key in sentence.citations}


def _place(
    marked: MarkedText,
    evidence: Evidence,
    newest: Mapping[str, str],
    by_meaning: Mapping[str, Sequence[Passage]],
    fmt: Format,
) -> _Placed:
    """`newest`: by the content hash of a replaced source that of the one which replaces it."""
    title = (marked.title or "A text to check")[:500].ljust(3)
    brief = Brief(topic=title, format=fmt.name, language=marked.language)
    placing = _Placing(marked, evidence, by_meaning, newest)
    sections = tuple(placing.section(section) for section in marked.sections)
    draft = Draft(kind=marked.kind, title=marked.title, sections=sections)
    near = tuple(item for item in evidence.items if item.passage.id in placing.near)
    return _Placed(draft, evidence, brief, placing.swapped, near, marked.targets)


def _judge(placed: _Placed, fmt: Format) -> Checked:
    swapped = CheckResult("citations", None, tuple(placed.swapped))  # errors: their sentences are not supported
    theirs = partial(links.check_theirs, targets=placed.targets)
    checks: tuple[Check, ...] = (lambda *_: swapped, *TEXT_CHECKS, theirs)
    report = quality.judge(placed.draft, placed.evidence, placed.brief, fmt, checks)
    return Checked(report, placed.draft, placed.evidence, placed.brief.language)


class _Placing:
    """Puts sentences beside the passages that support them best, and notes citations of the wrong source."""

    def __init__(
        self,
        marked: MarkedText,
        evidence: Evidence,
        by_meaning: Mapping[str, Sequence[Passage]],
        newest: Mapping[str, str],
    ) -> None:
        self._language = marked.language
        self._grounds = grounds(evidence, marked.language)
        self._known = known_names(text for ground in self._grounds.values() for text in (ground.text, ground.context))
        self._source = evidence.origins
        self._titles = evidence.titles
        listed = {number: _recognise(text, evidence.sources) for number, text in marked.listed.items()}
        self._listed = {number: newest.get(key, key) for number, key in listed.items() if key}
        self._numbers = marked.numbers
        self._by_meaning = by_meaning
        self.swapped: list[Finding] = []
        self.near: set[str] = set()  # passages nearest to sentences with figures: those that may say otherwise

    def section(self, section: Section) -> Section:
        paragraphs = tuple(
            paragraph.model_copy(update={"sentences": tuple(map(self._sentence, paragraph.sentences))})
            for paragraph in section.paragraphs
        )
        return section.model_copy(update={"paragraphs": paragraphs})

    def _sentence(self, sentence: Sentence) -> Sentence:
        claim = statement(sentence.text, self._language)
        numbers = self._numbers.get(sentence.id, ())
        if not numbers and not asserting.is_judged(claim):
            return sentence.model_copy(update={"citations": self._told_or_denied(claim)})
        cited = {key for number in numbers if (key := self._listed.get(number))}
        everywhere = self._best(claim, self._candidates(claim, None))
        if not cited:
            return sentence.model_copy(update={"citations": everywhere[0]})
        keys, judgement = self._best(claim, self._candidates(claim, cited))
        if _RANK[judgement.outcome] < _RANK[everywhere[1].outcome] == _RANK[Support.SUPPORTED]:
            self.swapped.append(self._swap(sentence, cited, everywhere[0]))
        return sentence.model_copy(update={"citations": keys})

    def _candidates(self, claim: Statement, sources: set[str] | None) -> list[Ground]:
        open_to = [g for key, g in self._grounds.items() if sources is None or self._source[key] in sources]
        similar = [
            self._grounds[passage.id]
            for passage in self._by_meaning.get(claim.text, ())
            if sources is None or passage.source_hash in sources
        ]
        found = {ground.key: ground for ground in nearest(claim, open_to, _BY_WORDS) + similar}
        if claim.figures:
            self.near |= found.keys()
        return list(found.values())

    def _told_or_denied(self, claim: Statement) -> tuple[str, ...]:
        near = [(ground, self._judge(claim, (ground,))) for ground in self._candidates(claim, None)]
        return plain.told_or_denied(claim, near)

    def _best(self, claim: Statement, candidates: Sequence[Ground]) -> tuple[tuple[str, ...], Judgement]:
        """The passage, or the two together, that support the claim best."""
        tries: list[tuple[Ground, ...]] = [(ground,) for ground in candidates]
        judged = [(tried, self._judge(claim, tried)) for tried in tries]
        judged.sort(key=lambda pair: _merit(pair[1]), reverse=True)
        if len(judged) > 1 and judged[0][1].outcome is not Support.SUPPORTED:
            both = judged[0][0] + judged[1][0]
            judged.insert(0, max([judged[0], (both, self._judge(claim, both))], key=lambda pair: _merit(pair[1])))
        if not judged:
            return (), self._judge(claim, ())
        chosen, judgement = judged[0]
        return tuple(ground.key for ground in chosen), judgement

    def _judge(self, claim: Statement, tried: Sequence[Ground]) -> Judgement:
        return judge_claim(claim.text, tried, self._known, self._language)

    def _swap(self, sentence: Sentence, cited: set[str], found: Sequence[str]) -> Finding:
        wrong = " and ".join(f"“{self._titles.get(key, key)}”" for key in sorted(cited))
        right = self._titles.get(self._source[found[0]], "another source")
        return Finding(
            rule="citations.swapped",
            severity=Severity.ERROR,
            message=f"This cites {wrong}, but “{right}” says it.",
            sentence_id=sentence.id,
            fix=f"cite “{right}”",
        )


def _merit(judgement: Judgement) -> tuple[int, float]:
    return _RANK[judgement.outcome], judgement.probability


def _recognise(listed: str, sources: Sequence[SourceRef]) -> str | None:
    """Which given source a line of a list of sources means: by its address, its file's name or its title."""
    line = listed.lower()
    for of in (_location, _file_name, _title):
        hits = [source.content_hash for source in sources if (name := of(source)) and name in line]
        if len(hits) == 1:
            return hits[0]
    return None


def _location(source: SourceRef) -> str:
    return source.location.lower()


def _file_name(source: SourceRef) -> str:
    return source.location.lower().rstrip("/").rpartition("/")[2]


def _title(source: SourceRef) -> str:
    return source.title.lower() if len(source.title) > 5 else ""


async def _by_meaning(
    texts: list[str], passages: Sequence[Passage], embedder: Embedder
) -> dict[str, Sequence[Passage]]:
    """The passages most similar to each text."""
    vectors = await embedder.embed([*texts, *(passage.text for passage in passages)])
    similar: np.ndarray = vectors[: len(texts)] @ vectors[len(texts) :].T
    order = (-similar).argsort(axis=1)[:, :_BY_MEANING]
    return {text: [passages[int(column)] for column in row] for text, row in zip(texts, order, strict=True)}
