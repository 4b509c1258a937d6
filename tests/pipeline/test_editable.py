import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwriter.documents import Article, ArticleKind, Paragraph, ParagraphKind, Section, Sentence, SourceKind, SourceRef
from aiwriter.errors import BadInput
from aiwriter.ids import new_id
from aiwriter.pipeline.editable import editable_head, from_editable, to_editable
from aiwriter.testing import sample_article

PASSAGES = [f"{n:016x}" for n in range(4)]
HASHES = [f"{n:064x}" for n in range(2)] + ["ab" * 32]  # the first two begin alike
ODD = [
    "#",
    "## ",
    ">",
    "> ",
    "- ",
    "-",
    "—",
    "— [#",
    "[@",
    "]",
    f"[@{PASSAGES[0]}]",
    "\\",
    "\\[",
    "---",
    "\u2028",
    "\x85",
]

pieces = st.lists(st.sampled_from(ODD) | st.text(max_size=12), min_size=1, max_size=5)
texts = pieces.map("".join).filter(lambda text: text.strip())
sentences = st.builds(
    Sentence,
    id=st.uuids(),
    text=texts,
    citations=st.lists(st.sampled_from(PASSAGES), unique=True, max_size=3).map(tuple),
)
lines = st.lists(sentences, min_size=1, max_size=3).map(tuple)
plain = st.builds(Paragraph, kind=st.sampled_from([ParagraphKind.TEXT, ParagraphKind.LIST_ITEM]), sentences=lines)
quotes = st.builds(
    Paragraph,
    kind=st.just(ParagraphKind.QUOTE),
    sentences=lines,
    attribution=st.none() | st.sampled_from(HASHES),
)
headings = st.text(max_size=20).map(lambda text: " ".join(text.split()))
sections = st.builds(Section, heading=headings, paragraphs=st.lists(plain | quotes, max_size=3).map(tuple))


def source(key: str) -> SourceRef:
    read = datetime(2026, 1, 1, tzinfo=UTC)
    title = "— [#odd] title\n"
    return SourceRef(
        id=UUID(int=0), content_hash=key, location="x.md", kind=SourceKind.MARKDOWN, title=title, retrieved_at=read
    )


articles = st.builds(
    lambda parts, title: sample_article(sections=parts, title=title, sources=tuple(map(source, HASHES[:2]))),
    st.lists(sections, min_size=1, max_size=3).map(tuple).filter(lambda parts: any(part.sentences for part in parts)),
    st.text(min_size=1, max_size=20),
)
thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(articles)
@thorough
def test_an_article_that_nobody_edited_comes_back_as_it_was(article: Article) -> None:
    text = to_editable(article)
    assert from_editable(text, article) == article.sections
    assert from_editable(text.replace("\n", "\r\n"), article) == article.sections
    assert editable_head(text, article) == (article.title, article.description)


@given(articles, st.data())
@thorough
def test_an_edited_sentence_changes_nothing_else(article: Article, data: st.DataObject) -> None:
    text = to_editable(article)
    edited = [n for n, line in enumerate(text.split("\n")) if line.endswith("]") and " [@" in line]
    if not edited:
        return
    number = data.draw(st.sampled_from(edited))
    rows = text.split("\n")
    prefix = re.match(r"(> |- |  )?", rows[number])[0]
    token = re.search(r" \[@[^\]]*\]$", rows[number])[0]
    rows[number] = f"{prefix}Quite another statement{token}"
    after = [sentence for part in from_editable("\n".join(rows), article) for sentence in part.sentences]
    changed = [(old, new) for old, new in zip(article.sentences, after, strict=True) if old != new]
    assert len(changed) == 1
    ((old, new),) = changed
    assert (new.text, new.citations) == ("Quite another statement", old.citations)
    assert new.id != old.id


@pytest.mark.parametrize("kind", list(ArticleKind))
def test_the_samples_read_well_and_come_back(kind: ArticleKind) -> None:
    article = sample_article(kind)
    assert from_editable(to_editable(article), article) == article.sections


def edit(old: str, new: str) -> tuple[Article, list[Sentence]]:
    article = sample_article()
    text = to_editable(article)
    assert text.count(old) == 1
    return article, [s for part in from_editable(text.replace(old, new), article) for s in part.sentences]


def test_a_sentence_that_moved_keeps_its_id_and_citations() -> None:
    article = sample_article()
    row = next(row for row in to_editable(article).split("\n") if row.startswith("Of 11,480"))
    text = to_editable(article).replace(row + "\n", "") + row + "\n"
    moved = [s for part in from_editable(text, article) for s in part.sentences]
    assert sorted(moved, key=lambda s: s.id) == sorted(article.sentences, key=lambda s: s.id)


def test_new_sentences_on_one_line_are_split_and_the_last_one_cites() -> None:
    article, after = edit(
        "Storms changed nothing, for", "Nobody was hurt. It was a calm year. Storms changed nothing, for"
    )
    at = next(n for n, s in enumerate(after) if s.text == "Nobody was hurt.")
    assert [s.text for s in after[at : at + 2]] == ["Nobody was hurt.", "It was a calm year."]
    assert not after[at].citations
    assert after[at + 2] in article.sentences


def test_text_behind_a_token_is_a_sentence_of_its_own() -> None:
    token = sample_article().sentences[3].citations[0]
    article, after = edit(f"[@{token}]", f"[@{token}] That is a lot.")
    assert after[3] == article.sentences[3]
    assert (after[4].text, after[4].citations) == ("That is a lot.", ())


def test_changed_citations_make_a_new_sentence() -> None:
    article, after = edit(f" [@{sample_article().sentences[1].citations[0]}]", "")
    assert after[1].id != article.sentences[1].id
    assert after[1].citations == ()


def test_a_new_heading_begins_a_section() -> None:
    article = sample_article()
    text = to_editable(article).replace("\nStorms changed", "\n## Storms\n\nStorms changed")
    assert [part.heading for part in from_editable(text, article)][:3] == ["", "Quieter, and on time", "Storms"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[@dd15fdbb40e2ec48]", "[@0000000000000000]", r"Line 12: \[@0000000000000000\] cites"),
        ("[@dd15fdbb40e2ec48]", "[@dd15fdbb40e2ec48; @maria]", r"Line 12: \[@dd15fdbb40e2ec48; @maria\] cites"),
        ("[@dd15fdbb40e2ec48]", "[@dd15fdbb40e2ec48", "Line 12: "),
        ("[@dd15fdbb40e2ec48]", "[@dd15fdbb40e2ec48] [@dd15fdbb40e2ec48]", "Line 12: .* follows no sentence"),
        ("## Quieter", "### Quieter", "Line 10: '### Quieter, and on time'"),
        ("[#bdbdf3d326fb1138]", "[#ffffffffffffffff]", "Line .* names no source"),
        ("[#bdbdf3d326fb1138]", "", "Line .* names no source"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(old: str, new: str, message: str) -> None:
    article = sample_article()
    text = to_editable(article)
    assert old in text
    with pytest.raises(BadInput, match=message) as caught:
        from_editable(text.replace(old, new, 1), article)
    assert caught.value.hint


def test_an_emptied_text_is_refused() -> None:
    with pytest.raises(BadInput, match="holds no sentence"):
        from_editable("---\ntitle: x\n---\n\n## Only a heading\n", sample_article())


def test_title_and_description_can_be_edited() -> None:
    article = sample_article()
    text = to_editable(article).replace(f"title: {article.title}", "title: Ferries: a new start")
    assert editable_head(text, article) == ("Ferries: a new start", article.description)
    assert editable_head("Nothing but text.", article) == (article.title, article.description)


def test_a_line_that_stands_twice_keeps_both_ids() -> None:
    twice = tuple(Sentence(id=new_id(), text="It rained.") for _ in range(2))
    article = sample_article(sections=(Section(heading="", paragraphs=(Paragraph(sentences=twice),)),))
    edited = to_editable(article).replace("It rained.\nIt", "It snowed.\nIt")
    ((first, second),) = [part.sentences for part in from_editable(edited, article)]
    assert first.id not in {s.id for s in twice}
    assert second == twice[1]
