"""Evidence: the passages of all sources that bear on the brief, or a refusal when there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

from aiwriter.documents import (
    Brief,
    Coverage,
    Disagreement,
    Evidence,
    EvidenceItem,
    Passage,
    Source,
    SourceRef,
    Sources,
    disputes,
)
from aiwriter.errors import Refused
from aiwriter.pipeline import coverage, diverse, keywords
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.relevance import Scale, bm25, weighed
from aiwriter.pipeline.silent import next_step, silent, those
from aiwriter.pipeline.versions import left_out, superseded_by
from aiwriter.ports import Chunker, Embedder, WordEmbedder
from aiwriter.text.counted import counted
from aiwriter.text.facts import names
from aiwriter.text.quotable import looks_like_references
from aiwriter.text.scripts import has_unspaced, is_unreadable
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words
from aiwriter.threads import computed

if TYPE_CHECKING:
    import numpy as np

MOST_EMBEDDED = 200  # passages: about 8 s on two cores
_OPENINGS = 80  # of those, first passages of sources: what a source is about, in case it uses other words

# Set on 36 articles, 86 topics they cover and 80 they do not, 18 narrow topics of the examples and 160 questions with
# passages that answer them: docs/measurements/digest.md, benchmarks/topic_refusal.py, focused_topics.py.
_ENOUGH = 0.575  # a source that is clearly about the topic
_LITTLE = 0.38  # with less, it says nothing about it; between the two a person must look
_OTHER_YEAR = 0.45  # taken off when the title names another year
_FLOOR, _FLOOR_SHARE = 0.47, 0.72  # what another source needs: so much, or this share of what the best one has
_BEHIND, _BEHIND_NAMESAKE = 0.35, 0.22  # how far it may be behind; behind a source that is named like the topic
_NAMESAKE = 0.8  # of the topic's telling words in the source's title
_PASSAGE_SHARE = 0.5  # of the best passage's score, below which a passage is left out
MOST_TOLD = 5  # disagreements in the notes


@dataclass(frozen=True, slots=True)
class _Entry:
    """A passage with what is compared: its source's index, its stems (title and headings included)."""

    passage: Passage
    source: int
    order: int
    stems: tuple[str, ...]
    text: str


async def select(
    brief: Brief,
    sources: Sources,
    chunk: Chunker,
    embedder: Embedder,
    limit: int = 60,
    asked: Sequence[str] = (),
    own_questions: bool = False,
    words: WordEmbedder | None = None,
) -> Evidence:
    """The passages that bear on the brief, best first, at most `limit`; sources that do not bear on it give none.

    What they answer is told for the topic, its keywords and what else was `asked` on the way (queries of a search);
    with `own_questions` for what the sources that bear on it ask themselves, too. Passages that answer better than the
    chosen ones are taken up behind these.
    Where they disagree is found by meaning too when `words`, the embedder under its caches, knows words apart.
    Older versions of a source are left out and named in `superseded`. When no source is clearly about the topic, a note
    says so (`bears_little`). Raises Refused when the sources say nothing about the topic.
    """
    replaced = superseded_by(sources.items)
    current = [source for source in sources.items if source.content_hash not in replaced]
    entries = await computed(_entries, current, chunk, brief.language)
    if not entries:
        raise Refused(
            f"{those(current)} {'holds' if len(current) == 1 else 'hold'} no passage of text about {brief.topic!r}",
            hint="give sources with running text, not lists of links alone",
        )
    search = await computed(_Search, brief, current, entries, embedder)
    scores = await search.run()
    on_topic = search.on_topic(scores)
    if not on_topic:
        raise _nothing_said(search, scores)
    chosen = await computed(search.choose, on_topic, limit)
    if own_questions:
        speaking = [current[score.source] for score in on_topic]
        asked = (*asked, *await computed(keywords.asked_in, speaking, brief.topic, brief.language))
    chosen, covered = await search.answered(coverage.questions(brief, asked), chosen, on_topic)
    items = tuple(
        EvidenceItem(passage=entries[index].passage, relevance=round(search.relevance(index), 4)) for index in chosen
    )
    used = {entries[index].source for index in chosen}
    bearing = {score.source for score in on_topic}
    told = silent(current, used, bearing, len(items), brief.language)
    doubt = [_doubt(search, scores[0])] if scores[0].value < _ENOUGH else []
    notes = (*doubt, *_notes(sources, replaced, current, used), *told, *_secondary(current, used))
    found = Evidence(
        items=items,
        sources=tuple(SourceRef.of(source) for number, source in enumerate(current) if number in used),
        coverage=covered,
        superseded=tuple(replaced),
        notes=(*notes, *uncompared([item.passage for item in items])),
    )
    rivals = await contested(items, embedder, brief.language, words=words, titles=found.titles)
    return found.model_copy(update={"disagreements": rivals, "notes": (*found.notes, *_told_of(rivals, found))})


def _entries(sources: Sequence[Source], chunk: Chunker, language: str) -> list[_Entry]:
    return [
        _Entry(
            passage,
            number,
            order,
            tuple(content_words(" ".join([source.title, *passage.headings, passage.text]), language)),
            f"{' – '.join(dict.fromkeys([source.title, *passage.headings]))}: {passage.text}",
        )
        for number, source in enumerate(sources)
        for order, passage in enumerate(sorted(chunk(source), key=lambda one: one.is_table))  # prose opens a source
        if not looks_like_references(passage.text, passage.headings)
    ]


@dataclass(frozen=True, slots=True)
class _SourceScore:
    """How much one source says about the topic, 0–1, and the entry that says most; `other_year` when it is about the
    same thing in another year, which costs it part of its value; `namesake` when its title is the topic."""

    source: int
    value: float
    best: int
    other_year: bool
    namesake: bool


class _Search:
    """One brief against one set of entries: which were embedded, how near they are, what is chosen."""

    def __init__(self, brief: Brief, sources: Sequence[Source], entries: Sequence[_Entry], embedder: Embedder) -> None:
        self.topic = Topic.of(brief.topic, brief.language)
        self.sources, self.entries = sources, entries
        self.language = brief.language
        self._embedder = embedder
        self._queries = [brief.topic, *([f"{brief.topic}: {', '.join(brief.keywords)}"] if brief.keywords else [])]
        wanted = [*self.topic.weights, *content_words(" ".join(brief.keywords), brief.language)]
        self._lexical = bm25(wanted, [entry.stems for entry in entries])
        self._coverage = [self.topic.coverage(set(entry.stems)) for entry in entries]
        self._vectors: dict[int, np.ndarray] = {}
        self._similar: dict[int, float] = {}

    async def run(self) -> list[_SourceScore]:
        """Embed the passages worth it and score every source; best first."""
        self.scale = await Scale.of(self._embedder)
        self._query_rows = await self._embedder.embed(self._queries)
        await self._embed(self._first_round())
        scores = self._scores()
        await self._embed(self._second_round(scores))
        return self._scores()

    def _first_round(self) -> list[int]:
        everything = range(len(self.entries))
        if len(self.entries) <= MOST_EMBEDDED:
            return list(everything)
        openings = [index for index in everything if self.entries[index].order == 0][:_OPENINGS]
        by_words = sorted(everything, key=lambda index: (-self._lexical[index], index))
        hits = [index for index in by_words if self._lexical[index] > 0]
        return list(dict.fromkeys([*openings, *hits]))[: MOST_EMBEDDED * 3 // 4]

    def _second_round(self, scores: list[_SourceScore]) -> list[int]:
        """What is left of the sources that look best, in the order in which they look good."""
        best = scores[0].value - _BEHIND
        left = [
            index
            for score in scores
            if score.value >= best
            for index, entry in enumerate(self.entries)
            if entry.source == score.source and index not in self._vectors
        ]
        return left[: MOST_EMBEDDED - len(self._vectors)]

    async def _embed(self, indexes: list[int]) -> None:
        if not indexes:
            return
        rows = await self._embedder.embed([self.entries[index].text for index in indexes])
        similar = self.scale((rows @ self._query_rows.T).mean(axis=1))
        self._vectors.update(zip(indexes, rows, strict=True))
        self._similar.update((index, float(value)) for index, value in zip(indexes, similar, strict=True))

    def _scores(self) -> list[_SourceScore]:
        by_source: dict[int, list[int]] = {}
        for index, entry in enumerate(self.entries):
            by_source.setdefault(entry.source, []).append(index)
        scores = [self._score(source, indexes) for source, indexes in by_source.items()]
        return sorted(scores, key=lambda score: (-score.value, score.source))

    def _score(self, source: int, indexes: list[int]) -> _SourceScore:
        covered = max(self._coverage[index] for index in indexes)
        embedded = sorted((index for index in indexes if index in self._similar), key=self._similar.__getitem__)[-3:]
        value = covered
        if embedded:
            nearest = [self._similar[index] for index in embedded]
            similarity = (nearest[-1] + sum(nearest) / len(nearest)) / 2
            value = weighed(covered, similarity, self.scale.tells_meaning)
            if has_unspaced(self.topic.text):  # which embedders of English tell nothing of: the words are enough
                value = max(value, covered)
        title = self.sources[source].title
        other_year = self.topic.other_year(title, self.language)
        namesake = self.topic.coverage(set(content_words(title, self.language))) >= _NAMESAKE
        best = embedded[-1] if embedded else max(indexes, key=lambda index: (self._coverage[index], -index))
        return _SourceScore(source, value - _OTHER_YEAR * other_year, best, other_year, namesake)

    def on_topic(self, scores: Sequence[_SourceScore]) -> list[_SourceScore]:
        """The sources to choose from; none when the best one says too little, or is about another year."""
        best = scores[0]
        another_year = max((score.value + _OTHER_YEAR for score in scores if score.other_year), default=0.0)
        if best.value < self._least() or another_year > best.value + _OTHER_YEAR / 3:
            return []
        behind = _BEHIND_NAMESAKE if best.namesake else _BEHIND
        floor = min(_FLOOR, _FLOOR_SHARE * best.value)
        return [score for score in scores if score.value >= max(floor, best.value - behind)]

    def _least(self) -> float:
        """What the best source must have. A question shares few words with its answer; but where words alone are told,
        or no source has a name or year of the topic, little is not enough."""
        called = names(self.topic.text, language=self.language)
        named = Topic.of(" ".join([*self.topic.years, *(name.text for name in called)]), self.language)
        unknown = named.missing({stem for entry in self.entries for stem in entry.stems})
        strangers = any(named.weights[word] == 1 for word in unknown)
        return _ENOUGH if strangers or not self.scale.tells_meaning else _LITTLE

    def relevance(self, index: int) -> float:
        return min(1.0, max(0.0, self._similar[index]))

    async def answered(
        self, questions: Sequence[str], chosen: list[int], on_topic: Sequence[_SourceScore]
    ) -> tuple[list[int], tuple[Coverage, ...]]:
        """The chosen passages with those that answer a question better than they do, and how well each is answered.

        Looked at is what is embedded already; only for a question to which none of that is an answer the few other
        passages with most of its words are embedded as well.
        """
        allowed = {score.source for score in on_topic}
        asked = await coverage.Asked.of(questions, self._embedder, self.language)
        worth = self._worth(asked, allowed)
        if len(self._vectors) < len(self.entries) and (missing := asked.missing(worth.values())):
            await self._embed(await computed(self._speaking_of, missing, allowed))
            worth = self._worth(asked, allowed)
        chosen = [*chosen, *asked.better(chosen, worth)]
        return chosen, asked.told([self.entries[index].passage.id for index in chosen], [worth[i] for i in chosen])

    def _worth(self, asked: coverage.Asked, allowed: set[int]) -> dict[int, list[float]]:
        """By entry, of those that are embedded, what it says of each question."""
        import numpy as np

        read = [index for index in self._vectors if self.entries[index].source in allowed]
        rows = np.stack([self._vectors[index] for index in read])
        stems = [set(self.entries[index].stems) for index in read]
        return dict(zip(read, asked.worth(stems, rows, self.scale), strict=True))

    def _speaking_of(self, questions: Sequence[Topic], allowed: set[int]) -> list[int]:
        """For each question the passages that are not embedded and have most of its telling words."""
        wanted = {word for question in questions for word in question.weights}
        spoken = {
            index: words
            for index, entry in enumerate(self.entries)
            if index not in self._vectors and entry.source in allowed and (words := wanted.intersection(entry.stems))
        }
        found: dict[int, None] = {}
        for question in questions:
            covered = ((question.coverage(words), self._lexical[index], -index) for index, words in spoken.items())
            best = nlargest(coverage.SHOWN, covered)
            found |= dict.fromkeys(-index for share, _, index in best if share > 0)
        return list(found)

    def choose(self, on_topic: Sequence[_SourceScore], limit: int) -> list[int]:
        """Indexes of entries by maximal marginal relevance (Carbonell and Goldstein 1998), no source flooding."""
        score = self._fused(on_topic)
        if not score:
            return []
        enough = _PASSAGE_SHARE * max(score.values())
        left = sorted((index for index in score if score[index] >= enough), key=lambda index: (-score[index], index))
        each = diverse.most_of_one(len(on_topic), limit)
        passages = [
            diverse.Candidate(index, self.entries[index].source, self.entries[index].passage.text) for index in left
        ]
        return diverse.chosen(passages, score, self._vectors, limit, each)

    def _fused(self, on_topic: Sequence[_SourceScore]) -> dict[int, float]:
        allowed = {score.source: score.value for score in on_topic}
        top = max(self._lexical, default=0.0) or 1.0
        return {
            index: 0.5 * self._similar[index] + 0.2 * self._lexical[index] / top + 0.3 * self._coverage[index]
            for index in self._vectors
            if self.entries[index].source in allowed
        }


def _closest(search: _Search, nearest: _SourceScore) -> str:
    entry, source = search.entries[nearest.best], search.sources[nearest.source]
    place = " › ".join(dict.fromkeys([source.title, *entry.passage.headings]))
    return f"the closest is {place!r} in {source.place}"


def _doubt(search: _Search, best: _SourceScore) -> str:
    said = f"no source is clearly about {search.topic.text!r}; {_closest(search, best)}"
    return f"{Evidence.LITTLE}{said}: a person must read whether it answers the topic"


def _nothing_said(search: _Search, scores: Sequence[_SourceScore]) -> Refused:
    everything = {stem for one in search.entries for stem in one.stems}
    missing = set(search.topic.missing(everything))
    absent = [word for word in search.topic.text.split() if missing & set(content_words(word))]
    unmentioned = f"; none mentions {', '.join(repr(word.strip('?.,:;')) for word in absent)}" if absent else ""
    return Refused(
        f"{those(search.sources)} ({counted(len(search.entries), 'passage')}) "
        f"{'says' if len(search.sources) == 1 else 'say'} nothing about {search.topic.text!r}"
        f"{unmentioned}; {_closest(search, scores[0])}",
        hint=next_step(search.sources, search.language),
    )


def _notes(sources: Sources, replaced: dict[str, Source], current: Sequence[Source], used: set[int]) -> Iterable[str]:
    yield from left_out(replaced, sources.items)
    for number, source in enumerate(current):
        if number in used and source.flags:
            yield f"{source.title!r} ({source.place}): {'; '.join(source.flags)}"


def _secondary(current: Sequence[Source], used: set[int]) -> Iterable[str]:
    """What an editor must know of articles of ours among the sources: they confirm nothing."""
    chosen = [current[number] for number in sorted(used)]
    outside = {source.content_hash: source.title for source in chosen if source.own is None}
    for source in chosen:
        if source.own:
            shared = [outside[one.content_hash] for one in source.own.rests_on if one.content_hash in outside]
            counts = f"; {', '.join(map(repr, shared))} and it count as one source" if shared else ""
            yield f"{source.title!r} is {source.own.said}{counts}"
    if chosen and not outside:
        yield "all evidence comes from our own archive: nothing outside it confirms what this article says"


def uncompared(passages: Sequence[Passage]) -> Iterable[str]:
    """What people are told where no disagreement can be found, and no phrase told."""
    unread = sum(is_unreadable(passage.text) for passage in passages)
    if unread:
        yield (
            f"{Evidence.NOT_COMPARED}{unread} of {counted(len(passages), 'passage')}, written without blanks between "
            "words or with particles at them (Chinese, Japanese, Korean, Thai …): no disagreement was looked for"
        )


def _told_of(rivals: Sequence[Disagreement], found: Evidence) -> Iterable[str]:
    titles = found.titles
    home = {item.passage.id: titles[item.passage.source_hash] for item in found.items}
    for parties in disputes(rivals)[:MOST_TOLD]:
        told = [
            f"{' and '.join(dict.fromkeys(repr(home[key]) for key in party.passages))} "
            f"{'say' if party.passages[1:] else 'says'} “{party.says}” ({party.sentence})"
            for party in parties
        ]
        yield f"{Disagreement.NOTED}{' where '.join(told)}"
