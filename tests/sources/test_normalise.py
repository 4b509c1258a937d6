"""What every text goes through: nothing invisible stays, reference marks go, offsets are exact."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwriter.documents import BlockKind, Source, SourceKind
from aiwriter.errors import UnreadableSource
from aiwriter.sources.extracted import Extracted, Piece, cleaned, parse_date, to_source
from aiwriter.sources.normalise import clean_lines, clean_prose, clean_text

TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        (f"plain{TAGS} words", "plain words"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("soft\u00adhyphen", "softhyphen"),
        ("vari\ufe0fation\U000e0101", "variation"),
        ("blank\u3164\u2800letters", "blankletters"),
        ("bell\x07 and\x1b[31m red", "bell and[31m red"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("e\u0301", "é"),
        ("of\ufb01ce", "office"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("pass\u200dword", "password"),
    ],
)
def test_invisible_characters_go(text, clean):
    assert clean_text(text) == clean


def test_no_tag_bidirectional_or_zero_width_character_survives():
    sneaky = [*range(0xE0000, 0xE1000), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0xFEFF]
    assert clean_text("".join(map(chr, sneaky))) == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("replaced by Cu(II) ions [18]. \u200a:\u200a9\u200a [3]. The", "replaced by Cu(II) ions. The"),
        ("starting in 1999.:\u200a1\u200a In July", "starting in 1999. In July"),
        ("superconductor:\u200a8\u200a at temperatures", "superconductor at temperatures"),
        ("for 48 hours: :\u200a3\u200a [18]. Then", "for 48 hours. Then"),
        ("was retracted [12–15]. [note 1] He", "was retracted. He"),
        ("one[1][2]Two", "one Two"),
        ("citation needed [citation needed].", "citation needed."),
        ("as shown in [3] and later", "as shown in [3] and later"),
        ("on the interval [1, 5] it", "on the interval [1, 5] it"),
        ("an array [0] of [x, y]", "an array [0] of [x, y]"),
        ("a ratio of 3:1 at 21:15", "a ratio of 3:1 at 21:15"),
        ("recently.. From the", "recently. From the"),
        ("character . Then , too", "character. Then, too"),
        ("wait... what", "wait... what"),
        ("x=1{\\displaystyle x={\\frac {1}{2}}} holds", "x=1 holds"),
        ("  many \n\t kinds\u00a0of space ", "many kinds of space"),
    ],
)
def test_prose_loses_marks_and_keeps_words(text, clean):
    assert clean_prose(text) == clean


def test_code_keeps_brackets_and_lines():
    assert clean_lines("\n\tx = a[1]  \n\n  y\r\n") == "    x = a[1]\n\n  y"


pieces = st.lists(
    st.builds(Piece, st.sampled_from(BlockKind), st.text(max_size=40), st.integers(0, 6)),
    max_size=12,
)


@given(pieces)
def test_blocks_are_the_text_at_their_offsets(pieces):
    extracted = Extracted(SourceKind.TEXT, tuple(pieces))
    try:
        source = to_source(cleaned(extracted), "here", "here", datetime.now(UTC))
    except UnreadableSource:
        return
    found = [source.text[block.start : block.end] for block in source.blocks]
    assert all(text.strip() for text in found)
    assert "\n\n".join(found) == source.text
    assert unicodedata.is_normalized("NFC", source.text)


@given(st.text(max_size=60))
def test_cleaning_again_changes_nothing_invisible(text):
    once = clean_prose(text)
    assert clean_text(once) == once
    assert "  " not in once


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-02-24T08:00:00+00:00", datetime(2025, 2, 24, 8, tzinfo=UTC)),
        ("2024-01-15", datetime(2024, 1, 15, tzinfo=UTC)),
        ("2023/03/06", datetime(2023, 3, 6, tzinfo=UTC)),
        ("6 March 2023", datetime(2023, 3, 6, tzinfo=UTC)),
        ("March 6, 2023", datetime(2023, 3, 6, tzinfo=UTC)),
        ("Mon, 06 Mar 2023 10:00:00 GMT", datetime(2023, 3, 6, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_in_the_forms_documents_use(text, date):
    assert parse_date(text) == date


def test_a_source_of_before_is_read_without_licence_and_flags():
    old = to_source(Extracted(SourceKind.TEXT, (Piece(BlockKind.PARAGRAPH, "The mill."),)), "a", "a", datetime.now(UTC))
    stored = old.model_dump(mode="json")
    del stored["licence"], stored["flags"]
    assert Source.model_validate(stored) == old
