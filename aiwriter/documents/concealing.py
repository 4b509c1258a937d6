"""What a text holds that nobody may read: dotted out in the text itself and wherever something is said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

from aiwriter.documents.articles import Article
from aiwriter.documents.drafts import Draft, Section, Sentence
from aiwriter.documents.quality import Finding
from aiwriter.text.identifiers import concealed, parts_of, secrets

REFUSED = frozenset({"private.secret", "private.card", "private.iban"})  # rules: what must not be published


def hidden_in(draft: Draft | Article) -> tuple[str, ...]:
    """The secrets that stand in what a reader sees of it."""
    lines = [draft.title, draft.description, *(section.heading for section in draft.sections)]
    lines += [sentence.text for section in draft.sections for sentence in section.sentences]
    return tuple(dict.fromkeys(secret for line in lines for secret in secrets(line)))


def told(findings: Iterable[Finding], texts: Mapping[UUID, str], hidden: Collection[str]) -> tuple[Finding, ...]:
    """Findings without secrets: they may quote the text, cut short or in parts, and may take a secret for numbers.
    `texts` are the sentences by id."""
    parts = [part for secret in hidden for part in parts_of(secret)]
    return tuple(_told(finding, texts, [*hidden, *parts]) for finding in findings)


def _told(finding: Finding, texts: Mapping[UUID, str], hidden: Collection[str]) -> Finding:
    text = texts.get(finding.sentence_id, "") if finding.sentence_id else ""
    quoted = [*hidden, *_within_secret(text, finding.span)]
    fix = concealed(finding.fix, quoted) if finding.fix else finding.fix
    return finding.model_copy(update={"message": concealed(finding.message, quoted), "fix": fix})


def _within_secret(text: str, span: tuple[int, int] | None) -> Iterator[str]:
    """What a span holds, if it is a part of a secret."""
    if span is not None and text:
        part = text[span[0] : span[1]]
        if part and any(part in secret for secret in secrets(text)):
            yield part


def concealed_section(section: Section) -> Section:
    paragraphs = tuple(
        paragraph.model_copy(update={"sentences": tuple(map(concealed_sentence, paragraph.sentences))})
        for paragraph in section.paragraphs
    )
    return section.model_copy(update={"heading": concealed(section.heading), "paragraphs": paragraphs})


def concealed_sentence(sentence: Sentence) -> Sentence:
    return sentence.model_copy(update={"text": concealed(sentence.text)})


def concealed_article(article: Article) -> Article:
    """The article with secrets, cards and accounts that refuse it dotted out of title, description, headings,
    sentences, notes and findings; itself when there are none, or a person has said that they are none."""
    if not any(finding.is_open_error and finding.rule in REFUSED for finding in article.quality.findings):
        return article
    hidden = hidden_in(article)
    texts = {sentence.id: sentence.text for sentence in article.sentences}
    report = article.quality.model_copy(update={"findings": told(article.quality.findings, texts, hidden)})
    return article.model_copy(
        update={
            "title": concealed(article.title),
            "description": concealed(article.description),
            "sections": tuple(map(concealed_section, article.sections)),
            "removed": tuple(map(concealed_sentence, article.removed)),
            "notes": tuple(concealed(note, hidden) for note in article.notes),
            "quality": report,
        }
    )
