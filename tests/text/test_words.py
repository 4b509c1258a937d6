"""Words, content words and stems."""

from __future__ import annotations

import pytest

from aiwriter.text.words import content_words, count_words, stem, word_spans, words


def test_numbers_and_words_with_apostrophes_are_one_token():
    assert words("The ship’s 41,200 well-known MWh isn't 3.5") == [
        "the", "ship's", "41,200", "well", "known", "mwh", "isn't", "3.5",
    ]  # fmt: skip


def test_spans_stand_where_the_words_stand():
    text = "Ternen's crew — nine."
    assert [text[start:end].lower() for start, end in word_spans(text)] == words(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ferry", "ferries"),
        ("sail", "sailing"),
        ("plan", "planned"),
        ("study", "studied"),
        ("agree", "agreed"),
        ("fuel", "fuelled"),
        ("pass", "passes"),
        ("ship", "ship's"),
    ],
)
def test_forms_of_a_word_share_a_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["news", "need", "speed", "bus", "this", "2025", "sing"])
def test_what_only_looks_like_an_ending_is_not_cut_to_nothing(word):
    assert len(stem(word)) >= 3


def test_content_words_leave_out_stop_words_of_the_language():
    assert content_words("The ferry has been in the harbour") == ["ferry", "harbour"]
    assert content_words("Die Fähre ist in dem Hafen", "de") == ["fähr", "hafen"]


def test_an_unknown_language_keeps_every_word():
    assert content_words("lautta on satamassa", "fi") == ["lautta", "on", "satamassa"]


def test_in_scripts_without_blanks_every_two_neighbouring_letters_are_a_word():
    assert content_words("港口主任 Ida Vell在2024年", "zh") == [
        "港口",
        "口主",
        "主任",
        "ida",
        "vell",
        "在",
        "2024",
        "年",
    ]
    assert set(content_words("港口主任", "zh")) <= set(content_words("斯卡维克港口主任表示", "zh"))
    assert set(content_words("ท่าเรือ", "th")) <= set(content_words("ที่ท่าเรือสการ์วิก", "th"))


def test_each_word_has_its_place_where_small_letters_are_more_than_the_capital():
    text = "İzmir’s harbour"
    assert [text[slice(*span)] for span in word_spans(text)] == ["İzmir’s", "harbour"]
    assert len(words(text)) == 2


def test_words_are_counted_between_blanks_and_where_there_are_none_by_their_letters():
    assert count_words("The ship’s 41,200 well-known — MWh") == 6
    assert count_words("料金は40ユーロです。") == 1 + 1 + 4
    assert count_words("부두는 두 개가 있다.") == 4
