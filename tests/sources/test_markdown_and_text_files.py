"""Markdown and plain text files as blocks."""

import pytest

from aiwriter.sources import markdown, plaintext


def shape(extracted):
    return [(piece.kind.value, piece.level, " ".join(piece.text.split())) for piece in extracted.pieces]


def test_markdown_keeps_its_structure():
    text = (
        "# The *mill* {#top}\n\nIt was [built](http://x.test) in\n1783. ![unseen](a.png)\n\nParts\n-----\n\n"
        "1. a wheel\n   - of oak\n2. stones\n\n> It turns.\n\n```\nx = 1\n```\n\n"
        "| Part | m |\n|---|---|\n| wheel | 9 |\n\n"
        "<!-- secret -->\n<div hidden>secret</div>\n\n<b>Raw</b> html<br>too.\n"
    )
    assert shape(markdown.extract(text.encode())) == [
        ("heading", 1, "The mill"),
        ("paragraph", 0, "It was built in 1783."),
        ("heading", 2, "Parts"),
        ("list_item", 0, "a wheel"),
        ("list_item", 0, "of oak"),
        ("list_item", 0, "stones"),
        ("quote", 0, "It turns."),
        ("code", 0, "x = 1"),
        ("table", 0, "Part | m wheel | 9"),
        ("paragraph", 0, "Raw html too."),
    ]


@pytest.mark.parametrize(
    ("front", "title", "author", "year"),
    [
        ('---\ntitle: "Fact: sheet"\nauthor: Ann\ndate: 2024-01-15\n---\n', "Fact: sheet", "Ann", 2024),
        ("---\ntitle: Sheet\nauthors: [Ann, 'Bo']\n---\n", "Sheet", "Ann, Bo", None),
        ("---\r\nauthors:\r\n  - Ann\r\n  - Bo\r\n---\r\n", "Heading", "Ann, Bo", None),
        ('+++\ntitle = "Sheet"\ndate = 2024-01-15\n+++\n', "Sheet", None, 2024),
        ("---\n\n", "Heading", None, None),
        ("+++\nbroken toml\n+++\n", "Heading", None, None),
    ],
)
def test_front_matter_says_what_a_file_is(front, title, author, year):
    found = markdown.extract(f"{front}# Heading\n\nText that says something.\n".encode())
    assert (found.title, found.author, found.published_at.year if found.published_at else None) == (title, author, year)
    assert shape(found)[-2:] == [("heading", 1, "Heading"), ("paragraph", 0, "Text that says something.")]


@pytest.mark.parametrize("front", ["---\nlicense: CC-BY-4.0\n---\n", '+++\nlicence = "CC-BY-4.0"\n+++\n'])
def test_front_matter_says_under_which_licence_a_file_is(front):
    assert markdown.extract(f"{front}Text that says something.\n".encode()).licence == "CC-BY-4.0"


PLAIN = """\
THE MILL COMPANY
MINUTES OF A MEETING

Date:      24 May 2025
Place:     Mill house


1. OPENING

The chair opened the meeting at 14:00 and noted that it had been called in
time. The well-known battery-
electric miller spoke of the battery-electric wheel and of the har-
bour.

Questions:
 - Ann asked why the wheel could not turn in November, when there had been
   water enough.
 - Bo asked nothing.

Part         Metres       Year
wheel        9            1783
stone        1            1790

The End
=======

It closed at 17:25.
"""


def test_plain_text_is_put_together_again():
    found = plaintext.extract(PLAIN.encode())
    assert found.title == "THE MILL COMPANY: MINUTES OF A MEETING"
    assert shape(found) == [
        ("heading", 1, "THE MILL COMPANY"),
        ("heading", 2, "MINUTES OF A MEETING"),
        ("paragraph", 0, "Date: 24 May 2025"),
        ("paragraph", 0, "Place: Mill house"),
        ("heading", 2, "OPENING"),
        (
            "paragraph",
            0,
            "The chair opened the meeting at 14:00 and noted that it had been called in time. The well-known "
            "battery-electric miller spoke of the battery-electric wheel and of the harbour.",
        ),
        ("paragraph", 0, "Questions:"),
        ("list_item", 0, "Ann asked why the wheel could not turn in November, when there had been water enough."),
        ("list_item", 0, "Bo asked nothing."),
        ("table", 0, "Part | Metres | Year wheel | 9 | 1783 stone | 1 | 1790"),
        ("heading", 1, "The End"),
        ("paragraph", 0, "It closed at 17:25."),
    ]


def test_long_lines_are_paragraphs_of_their_own():
    text = "First paragraph. " * 20 + "\n" + "Second paragraph. " * 20 + "\n"
    assert [kind for kind, _, _ in shape(plaintext.extract(text.encode()))] == ["paragraph", "paragraph"]


def test_a_headline_alone_near_the_top_is_the_title():
    text = "WIRE SERVICE\nSat 4 Feb\n\nFERRY KEEPS CLINIC RUNNING FOR 31 HOURS\n\nA ferry kept the lights on.\n"
    assert plaintext.extract(text.encode()).title == "FERRY KEEPS CLINIC RUNNING FOR 31 HOURS"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
def test_encodings_are_found(encoding):
    text = "Die Mühle gehört der Gemeinde. Sie ist größer, als man glaubt, und älter, als sie aussieht.\n" * 3
    assert "Mühle gehört" in plaintext.extract(text.encode(encoding)).pieces[0].text
