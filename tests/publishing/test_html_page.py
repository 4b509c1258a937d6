import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from aiwriter.documents import ArticleKind, ArticleStatus, Mending, Rewrite, Sentence
from aiwriter.publishing.citing import one_line, web_link
from aiwriter.publishing.html import render
from aiwriter.testing import HOSTILE, hostile_article, sample_article

Attributes = list[tuple[str, str | None]]
WRITTEN = re.compile(
    "html|head|meta|title|style|body|a|div|header|p|span|h[1-3]|time|section|[uo]l|li|main|figure|blockquote|figcaption|cite|"
    "strong|table|caption|colgroup|col|thead|tbody|t[rhd]|svg|rect|path|d[ldt]|noscript|kbd|details|summary|code|del|button|article|mark|"
    "footer|script"
)


class Page(HTMLParser):
    """What a browser would find: every tag with its attributes, the text in it, and marked text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._inside, []).append(data)

    def values(self, name: str) -> list[str]:
        return [value or "" for _, attrs in self.tags for key, value in attrs.items() if key == name]


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_page_allows_only_its_own_style_and_script() -> None:
    page = Page(render(sample_article()))
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    style, script = digest(page.texts["style"][0]), digest(page.texts["script"][0])
    allowed = f"style-src '{style}'; script-src '{script}'"
    assert policy == f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = render(sample_article())
    assert not re.search(r"@import|url\(|srcset|<(?:link|img|iframe|object|embed|base|form)\b", text)
    assert not Page(text).values("src")


@pytest.mark.parametrize("status", list(ArticleStatus))
@pytest.mark.parametrize("kind", list(ArticleKind))
def test_every_reference_leads_somewhere_and_ids_are_unique(kind: ArticleKind, status: ArticleStatus) -> None:
    page = Page(render(sample_article(kind, status)))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    inner = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert inner <= set(ids)
    assert {f"e-{line.id}" for line in sample_article(kind).sentences if line.citations} <= inner


def test_the_supporting_span_is_marked_in_its_passage() -> None:
    page = Page(render(sample_article()))
    assert "the harbour battery at Vell covered 62 per cent of the energy used." in page.texts["mark"]
    assert "57 per cent of the energy drawn by the ships between 2023 and 2025." in page.texts["mark"]


def test_a_span_outside_its_passage_does_no_harm() -> None:
    article = sample_article()
    wild = tuple(
        verdict.model_copy(update={"highlight": dict.fromkeys(verdict.highlight, (-5, 10000))})
        for verdict in article.quality.sentences
    )
    text = render(sample_article(quality=article.quality.model_copy(update={"sentences": wild})))
    assert article.passages[0].text in Page(text).texts["mark"]


def test_a_citation_whose_passage_is_gone_is_shown_as_uncited() -> None:
    article = sample_article()
    lost = Sentence(text="Lost.", citations=("0" * 16,))
    first = article.sections[0].paragraphs[0].model_copy(update={"sentences": (lost,)})
    section = article.sections[0].model_copy(update={"paragraphs": (first,)})
    assert "No source is cited for this sentence." in render(sample_article(sections=(section,)))


def test_a_digest_and_a_refusal_say_so() -> None:
    assert "No language model wrote this text" in render(sample_article(ArticleKind.DIGEST))
    refused = render(sample_article(status=ArticleStatus.REFUSED))
    assert refused.index("Refused: not for publication") < refused.index("7 of 12 factual") < refused.index("<h1>")


def test_a_mark_is_told_in_words_above_the_text_and_needs_neither_colour_nor_script() -> None:
    text = render(sample_article())
    page = Page(text)
    assert text.index("the checks could not confirm it (1 sentence)") < text.index('id="text"')
    assert "4?" in page.texts["a"]
    assert 'class="marks"' not in render(sample_article(ArticleKind.DIGEST))


def test_what_was_mended_is_told_with_what_it_gained() -> None:
    told = (
        Rewrite(round=1, before="Seven ships <b>sail</b>.", after="Nine ships sail.", reason="The sources say nine."),
        Rewrite(round=0, before="It is quiet.", after="It is quiet."),
    )
    text = render(sample_article(mending=Mending(rewrites=told, calls=1, score_before=71.2, score_after=88.4)))
    assert "2 sentences mended" in text
    assert "Score 71 as written, 88 as mended, in 1 further call of the model." in text
    assert "<del>Seven ships &lt;b&gt;sail&lt;/b&gt;.</del> <ins>Nine ships sail.</ins>" in text
    assert "It is quiet. <em>Cites the passage that says it.</em>" in text


def test_what_was_asked_stands_beside_how_far_it_is_answered() -> None:
    page = Page(render(sample_article()))
    told = [text.strip() for text in page.texts["td"] if text.strip()]
    assert "Electric ferries: ticket prices" in page.texts["th"]
    assert told[-4:] == ["answered", "81 %", "missing", "21 %"]
    alone = sample_article(coverage=sample_article().coverage[:1])
    assert "asked of the sources" not in render(alone)


def test_equal_articles_give_equal_pages() -> None:
    assert render(sample_article()) == render(sample_article())


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_hostile_text_stays_text(hostile: str) -> None:
    article = hostile_article(hostile)
    page = Page(render(article))
    tags = [tag for tag, _ in page.tags]
    assert all(map(WRITTEN.fullmatch, tags))
    assert tags.count("style") == 1
    assert tags.count("script") == 1 + (article.status is not ArticleStatus.REFUSED)
    names = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc", "autofocus")}
    followed = {value for value in page.values("href") if not value.startswith("#")}
    assert followed <= {web_link(source.location) for source in article.sources}
    assert "".join(page.texts["h1"]).strip() == (one_line(hostile) or "Untitled")
