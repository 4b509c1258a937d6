"""What a reviewer looks at: an article, or a text that somebody else wrote, with its evidence and how it was judged."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from aiwriter.documents.articles import Article
from aiwriter.documents.base import Document
from aiwriter.documents.concealing import concealed_section, concealed_sentence, told
from aiwriter.documents.disputes import Party, disputes
from aiwriter.documents.drafts import Draft, Section, Sentence
from aiwriter.documents.evidence import Coverage, Disagreement, Evidence, Passage, SourceRef
from aiwriter.documents.quality import Dismissal, QualityReport, SentenceVerdict
from aiwriter.documents.runs import RunFacts
from aiwriter.text.counted import counted
from aiwriter.text.identifiers import concealed, secrets


class Reviewed(Document):
    """What a report is about: an article, or a text that somebody else wrote. `facts` tell the cost, if it is known."""

    title: str
    about: str
    language: str
    sections: tuple[Section, ...]
    sources: tuple[SourceRef, ...]
    passages: tuple[Passage, ...]
    quality: QualityReport
    removed: tuple[Sentence, ...] = ()
    notes: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    dismissals: tuple[Dismissal, ...] = ()
    facts: RunFacts | None = None
    made: dict[str, str] = Field(default_factory=dict)  # how it came about: name → text

    @classmethod
    def article(cls, article: Article, facts: RunFacts | None = None) -> Reviewed:
        written = article.created_at
        made = {
            "Written by": f"{article.provenance.author}, {article.provenance.model}",
            "Asked for": article.brief.topic,
            "Article": f"{article.id}, version {article.version}",
            "Run": str(article.provenance.run_id),
        }
        shared = ("title", "language", "sections", "sources", "passages", "quality")
        more = ("removed", "notes", "coverage", "dismissals")
        fields = {name: getattr(article, name) for name in (*shared, *more)}
        about = f"{article.kind.value} · {article.words:,} words · {written.day} {written:%B %Y}"
        return cls(**fields, about=about, facts=facts, made=made)

    @classmethod
    def text(cls, name: str, draft: Draft, evidence: Evidence, report: QualityReport, language: str) -> Reviewed:
        """A checked text; passages and sources are those that its sentences were put beside."""
        keys = {key for sentence in draft.sentences for key in sentence.citations}
        words = sum(len(sentence.text.split()) for sentence in draft.sentences)
        return cls(
            title=draft.title or name,
            about=f"checked text · {words:,} words · {counted(len(evidence.sources), 'source')} given",
            language=language,
            sections=draft.sections,
            sources=evidence.sources,
            passages=tuple(item.passage for item in evidence.items if item.passage.id in keys),
            quality=report,
            notes=evidence.notes,
            disagreements=evidence.disagreements,
            made={"File": name},
        )

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    @property
    def verdicts(self) -> dict[UUID, SentenceVerdict]:
        """How each sentence that was looked at stands, by its id."""
        return {verdict.sentence_id: verdict for verdict in self.quality.sentences}

    @property
    def disputes(self) -> list[tuple[Party, ...]]:
        return disputes(self.disagreements)

    def concealed(self) -> Reviewed:
        """The same with secrets, cards and accounts dotted out wherever it shows words of the text or of a passage."""
        every = (*self.sentences, *self.removed)
        lines = [self.title, *(one.heading for one in self.sections), *(one.text for one in every)]
        hidden = tuple(dict.fromkeys(secret for line in lines for secret in secrets(line)))
        texts = {sentence.id: sentence.text for sentence in every}
        return self.model_copy(
            update={
                "title": concealed(self.title),
                "sections": tuple(map(concealed_section, self.sections)),
                "removed": tuple(map(concealed_sentence, self.removed)),
                "passages": tuple(_without(p, hidden) for p in self.passages),
                "sources": tuple(one.model_copy(update={"title": concealed(one.title)}) for one in self.sources),
                "coverage": tuple(
                    one.model_copy(update={"question": concealed(one.question)}) for one in self.coverage
                ),
                "disagreements": tuple(_spoken_without(one, hidden) for one in self.disagreements),
                "quality": self.quality.model_copy(update={"findings": told(self.quality.findings, texts, hidden)}),
                "notes": tuple(concealed(note, hidden) for note in self.notes),
            }
        )


def _without(passage: Passage, hidden: tuple[str, ...]) -> Passage:
    headings = tuple(concealed(heading) for heading in passage.headings)
    return passage.model_copy(update={"text": concealed(passage.text, hidden), "headings": headings})


def _spoken_without(found: Disagreement, hidden: tuple[str, ...]) -> Disagreement:
    names = ("one_sentence", "one_says", "other_sentence", "other_says")
    return found.model_copy(update={name: concealed(getattr(found, name), hidden) for name in names})
