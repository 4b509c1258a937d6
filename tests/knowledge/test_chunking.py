"""Passages: whole sentences under one heading, and nothing that is no prose."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwriter.documents import Block, BlockKind, Passage, Source, SourceKind
from aiwriter.ids import content_hash
from aiwriter.knowledge.chunking import MAX_WORDS, chunk
from aiwriter.text.sentences import split_sentences

H1, H2, P, LI, TABLE, CODE, CAPTION, QUOTE = "h1 h2 p li table code caption quote".split()  # noqa: SIM905
KINDS = {
    H1: (BlockKind.HEADING, 1),
    H2: (BlockKind.HEADING, 2),
    P: (BlockKind.PARAGRAPH, 0),
    LI: (BlockKind.LIST_ITEM, 0),
    TABLE: (BlockKind.TABLE, 0),
    CODE: (BlockKind.CODE, 0),
    CAPTION: (BlockKind.CAPTION, 0),
    QUOTE: (BlockKind.QUOTE, 0),
}


def source_of(*pieces, heads=0):
    blocks, position = [], 0
    for name, text in pieces:
        kind, level = KINDS[name]
        rows = heads if kind is BlockKind.TABLE else 0
        blocks.append(Block(kind=kind, start=position, end=position + len(text), level=level, heads=rows))
        position += len(text) + 2
    text = "\n\n".join(text for _, text in pieces)
    return Source(
        location="x.md",
        kind=SourceKind.MARKDOWN,
        title="x",
        text=text,
        blocks=tuple(blocks),
        content_hash=content_hash(text),
        retrieved_at=datetime.now(UTC),
    )


def texts(*pieces):
    return [passage.text for passage in chunk(source_of(*pieces))]


def prose(sentences, words=10, mark="w"):
    return " ".join(f"{mark.capitalize()}{n} {' '.join(['word'] * (words - 2))} end." for n in range(sentences))


def test_passages_know_the_headings_above_them():
    passages = chunk(source_of((H1, "Mill"), (P, prose(2)), (H2, "Wheel"), (P, prose(3)), (H1, "River"), (P, prose(4))))
    assert [passage.headings for passage in passages] == [("Mill",), ("Mill", "Wheel"), ("River",)]


def test_short_paragraphs_are_merged_under_one_heading_and_not_over_it():
    assert texts((H1, "Mill"), (P, prose(2)), (P, prose(3, mark="v")), (H2, "Wheel"), (P, prose(2))) == [
        f"{prose(2)}\n\n{prose(3, mark='v')}",
        prose(2),
    ]


def test_paragraphs_that_do_not_fit_together_stay_apart():
    assert texts((P, prose(8)), (P, prose(8, mark="v"))) == [prose(8), prose(8, mark="v")]


def test_a_long_paragraph_is_cut_evenly_between_sentences():
    passages = texts((P, prose(25)))
    assert [len(text.split()) for text in passages] == [80, 80, 90]
    assert " ".join(passages) == prose(25)


def test_a_sentence_beyond_the_limit_is_a_passage_of_its_own():
    long = prose(1, words=150)
    assert texts((P, f"Short one first here. {long} Short one last here.")) == [
        "Short one first here.",
        long,
        "Short one last here.",
    ]


def test_list_items_stay_with_their_lead_in():
    pieces = [(P, prose(12)), (P, "The parts are:"), (LI, "a wheel"), (LI, "two stones")]
    assert texts(*pieces) == [prose(12), "The parts are:\n\na wheel\n\ntwo stones"]


def test_a_long_list_is_cut_between_its_items():
    passages = texts((P, "The parts are:"), *[(LI, prose(3, mark=mark)) for mark in "abcde"])
    assert passages[0].startswith("The parts are:\n\nA0")
    assert all(text.count("2 word") == text.count("0 word") for text in passages)


def test_a_lead_in_that_leads_to_nothing_is_left_out():
    assert texts((P, "Like this:"), (CODE, "x = 1"), (P, prose(2))) == [prose(2)]


@pytest.mark.parametrize(
    "piece",
    [
        (CODE, "x = 1. y = 2."),
        (CAPTION, "The mill in 1900. Photo: A. Reed"),
        (P, "By Ann Reed, 9 September 2025"),
        (P, "Contact: Office, 2 Net Loft Lane, Sallow Bay."),
        (P, "© 2025 The Mill Company. All rights reserved."),
        (P, "[84] https://example.com/a/b"),
        (P, "Reed, A. (1999). The Mill. ISBN 0-521-66991-X."),
        (P, "^ Ford, B. The Wheel. Retrieved 12 May 2020."),
        (QUOTE, "“W1 word word word word word word word word end.”"),
    ],
)
def test_what_is_no_running_text_is_left_out(piece):
    assert texts((P, prose(11)), piece, (P, prose(11, mark="v"))) == [prose(11), prose(11, mark="v")]


def test_rows_of_a_table_are_told_with_its_columns_and_its_caption_and_keep_their_place():
    table = "Town | People\nBergen | 291,940\nOslo | 717,710"
    source = source_of((H1, "Towns"), (P, prose(2)), (CAPTION, "In 2025"), (TABLE, table), (P, prose(3)), heads=1)
    before, rows, after = chunk(source)
    assert (before.text, after.text) == (prose(2), prose(3))
    assert rows.text == "Town: Bergen; People: 291,940\n\nTown: Oslo; People: 717,710"
    assert (rows.headings, rows.is_table, before.is_table) == (("Towns", "In 2025"), True, False)
    assert source.text[rows.start : rows.end] == "Bergen | 291,940\nOslo | 717,710"
    assert Passage.of(source, rows.start, rows.end, rows.headings) == rows


@pytest.mark.parametrize(
    ("table", "heads", "told"),
    [
        ("Length | 54 m\nCrew | 9", 0, "Length: 54 m\n\nCrew: 9"),
        (" | Single\nVisitor | 96 crowns", 1, "Visitor; Single: 96 crowns"),
        (" | Sold | Sold\nTown | 2024 | 2025\nOslo | 7 |", 2, "Town: Oslo; Sold 2024: 7"),
        ("Town | People | Area\nOslo | 7", 1, "Oslo; 7"),
    ],
)
def test_names_are_told_where_it_is_known_whose_they_are(table, heads, told):
    assert [passage.text for passage in chunk(source_of((TABLE, table), heads=heads))] == [told]


def test_a_long_table_is_cut_between_rows_and_rows_that_are_pages_are_left_out():
    rows = [f"Town {n} | {prose(1, 30)}" for n in range(8)] + [f"Town 9 | {prose(30)}"]
    passages = chunk(source_of((TABLE, "\n".join(rows))))
    assert [passage.text.count("Town ") for passage in passages] == [3, 3, 2]


def test_a_table_of_references_is_left_out():
    assert texts((P, prose(2)), (H1, "References"), (TABLE, "Reed | 1999")) == [prose(2)]


@pytest.mark.parametrize("heading", ["References", "External links", "SEE ALSO", "7. Bibliography", "Einzelnachweise"])
def test_reference_sections_are_left_out_with_what_is_below_them(heading):
    pieces = [
        (H1, "Mill"),
        (P, prose(2)),
        (H1, heading),
        (P, prose(3)),
        (H2, "Books"),
        (P, prose(3)),
        (H1, "End"),
        (P, prose(4)),
    ]
    assert texts(*pieces) == [prose(2), prose(4)]


def test_a_table_of_contents_goes_but_not_what_comes_below_it():
    assert texts((H1, "Contents"), (LI, prose(1)), (H2, "The mill"), (P, prose(2))) == [prose(2)]


@pytest.mark.parametrize(
    "text",
    [
        "The reference section of the library was burned.",
        "Published in 1990, it became a success.",
        "By the end of 1883 nothing was left.",
        "What now?",
        "Image processing is done on pp. 12–15 of the plan.",
    ],
)
def test_ordinary_sentences_are_kept(text):
    assert texts((P, text)) == [text]


@pytest.mark.parametrize(
    "sentence",
    [
        "新的起重机由科尔马公司于2015年建造，可以吊起63吨的货物。",
        "港の新しいクレーンは「六十三トンの貨物を吊り上げられる」と主任は言う。",
        "ปั้นจั่นใหม่ของท่าเรือสร้างขึ้นในปี 2015 และสามารถยกสินค้าได้หกสิบสามตัน.",
    ],
)
def test_text_without_blanks_is_cut_between_its_sentences(sentence):
    passages = texts((H1, "港口"), (P, sentence * 20), (P, "第一章"))
    assert "".join(passages) == sentence * 20
    assert all(60 < len(passage) <= 300 and passage.endswith(sentence) for passage in passages)


def test_a_paragraph_keeps_its_sentences_though_its_end_is_a_fragment():
    teaser = "The ferry of Ostrel opened in 1887 and carried 132 passengers. Read more"
    byline = "Ida Vell and Tom Sarn, Centre for Island Studies, University of Port Cassin. Working Paper 31"
    assert texts((H1, "Ferry"), (P, teaser), (P, byline), (P, "Read more")) == [teaser]


def test_equal_content_gives_equal_ids():
    first, second = (chunk(source_of((H1, "Mill"), (P, prose(30)))) for _ in range(2))
    assert [passage.id for passage in first] == [passage.id for passage in second]
    assert len({passage.id for passage in first}) == len(first)


sentences = st.builds(prose, st.integers(1, 30), st.integers(3, 40), st.sampled_from("abc"))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), sentences), max_size=8))
def test_passages_are_exact_in_order_apart_and_divide_no_sentence(pieces):
    source = source_of(*pieces)
    passages = chunk(source)
    assert all(source.text[one.start : one.end] == one.text for one in passages if not one.is_table)
    assert all(before.end <= after.start for before, after in pairwise(passages))
    assert all(len(passage.text.split()) <= MAX_WORDS for passage in passages if not passage.is_table)
    starts = {
        block.start + start
        for block in source.blocks
        for start, _ in split_sentences(source.text[block.start : block.end])
    }
    assert all(passage.start in starts for passage in passages)
