"""Checking a text that anybody wrote, or an exported article of ours, against sources: what command, API and worker do.

Nothing is stored here; `studies.py` keeps what was asked for over the API and what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from aiwriter.documents import (
    Article,
    Block,
    BlockKind,
    Brief,
    CheckAsked,
    CheckedText,
    GivenSource,
    Passage,
    Reviewed,
    Source,
    SourceProblem,
    Sources,
    Verdict,
)
from aiwriter.errors import BadInput, Refused
from aiwriter.pipeline import checking, formats, quality, research
from aiwriter.pipeline.marked_text import read
from aiwriter.pipeline.quality import meaning
from aiwriter.ports import (
    Changed,
    Chunker,
    Documents,
    SourceFinder,
    Unchanged,
    Validators,
    WordEmbedder,
)
from aiwriter.services.archive import Writing
from aiwriter.services.desk import Desk, ReadGiven
from aiwriter.text.counted import counted
from aiwriter.text.escaping import escaped
from aiwriter.text.identifiers import concealed
from aiwriter.text.languages import language_code
from aiwriter.text.scripts import has_word
from aiwriter.threads import computed

FILES_OF_TEXT = frozenset({".pdf", ".docx"})
NOTHING_JUDGED = "No sentence states what could be held against the sources."
NOTHING_CHECKED = "nothing was checked: "  # how a refusal begins that is no judgement on the text
UNKNOWN_FORMAT = "blog_post"  # a stranger's text has no format of ours; its thresholds for support serve
_NO_PROSE = frozenset({BlockKind.TABLE, BlockKind.CODE, BlockKind.CAPTION})
_MARKS = {BlockKind.LIST_ITEM: "- ", BlockKind.QUOTE: "> "}
_SHORTEST_TOPIC, _LONGEST_TOPIC = 3, 200  # characters of a first line that is taken for a title


def asked_language(tag: str | None) -> str | None:
    """A language as it was asked for, "de-AT" → "de". Raises BadInput when it is no tag of a language."""
    if tag is None:
        return None
    language = language_code(tag)
    if language is None:
        raise BadInput(f"{tag!r} is not a language code", hint="Give a code of two or three letters, such as en or de.")
    return language


@dataclass(frozen=True, slots=True)
class Understood:
    """A text before it is checked: the article, if it is our export of one, and its language."""

    article: Article | None
    language: str


async def understood(asked: CheckAsked) -> Understood:
    """Raises BadInput for what cannot be checked, before anything is read: a broken export, one whose language is told
    otherwise, a text without a sentence."""
    article = await computed(checking.read_article, asked.text)
    if article is None:
        marked = await computed(read, asked.text, asked.language)
        if not any(section.sentences for section in marked.sections):
            raise BadInput(checking.NO_SENTENCE, hint=checking.GIVE_TEXT)
        return Understood(None, marked.language)
    if asked.language is not None:
        raise BadInput("an exported article names its own language", hint="Leave the language out.")
    return Understood(article, article.language)


async def text_in(asked: GivenSource, read_given: ReadGiven) -> str:
    """The running text of a PDF or Word file, as Markdown: its headings, paragraphs, list items and quotations. Raises
    BadInput for another file, UnreadableSource when it cannot be read."""
    if PurePath(asked.name).suffix.lower() not in FILES_OF_TEXT:
        raise BadInput(f"{asked.name!r} is no PDF or Word file", hint="Name it .pdf or .docx, or send its text.")
    source = await read_given(asked)
    parts = ((block, " ".join(source.text[block.start : block.end].split())) for block in source.blocks)
    return "\n\n".join(f"{_mark(block)}{escaped(text)}" for block, text in parts if block.kind not in _NO_PROSE)


def _mark(block: Block) -> str:
    """What a block begins with in Markdown."""
    return "#" * max(1, block.level) + " " if block.kind is BlockKind.HEADING else _MARKS.get(block.kind, "")


def topic_of(asked: CheckAsked, text: Understood) -> Mapping[str, object]:
    """Of a brief's fields those that the text tells: what searches without a query are planned from. Of an article that
    is its own topic, else what the text is called."""
    if text.article is not None:
        brief = text.article.brief
        return {"topic": brief.topic, "keywords": brief.keywords, "language": text.language}
    first = next((line.strip("# \t") for line in asked.text.splitlines() if line.strip("# \t")), "")
    # What is sent to search engines and shown in lists tells no secret.
    first = concealed(first[: 10 * _LONGEST_TOPIC])[:_LONGEST_TOPIC].strip()
    told = first if len(first) >= _SHORTEST_TOPIC and has_word(first) else f"text {asked.name}"
    return {"topic": told, "language": text.language}


async def gather(
    desk: Desk, brief: Brief, asked: CheckAsked, article: Article | None, on_read: research.Progress | None = None
) -> Sources:
    """What was given with the text, and whatever a brief's sources may be. Raises Refused when nothing can be used."""
    writing = Writing(article.provenance.run_id, article.id, brief.topic) if article else None
    given = {f"“{one.name}”": one for one in asked.given}  # in quotes it is no search and no place, whatever its name
    finder = _WithGiven(desk.finder, given, desk.read_given)
    brief = brief.model_copy(update={"sources": (*given, *brief.sources)})
    try:
        found = await research.gather(brief, finder, on_read, desk.engines(writing))
    except Refused as error:
        raise Refused(f"{NOTHING_CHECKED}{error}", hint=error.hint) from error
    return found.model_copy(update={"problems": tuple(_as_given(one, given) for one in found.problems)})


def _as_given(problem: SourceProblem, given: Mapping[str, GivenSource]) -> SourceProblem:
    """What could not be used, called as it was given."""
    one = given.get(problem.location)
    return problem if one is None else problem.model_copy(update={"location": one.name})


async def examine(desk: Desk, asked: CheckAsked, article: Article | None, sources: Sources) -> CheckedText:
    """The text held against these sources. Raises Refused when no passage of text is in them."""
    passages = await computed(_passages, sources, desk.chunk)
    if not passages:
        said = f"{NOTHING_CHECKED}no passage of text is in the {counted(len(sources.items), 'source')}"
        raise Refused(said, hint="Give sources with running text, not only headings, links or pictures.")
    words = meaning.knows_words(desk.words)
    if article is None:
        reviewed = await _text(desk, asked, passages, sources, words)
    else:
        reviewed = await _article(desk, article, passages, sources, words)
    shown = await computed(reviewed.concealed)
    return _unless_unjudged(CheckedText(reviewed=shown, read=len(sources.items), problems=sources.problems))


def _passages(sources: Sources, chunk: Chunker) -> list[Passage]:
    return [passage for source in sources.items for passage in chunk(source)]


async def _text(
    desk: Desk, asked: CheckAsked, passages: list[Passage], sources: Sources, words: WordEmbedder | None
) -> Reviewed:
    fmt = formats.load(UNKNOWN_FORMAT)
    checked = await checking.check_text(asked.text, passages, sources.items, desk.embedder, fmt, asked.language, words)
    return Reviewed.text(asked.name, checked.draft, checked.evidence, checked.report, checked.language)


async def _article(
    desk: Desk, article: Article, passages: list[Passage], sources: Sources, words: WordEmbedder | None
) -> Reviewed:
    given = checking.article_evidence(article, sources.items)
    evidence = await checking.beside_rivals(article, given, passages, desk.embedder, words)
    draft = await meaning.heard(checking.draft_of(article), evidence, article.brief, words)
    report = await computed(quality.judge, draft, evidence, article.brief, formats.load(article.brief.format))
    reviewed = Reviewed.article(article.model_copy(update={"quality": report, "notes": evidence.notes}))
    # What is shown is what was read now: the export may say anything of its passages.
    shown = {"passages": tuple(item.passage for item in evidence.items), "sources": evidence.sources, "coverage": ()}
    return reviewed.model_copy(update=shown | {"disagreements": evidence.disagreements})


def _unless_unjudged(found: CheckedText) -> CheckedText:
    """What was not judged does not pass, in a report either."""
    if found.judged or found.reviewed.quality.verdict is Verdict.REFUSE:
        return found
    report = found.reviewed.quality
    changed = {"verdict": Verdict.REVISE, "reasons": (NOTHING_JUDGED, *report.reasons)}
    reviewed = found.reviewed.model_copy(update={"quality": report.model_copy(update=changed)})
    return found.model_copy(update={"reviewed": reviewed})


class _WithGiven:
    """A `SourceFinder` that also knows what was given, by its name in quotes."""

    def __init__(self, finder: SourceFinder, given: Mapping[str, GivenSource], read_given: ReadGiven) -> None:
        self._finder = finder
        self._given = given
        self._read_given = read_given

    def expand(self, location: str) -> list[str]:
        return [location] if location in self._given else self._finder.expand(location)

    async def discover(self, location: str) -> Documents:
        return Documents([location]) if location in self._given else await self._finder.discover(location)

    async def read(self, location: str) -> Source:
        given = self._given.get(location)
        return await self._finder.read(location) if given is None else await self._read_given(given)

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        return await self._finder.read_if_changed(location, known)
