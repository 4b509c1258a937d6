"""Pages as readers see them: main text with its structure, nothing hidden, no furniture."""

import pytest

from aiwriter.documents import BlockKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources.html import extract

STORY = " ".join(f"This is sentence number {n} of a story about a mill by the river." for n in range(8))


def page(body, head=""):
    head = f"<head><title>The mill | Site</title>{head}</head>"
    return f"<!doctype html><html lang='en-GB'>{head}<body>{body}</body></html>".encode()


def texts(extracted, *kinds):
    return [" ".join(piece.text.split()) for piece in extracted.pieces if not kinds or piece.kind in kinds]


def test_structure_is_kept():
    found = extract(page(
        f"<nav><a href=/>Home</a></nav><main><h1>The mill</h1><p>{STORY}</p><h2>Parts</h2><p>It has:</p>"
        "<ul><li>a wheel<ul><li>of oak</li></ul></li><li><p>stones</p></li></ul>"
        "<blockquote><p>It turns.</p></blockquote><pre>x = 1\n\ny = 2</pre>"
        "<table><caption>Sizes</caption><tr><th>Part</th><th>m</th></tr><tr><td>wheel</td><td>9</td></tr></table>"
        "<figure><img alt='unseen'><figcaption>The mill in 1900</figcaption></figure></main><footer>Imprint</footer>"
    ))  # fmt: skip
    assert [(piece.kind.value, piece.level, piece.text.strip()) for piece in found.pieces] == [
        ("heading", 1, "The mill"),
        ("paragraph", 0, STORY),
        ("heading", 2, "Parts"),
        ("paragraph", 0, "It has:"),
        ("list_item", 0, "a wheel"),
        ("list_item", 0, "of oak"),
        ("list_item", 0, "stones"),
        ("quote", 0, "It turns."),
        ("code", 0, "x = 1\n\ny = 2"),
        ("caption", 0, "Sizes"),
        ("table", 0, "Part | m\nwheel | 9"),
        ("caption", 0, "The mill in 1900"),
    ]


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        ("<tr><th>Part</th><th>m</th></tr><tr><td>wheel</td><td>9</td></tr>", 1),
        ("<tr><th></th><th></th></tr><tr><th>wheel</th><td>9</td></tr>", 0),  # an empty head is no line of the text
        ("<tr><th>wheel</th><td>9 m</td></tr><tr><th>stone</th><td>1 m</td></tr>", 0),
        ("<tr><td>Part</td><td>m</td></tr><tr><td>wheel</td><td>9</td></tr>", 1),
        ("<tr><td>Name</td><td>Mill</td></tr><tr><td>Built</td><td>in a hurry</td></tr>", 0),
    ],
)
def test_it_is_told_which_rows_of_a_table_name_its_columns(rows, heads):
    pieces = extract(page(f"<main><p>{STORY}</p><table>{rows}</table></main>")).pieces
    assert [piece.heads for piece in pieces if piece.kind == "table"] == [heads]


FURNITURE = [
    "<nav><a href=/a>One</a><a href=/b>FURNITURE</a></nav>",
    "<aside><p>FURNITURE is a sentence here.</p></aside>",
    "<div class='cookie-banner'><p>FURNITURE: we use cookies.</p></div>",
    "<div id=comments><p>FURNITURE says a reader about it.</p></div>",
    "<ul><li><a href=1>FURNITURE one</a><li><a href=2>FURNITURE two</a><li><a href=3>FURNITURE three</a></ul>",
    "<footer><p>FURNITURE of the site.</p></footer>",
    "<form><label>FURNITURE</label><input value=x><button>FURNITURE</button></form>",
]


@pytest.mark.parametrize("furniture", FURNITURE)
def test_furniture_is_left_out(furniture):
    found = extract(page(f"<article><h1>The mill</h1><p>{STORY}</p>{furniture}<p>The end of it all.</p></article>"))
    assert texts(found) == ["The mill", STORY, "The end of it all."]


HIDDEN = [
    "<p style='display:none'>HIDDEN words.</p>",
    "<p style='visibility: hidden'>HIDDEN words.</p>",
    "<p style='font-size:0'>HIDDEN words.</p>",
    "<p style='opacity:0.0'>HIDDEN words.</p>",
    "<p style='position:absolute;left:-9999px'>HIDDEN words.</p>",
    "<p style='text-indent:-9999px'>HIDDEN words.</p>",
    "<p style='color:#fff;background-color:white'>HIDDEN words.</p>",
    "<p style='color: white'>HIDDEN words.</p>",
    "<p style='color:transparent'>HIDDEN words.</p>",
    "<p style='clip-path: inset(50%)'>HIDDEN words.</p>",
    "<p style='height:1px;width:1px;overflow:hidden'>HIDDEN words.</p>",
    "<p hidden>HIDDEN words.</p>",
    "<p aria-hidden='true'>HIDDEN words.</p>",
    "<p class='note sr-only'>HIDDEN words.</p>",
    "<p class='note trap'>HIDDEN words.</p>",
    "<p id='trap'>HIDDEN words.</p>",
    "<span><b class='trap'>HIDDEN words.</b></span>",
    "<!-- HIDDEN words. -->",
    "<script>HIDDEN()</script><style>HIDDEN{}</style><template><p>HIDDEN words.</p></template>",
    "<noscript><p>HIDDEN words.</p></noscript>",
    "<svg><text>HIDDEN words.</text></svg>",
    "<img src=a.png alt='HIDDEN words.' title='HIDDEN words.'>",
]
RULES = (
    "<style>/* x */ .a, p.trap, b.trap { color: red; display : none } #trap{visibility:hidden}"
    " @media print{.story{display:none}}</style>"
)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_a_reader_does_not_see_is_not_read(hidden):
    body = f"<article><h1>The mill</h1><p class=story>{STORY}</p>{hidden}<p>The end of it all.</p></article>"
    assert texts(extract(page(body, RULES))) == ["The mill", STORY, "The end of it all."]


@pytest.mark.parametrize(
    "style", ["color:#fff;background:#003", "display:block", "opacity:0.8", "font-size:0.9em", "left:-5px"]
)
def test_what_only_looks_like_hiding_is_read(style):
    found = extract(page(f"<article><p>{STORY}</p><p style='{style}'>Shown to everybody.</p></article>"))
    assert "Shown to everybody." in texts(found)


def test_an_old_page_in_layout_tables_is_read():
    links = "".join(f"<a href={n}>Link {n}</a><br>" for n in range(5))
    story = f"<h2>The mill</h2>{STORY}<br><br>It burned down.<ul><li>twice</ul>"
    found = extract(page(f"<table><tr><td>{links}</td><td>{story}</td></tr></table>"))
    assert texts(found) == ["The mill", STORY, "It burned down.", "twice"]


def test_a_container_named_like_furniture_is_read_when_the_text_is_in_it():
    found = extract(page(f"<div class='post with-sidebar'><h1>The mill</h1><p>{STORY}</p><p>{STORY[::-1]}</p></div>"))
    assert len(texts(found, BlockKind.PARAGRAPH)) == 2


@pytest.mark.parametrize(
    ("head", "title", "author", "date"),
    [
        ("", "The mill", None, None),
        ("<meta property='og:title' content='A mill'><meta name=author content=Ann>", "A mill", "Ann", None),
        (
            "<meta name='citation_author' content='Reed, A.'><meta name='citation_author' content='Ford, B.'>",
            "The mill", "Reed, A., Ford, B.", None,
        ),
        ("<meta property='article:published_time' content='2025-02-24T08:00:00Z'>", "The mill", None, "2025-02-24"),
        ("<meta name='DC.date' content='2025-10-18'>", "The mill", None, "2025-10-18"),
        (
            '<script type="application/ld+json">'
            '{"@graph":[{"datePublished":"2024-05-01","author":[{"name":"Bo"}]}]}</script>',
            "The mill", "Bo", "2024-05-01",
        ),
        ('<script type="application/ld+json">{broken</script><meta name=date content=soon>', "The mill", None, None),
    ],
)  # fmt: skip
def test_a_page_says_what_it_is(head, title, author, date):
    found = extract(page(f"<article><p>{STORY}</p></article>", head))
    assert (found.title, found.author, found.language) == (title, author, "en-GB")
    assert (found.published_at.date().isoformat() if found.published_at else None) == date


def test_the_main_heading_is_the_title():
    assert extract(page(f"<article><h1>Fire at the mill</h1><p>{STORY}</p></article>")).title == "Fire at the mill"


@pytest.mark.parametrize(
    ("encoding", "charset", "declared"),
    [
        ("utf-8", None, ""),
        ("latin-1", "iso-8859-1", ""),
        ("windows-1252", None, "<meta charset=windows-1252>"),
        ("utf-16", None, ""),
    ],
)
def test_the_encoding_is_found(encoding, charset, declared):
    body = f"<html><head>{declared}</head><body><article><p>Die Mühle gehört Zoë. {STORY}</p></article></body></html>"
    assert "Mühle gehört Zoë" in extract(body.encode(encoding), charset).pieces[0].text


@pytest.mark.parametrize("body", ["", "<p></p>", "<script>draw()</script>", "<img src=a>", "<p hidden>x</p>"])
def test_a_page_without_text_is_refused(body):
    with pytest.raises(UnreadableSource):
        extract(page(body))


def test_control_characters_are_no_error():
    assert texts(extract(page(f"<p>{STORY}&#1;&#x0b;</p><p>a\x02b</p>")))


def test_a_deep_or_broken_page_is_no_error():
    assert texts(extract(page("<div>" * 200 + f"<p>{STORY}</p>")))
    with pytest.raises(UnreadableSource):
        extract(page("<div>" * 5000 + f"<p>{STORY}</p>"))
    assert texts(extract(f"<p>{STORY}<p>Unclosed <b>bold <i>both".encode()))


@pytest.mark.parametrize(
    ("head", "foot", "licence"),
    [
        ("", "", None),
        ("<link rel=license href='https://example.org/by'>", "", "https://example.org/by"),
        ("", "<a rel='nofollow license' href='/terms'>CC BY 4.0</a>", "CC BY 4.0"),
        ("<meta name='DCTERMS.license' content='OGL 3.0'>", "", "OGL 3.0"),
        (
            '<script type="application/ld+json">{"license":{"url":"https://example.org/l"}}</script>',
            "", "https://example.org/l",
        ),
    ],
)  # fmt: skip
def test_a_page_says_its_licence(head, foot, licence):
    assert extract(page(f"<article><p>{STORY}</p>{foot}</article>", head)).licence == licence


def test_terms_stay_with_what_is_said_of_them():
    terms = "<dt>Hull:</dt><dd>the body of a ship</dd><dt>Bow</dt><dt>Stem</dt><dd>its front</dd>"
    found = extract(page(f"<p>{STORY}</p><dl>{terms}</dl>"))
    assert texts(found, BlockKind.LIST_ITEM) == ["Hull: the body of a ship", "Bow, Stem: its front"]
