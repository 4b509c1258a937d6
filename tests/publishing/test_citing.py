import pytest

from aiwriter.documents import Sentence, Support
from aiwriter.publishing.citing import Citing, minutes, one_line, web_link
from aiwriter.testing import sample_article
from aiwriter.text.visible import visible


@pytest.mark.parametrize(
    ("location", "link"),
    [
        ("https://ferries.example/a?b=c&d=%20#e", "https://ferries.example/a?b=c&d=%20#e"),
        ("HTTP://ferries.example", "HTTP://ferries.example"),
        ("https://ferries.example/a b\"<c>'`{d}", "https://ferries.example/a%20b%22%3Cc%3E%27%60%7Bd%7D"),
        ("https://ferries.example/größe", "https://ferries.example/gr%C3%B6%C3%9Fe"),
        ("examples/ferries/notes.txt", None),
        ("/etc/passwd", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("javascript://ferries.example/%0aalert(1)", None),
        (" https://ferries.example", None),
        ("java\tscript:alert(1)", None),
        ("https://ferries.example\n", None),
        ("https://user:word@ferries.example/", None),
        ("https://ferries\u202e.example/", None),
        ("//ferries.example/", None),
        ("https://", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_only_plain_web_addresses_become_links(location: str, link: str | None) -> None:
    assert web_link(location) == link


def test_what_cannot_be_seen_is_left_out_and_emoji_stay_whole() -> None:
    assert visible("a\u202eb\u200b\U000e0041c\x00\x1b[0m\ufeff") == "abc[0m"
    assert visible("👩\u200d🚀 ❤\ufe0f") == "👩\u200d🚀 ❤\ufe0f"
    assert one_line(" a\r\n b\u2028c\td ") == "a b c d"


def test_numbers_are_those_of_the_sources_each_once_and_rising() -> None:
    article = sample_article()
    citing = Citing(article)
    keys = tuple(passage.id for passage in reversed(article.passages))
    assert citing.numbers_of(citing.passages(Sentence(text="x", citations=keys * 2))) == [1, 2, 3, 4]


def test_a_sentence_nobody_judged_is_unsure_when_it_cites() -> None:
    article = sample_article()
    citing = Citing(article)
    assert citing.support(Sentence(text="x", citations=(article.passages[0].id,))) is Support.UNSURE
    assert citing.support(Sentence(text="x")) is Support.NOT_NEEDED


@pytest.mark.parametrize(("words", "expected"), [(0, 1), (230, 1), (900, 4), (10_000, 43)])
def test_reading_takes_at_least_a_minute(words: int, expected: int) -> None:
    assert minutes(words) == expected
