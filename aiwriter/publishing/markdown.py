"""An article as Markdown (CommonMark) with front matter, bracketed source numbers and a list of sources.

Every text of the article or of a source is escaped: it can become neither markup nor a link or an image.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from aiwriter.documents import Article, ArticleStatus, Paragraph, ParagraphKind, Section, Sentence, SourceRef
from aiwriter.documents.quality import SUPPORT_MARKS, SUPPORT_MEANINGS
from aiwriter.ours import MARK
from aiwriter.publishing.citing import (
    SUPPORT_LABELS,
    Citing,
    alike,
    day,
    digest_notice,
    one_line,
    particulars,
    terms,
    web_link,
)
from aiwriter.text.escaping import escaped

_MARKS = {kind: f" *({SUPPORT_LABELS[kind]})*" for kind in SUPPORT_MARKS}


def render(article: Article) -> str:
    """The whole file, ending in a line break."""
    citing = Citing(article)
    blocks = [
        f"# {escape(article.title)}",
        *([f"*{escape(article.description)}*"] if article.description.strip() else []),
        *_notices(article),
        *_legend(article, citing),
        *(block for section in article.sections for block in _section(section, citing)),
        *_sources(article),
        *_dismissals(article),
    ]
    return _front_matter(article) + "\n" + "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """The text on one line, as CommonMark that shows exactly its visible characters."""
    return escaped(one_line(text))


def _front_matter(article: Article) -> str:
    """YAML whose values are JSON: a subset that needs no quoting rules of its own."""
    fields: dict[str, object] = {
        "title": one_line(article.title),
        "description": one_line(article.description),
        "slug": one_line(article.slug),
        "kind": article.kind.value,
        "status": article.status.value,
        "language": article.language,
        "date": article.created_at.isoformat(),
        "words": article.words,
        "sources": len(article.sources),
        "score": round(article.quality.score, 1),
        "model": one_line(article.provenance.model),
        "run": str(article.provenance.run_id),
        "article": str(article.id),
        "version": article.version,
        "generator": MARK,
    }
    lines = (f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    return "\n".join(["---", *lines, "---", ""])


def _notices(article: Article) -> Iterator[str]:
    if article.status is ArticleStatus.REFUSED:
        reasons = "".join(f"\n> - {escape(reason)}" for reason in article.quality.reasons)
        yield "> **Refused.** This text did not pass its checks and must not be published." + reasons
    if notice := digest_notice(article):
        yield f"> **Digest.** {notice}"


def _legend(article: Article, citing: Citing) -> Iterator[str]:
    """What the marks mean that stand in this text; nothing when there are none."""
    counts = citing.marked(article)
    if counts:
        told = [f"{_MARKS[kind].strip()}: {SUPPORT_MEANINGS[kind]} ({count})" for kind, count in counts.items()]
        yield f"> **Marks behind sentences.** {'; '.join(told)}."


def _section(section: Section, citing: Citing) -> Iterator[str]:
    if heading := escape(section.heading):
        yield f"## {heading}"
    for group in alike(section):
        yield _GROUPS[group[0].kind](group, citing)


def _texts(group: Sequence[Paragraph], citing: Citing) -> str:
    return "\n\n".join(_sentences(paragraph, citing) for paragraph in group)


def _items(group: Sequence[Paragraph], citing: Citing) -> str:
    return "\n".join(f"- {_sentences(paragraph, citing)}" for paragraph in group)


def _quotes(group: Sequence[Paragraph], citing: Citing) -> str:
    lines = [_sentences(paragraph, citing) for paragraph in group]
    source = citing.source(group[0].attribution)
    if source is not None:
        lines.append("— " + ", ".join([f"*{_title(source)}*", *map(escape, particulars(source))]))
    return "\n>\n".join(f"> {line}" for line in lines)


_GROUPS = {ParagraphKind.TEXT: _texts, ParagraphKind.LIST_ITEM: _items, ParagraphKind.QUOTE: _quotes}


def _sentences(paragraph: Paragraph, citing: Citing) -> str:
    return " ".join(_sentence(sentence, citing) for sentence in paragraph.sentences)


def _sentence(sentence: Sentence, citing: Citing) -> str:
    numbers = citing.numbers_of(citing.passages(sentence))
    reference = f" [{', '.join(map(str, numbers))}]" if numbers else ""
    return escape(sentence.text) + reference + _MARKS.get(citing.support(sentence), "")


def _sources(article: Article) -> Iterator[str]:
    if article.sources:
        yield "## Sources"
        yield "\n".join(f"{number}. {_source(source)}" for number, source in enumerate(article.sources, 1))


def _source(source: SourceRef) -> str:
    link = web_link(source.location)
    where = f"<{link}>" if link else escape(source.location)
    said = map(escape, [*particulars(source), *terms(source)])
    parts = [f"**{_title(source)}**", *said, where, f"Retrieved {day(source.retrieved_at)}"]
    return ". ".join(parts) + "."


def _dismissals(article: Article) -> Iterator[str]:
    if article.dismissals:
        yield "## Dismissed findings"
        yield "\n".join(
            f"- ~~{escape(one.message)}~~ {escape(one.by)}, {day(one.at)}: {escape(one.reason)}"
            for one in article.dismissals
        )


def _title(source: SourceRef) -> str:
    return escape(source.title) or "Untitled"
