"""PDF files: lines become paragraphs, columns are read one after the other, running heads go."""

from itertools import pairwise

from aiwriter.sources.pdf import extract
from aiwriter.testing.pdf import Text, pdf_of

LINES = [
    "The mill was built in 1783 by Amos Reed and stood for a hun-",
    "dred years. It was a well-known landmark, a water-driven house",
    "of four floors. In the year 1883 a fire broke out at night and",
    "nothing was left of it but the wheel.",
]
MORE = [
    "A new mill of brick was built at once. It is driven by a water-",
    "driven turbine and grinds nine tons of wheat a day.",
]


def lines(texts, x=72, top=700, size=11):
    return [Text(x, top - 14 * number, text, size) for number, text in enumerate(texts)]


def shape(data):
    return [(piece.kind.value, piece.text) for piece in extract(data).pieces]


def test_lines_become_paragraphs_and_hyphens_go_where_they_are_not_meant():
    data = pdf_of([[Text(72, 760, "The mill", 18, bold=True), *lines(LINES), *lines(MORE, top=630)]])
    heading, first, second = shape(data)
    assert heading == ("heading", "The mill")
    assert first == ("paragraph", " ".join(LINES).replace("hun- dred", "hundred"))
    assert second == ("paragraph", " ".join(MORE).replace("water- driven", "water-driven"))


def test_running_heads_and_page_numbers_go_and_paragraphs_go_on_over_pages():
    pages = [
        [Text(200, 800, "Mill Company - Report", 9), *lines(LINES[:3]), Text(290, 40, "Page 1", 9)],
        [
            Text(200, 800, "Mill Company - Report", 9),
            *lines(LINES[3:]),
            *lines(MORE, top=660),
            Text(290, 40, "Page 2", 9),
        ],
    ]
    found = shape(pdf_of(pages))
    assert [kind for kind, _ in found] == ["paragraph", "paragraph"]
    assert "fire broke out at night and nothing was left" in found[0][1]


def test_two_columns_are_read_one_after_the_other_even_when_the_file_mixes_them():
    left = [f"This is line {n} of the left column of it." for n in range(12)]
    right = [f"This is line {n} of the right column, too." for n in range(12)]
    mixed = [text for pair in zip(lines(left), lines(right, x=320), strict=True) for text in pair]
    data = pdf_of([[Text(72, 760, "A title over both of the columns that is wide enough", 18), *mixed]])
    whole = " ".join(text for _, text in shape(data))
    places = [whole.index(text) for text in ["A title", *left, *right]]
    assert all(before < after for before, after in pairwise(places))


def test_tables_are_told_from_text():
    rows = [
        Text(x, 600 - 14 * row, f"{name} {row}")
        for row in range(4)
        for x, name in ((72, "Part"), (250, "Size"), (400, "Year"))
    ]
    found = shape(pdf_of([[*lines(LINES), *rows, *lines(MORE, top=520)]]))
    assert [kind for kind, _ in found] == ["paragraph", "table", "paragraph"]
    assert found[1][1].splitlines()[0] == "Part 0 | Size 0 | Year 0"


def test_the_first_row_heads_a_table_whose_figures_begin_below_it():
    cells = [["Part", "Size"], ["Wheel", "9"], ["Stone", "1"], ["Sail", "4"]]
    rows = [
        Text(x, 600 - 14 * line, cell) for line, row in enumerate(cells) for x, cell in zip((72, 250), row, strict=True)
    ]
    pieces = extract(pdf_of([[*lines(LINES), *rows, *lines(MORE, top=520)]])).pieces
    assert [piece.heads for piece in pieces if piece.kind == "table"] == [1]


def test_the_title_is_the_documents_or_the_largest_heading():
    page = [Text(72, 760, "The mill", 18, bold=True), *lines(LINES)]
    assert extract(pdf_of([page], title="A history of the mill")).title == "A history of the mill"
    assert extract(pdf_of([page], title="draft_3.docx")).title == "The mill"


def test_bullets_are_list_items():
    found = shape(pdf_of([[*lines(["It has these parts:", "\x95 a wheel of oak", "\x95 two stones"])]]))
    assert found[1:] == [("list_item", "a wheel of oak"), ("list_item", "two stones")]


def test_a_pdf_says_its_licence_in_its_metadata():
    packet = b"<x:xmpmeta><xmpRights:WebStatement>https://example.org/by</xmpRights:WebStatement></x:xmpmeta>"
    data = pdf_of([lines(LINES)])
    assert extract(data).licence is None
    assert extract(data.replace(b"%%EOF", packet + b"\n%%EOF")).licence == "https://example.org/by"
