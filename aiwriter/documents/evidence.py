"""What of it bears on the brief, and what it says and does not say."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from aiwriter.documents.base import ContentHash, Document, PassageId, Share
from aiwriter.documents.sources import OwnArticle, SearchRecord, Source, SourceProblem
from aiwriter.ids import passage_id
from aiwriter.source_kinds import SourceKind
from aiwriter.text.rows import told_lines


class Passage(Document):
    """A span of a source, at most about 120 words; `headings` is the path of headings above it, outermost first.

    Of prose it is the source's text. Rows of a table (`is_table`) are told, each a paragraph, with the names of their
    columns; they are evidence, and no sentences to be quoted.
    """

    id: PassageId
    source_hash: ContentHash
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    is_table: bool = False

    @classmethod
    def of(cls, source: Source, start: int, end: int, headings: tuple[str, ...] = ()) -> Passage:
        """The passage at text[start:end] of a source, with its lasting id. Rows of a table must be whole."""
        table = source.table_at(start)
        text = source.text[start:end]
        if table:
            heads = source.text[table.start : table.end].split("\n", table.heads)[: table.heads]
            text = "\n\n".join(told_lines(text, heads))
        return cls(
            id=passage_id(source.content_hash, start, end),
            source_hash=source.content_hash,
            start=start,
            end=end,
            text=text,
            headings=headings,
            is_table=table is not None,
        )


class SourceRef(Document):
    """What an article says of a source: enough to cite it without its text."""

    id: UUID
    content_hash: ContentHash
    location: str
    kind: SourceKind
    title: str
    retrieved_at: AwareDatetime
    published_at: AwareDatetime | None = None
    author: str | None = None
    licence: str | None = None  # what the source says of itself: a hint, not advice
    own: OwnArticle | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """What a reference says beside author and day: a licence, and that it is an article of ours."""
        return (*([f"licence: {self.licence}"] if self.licence else ()), *([self.own.said] if self.own else ()))

    @classmethod
    def of(cls, source: Source) -> SourceRef:
        """The reference to a source, by its `place`."""
        return cls(**{name: getattr(source, name) for name in cls.model_fields} | {"location": source.place})


class EvidenceItem(Document):
    """A passage chosen for the brief; `relevance` is its similarity to the topic, 0–1."""

    passage: Passage
    relevance: Share


class Disagreement(Document):
    """Two sentences of different sources that tell the same with different figures ("9 knots", "11 knots")."""

    NOTED: ClassVar[str] = "sources disagree: "  # how a note on one begins

    one: PassageId
    one_sentence: str
    one_says: str
    other: PassageId
    other_sentence: str
    other_says: str


class Coverage(Document):
    """A question and the passages that answer it, best first; `confidence` that they do, 0–1."""

    PARTLY: ClassVar[float] = 0.47
    ANSWERED: ClassVar[float] = 0.575  # both as for sources: docs/digest.md

    question: str
    passages: tuple[PassageId, ...]
    confidence: Share

    @property
    def answer(self) -> Literal["answered", "partly", "missing"]:
        if self.confidence >= self.ANSWERED:
            return "answered"
        return "partly" if self.passages else "missing"


class Evidence(Document):
    """Passages chosen for a brief, best first, the sources they come from, and what was noticed about them."""

    NOT_COMPARED: ClassVar[str] = "not compared: "  # how a note begins on passages that no rule can read
    LITTLE: ClassVar[str] = "little on the topic: "  # how one begins when no source is clearly about it

    items: tuple[EvidenceItem, ...]
    sources: tuple[SourceRef, ...]
    coverage: tuple[Coverage, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()  # between sources, in numbers and dates
    superseded: tuple[ContentHash, ...] = ()  # older versions of a source that is also here: never cited as current
    notes: tuple[str, ...] = ()  # for the report: what was left out and why

    @property
    def bears_little(self) -> bool:
        """Whether no source is clearly about the topic: a person must read what is written from it."""
        return any(note.startswith(self.LITTLE) for note in self.notes)

    @property
    def origins(self) -> dict[PassageId, ContentHash]:
        """Of which source each passage is."""
        return {item.passage.id: item.passage.source_hash for item in self.items}

    @property
    def titles(self) -> dict[ContentHash, str]:
        """The titles of the sources by their content."""
        return {source.content_hash: source.title for source in self.sources}

    def passage(self, key: str) -> Passage | None:
        return next((item.passage for item in self.items if item.passage.id == key), None)


class Keyword(Document):
    """A phrase that says what sources are about: how often it stands there, in how many of them."""

    phrase: str
    times: int
    sources: int
    weight: float


class Study(Document):
    """What the sources of a topic speak of, ask and answer, where they disagree and what they leave open."""

    topic: str
    keywords: tuple[Keyword, ...]
    questions: tuple[str, ...]  # that stand in the sources
    evidence: Evidence
    problems: tuple[SourceProblem, ...] = ()
    searches: tuple[SearchRecord, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed beside the disagreements, which are told by themselves."""
        return tuple(note for note in self.evidence.notes if not note.startswith(Disagreement.NOTED))
