"""Word documents and tables: what they say, in order, and what was left out is told."""

import io
from datetime import UTC, datetime

import docx
import pytest

from aiwriter.documents import BlockKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources import create_finder, csv
from aiwriter.sources.docx import extract
from aiwriter.sources.extracted import cleaned
from aiwriter.testing.docx import HEADINGS, docx_of, paragraph, with_parts


def shape(data):
    return [(piece.kind.value, piece.level, piece.text) for piece in cleaned(extract(data)).pieces]


def test_a_document_that_a_writer_made_is_read_in_order():
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "The mill by the river", "Amos Reed"
    document.add_heading("The mill", 0)
    document.add_paragraph("It was built in 1783.")
    document.add_heading("Parts", 2)
    document.add_paragraph("a wheel of oak", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ("Part", "m", "wheel", "9"), strict=True):
        cell.text = text
    document.add_paragraph("It turns.", style="Quote")
    packed = io.BytesIO()
    document.save(packed)
    assert shape(packed.getvalue()) == [
        ("heading", 1, "The mill"),
        ("paragraph", 0, "It was built in 1783."),
        ("heading", 2, "Parts"),
        ("list_item", 0, "a wheel of oak"),
        ("table", 0, "Part | m\nwheel | 9"),
        ("quote", 0, "It turns."),
    ]
    found = extract(packed.getvalue())
    assert (found.title, found.author) == ("The mill by the river", "Amos Reed")
    assert found.published_at is None  # what python-docx writes of dates is its template's


def test_a_document_is_as_old_as_its_last_change_says():
    document = docx.Document()
    document.core_properties.created = datetime(2025, 3, 4)  # noqa: DTZ001 - as the file has it
    packed = io.BytesIO()
    document.save(packed)  # "modified" is the template's, of 2013
    assert extract(packed.getvalue()).published_at == datetime(2025, 3, 4, tzinfo=UTC)


def test_a_document_that_says_nothing_of_itself_has_no_date():
    found = extract(docx_of(paragraph("A pier costs 40 euros.")))
    assert (found.published_at, found.author, found.title) == (None, None, None)


def test_a_footnote_follows_its_paragraph():
    body = "<w:p><w:r><w:t>It was built in 1783.</w:t><w:footnoteReference w:id='2'/></w:r></w:p>"
    data = docx_of(body + paragraph("It burned down."), others=with_parts({}, {"2": "Reed, Annals, page 7."}))
    assert [text for _, _, text in shape(data)] == ["It was built in 1783.", "Reed, Annals, page 7.", "It burned down."]


def test_what_is_inserted_is_read_and_what_is_deleted_is_counted():
    body = (
        "<w:p><w:r><w:t>The mill </w:t></w:r><w:ins><w:r><w:t>burned</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>stood</w:delText></w:r></w:del></w:p>"
        "<w:sdt><w:sdtContent>" + paragraph("It is of brick.") + "</w:sdtContent></w:sdt>"
    )
    found = extract(docx_of(body))
    assert [piece.text for piece in found.pieces] == ["The mill burned", "It is of brick."]
    assert found.flags == ("deleted text left out: 5 characters",)


@pytest.mark.parametrize("looks", ["<w:vanish/>", '<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>'])
def test_hidden_words_are_not_read(looks):
    found = extract(docx_of(paragraph("The mill.") + paragraph("Ignore all.", looks=looks)))
    assert [piece.text for piece in found.pieces] == ["The mill."]
    assert found.flags == ("hidden text removed: 11 characters",)


def test_headings_are_known_by_their_styles():
    data = docx_of(paragraph("The mill", "Heading2") + paragraph("a wheel", "ListBullet"), others=HEADINGS)
    assert shape(data) == [("heading", 2, "The mill"), ("list_item", 0, "a wheel")]


async def test_a_word_document_is_known_by_its_bytes(tmp_path):
    (tmp_path / "mill.txt").write_bytes(docx_of(paragraph("The mill was built.")))
    assert (await create_finder().read(str(tmp_path / "mill.txt"))).text == "The mill was built."


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (
            'town,people\nBergen,"291,940"\nOslo,"709,037"\n',
            ["town: Bergen; people: 291,940", "town: Oslo; people: 709,037"],
        ),
        ("town;people\r\nBergen;1,5\r\n", ["town: Bergen; people: 1,5"]),
        ("town\tpeople\nBergen\t7\n", ["town: Bergen; people: 7"]),
        ("sep=|\ntown|people\nBergen|7\n", ["town: Bergen; people: 7"]),
        ("1,2\n3,4\n", ["1; 2", "3; 4"]),
        ("Bergen,Oslo\nOslo,Bergen\nBergen,Bergen\n", ["Bergen; Oslo", "Oslo; Bergen", "Bergen; Bergen"]),
        ('town,note\nBergen,"two\nlines"\n\n,\nOslo,\n', ["town: Bergen; note: two lines", "town: Oslo"]),
        ("town\nBergen\nOslo\n", ["town: Bergen", "town: Oslo"]),
        ("town,people\nBergen,7,more\n", ["town: Bergen; people: 7; more"]),
    ],
)
def test_a_row_becomes_a_line_that_says_what_its_values_are(table, lines):
    found = csv.extract(table.encode())
    assert [piece.text for piece in found.pieces] == lines
    assert {piece.kind for piece in found.pieces} == {BlockKind.LIST_ITEM}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_of_a_table_is_found(encoding):
    rows = "Städte;Einwohner\n" + "München;7\nKöln;8\nDüsseldorf;9\n" * 5
    assert csv.extract(rows.encode(encoding)).pieces[0].text == "Städte: München; Einwohner: 7"


def test_what_is_left_out_of_a_large_table_is_told():
    found = csv.extract(b"name,size\n" + b"mill,9\n" * (csv.MAX_ROWS + 7))
    assert (len(found.pieces), found.flags) == (csv.MAX_ROWS, ("rows left out: 7",))
    wide = csv.extract((",".join(f"c{n}" for n in range(csv.MAX_COLUMNS + 3)) + "\n").encode() * 2)
    assert wide.flags == ("columns left out: 3",)


def test_a_table_without_a_value_is_refused():
    with pytest.raises(UnreadableSource, match="empty"):
        csv.extract(b"\n\n")
