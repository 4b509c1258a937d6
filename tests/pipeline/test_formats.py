"""Formats: data that says what a content format asks for."""

from __future__ import annotations

import pytest

from aiwriter.errors import BadInput
from aiwriter.pipeline import formats

PARTS = {
    "citations", "support", "quotations", "length", "readability", "originality", "repetition", "openings",
    "coherence", "structure", "defects", "phrases", "private", "links", "style", "seo", "voice",
    "contradictions", "language",
}  # fmt: skip


@pytest.mark.parametrize("name", formats.names())
def test_every_format_that_ships_weighs_every_check(name):
    fmt = formats.load(name)
    assert fmt.name == name
    assert set(fmt.weights) == PARTS


def test_blog_posts_are_there():
    assert {"blog_post", "how_to", "news_report"} <= set(formats.names())


@pytest.mark.parametrize(("words", "sections"), [(50, 3), (900, 5), (10_000, 10)])
def test_longer_texts_have_more_sections_within_bounds(words, sections):
    assert formats.load("blog_post").sections_for(words) == sections


@pytest.mark.parametrize("name", ["blogpost", "blog-post", "Blog post"])
def test_a_near_miss_is_told_what_was_meant(name):
    with pytest.raises(BadInput) as caught:
        formats.load(name)
    assert caught.value.hint == "did you mean 'blog_post'?"


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(BadInput) as caught:
        formats.load("xyzzy")
    assert "blog_post, how_to" in (caught.value.hint or "")


def test_a_format_of_ones_own_is_a_file(tmp_path):
    own = tmp_path / "own.toml"
    shipped = (formats.files(formats.__name__) / "blog_post.toml").read_text("utf-8")
    own.write_text(shipped.replace('name = "blog_post"', 'name = "own"'), encoding="utf-8")
    assert formats.load(str(own)).name == "own"


def test_a_threshold_that_a_format_of_ones_own_does_not_name_is_a_blog_posts(tmp_path):
    own = tmp_path / "old.toml"
    shipped = (formats.files(formats.__name__) / "how_to.toml").read_text("utf-8")
    own.write_text("\n".join(line for line in shipped.splitlines() if not line.startswith("defects_max")), "utf-8")
    read = formats.load(str(own)).thresholds
    assert read.defects_max == formats.load("blog_post").thresholds.defects_max
    assert read.sentence_words_max == formats.load("how_to").thresholds.sentence_words_max


@pytest.mark.parametrize("text", ["not = [toml", 'name = "only a name"'])
def test_a_broken_file_is_refused_with_its_name(tmp_path, text):
    own = tmp_path / "broken.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"broken\.toml"):
        formats.load(str(own))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        formats.load(str(tmp_path / "missing.toml"))


def changed(tmp_path, *changes):
    own = tmp_path / "own.toml"
    text = (formats.files(formats.__name__) / "blog_post.toml").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        formats.load(str(own))
    return f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "reading_ease_min = 35",
            "reading_ease_min = 90",
            "reading_ease_min is 90 and must not be above reading_ease_max",
        ),
        (
            "refuse_coverage = 0.60",
            "refuse_coverage = 0.99",
            "refuse_coverage is 0.99 and must not be above coverage_min",
        ),
        ("opinion_supported = 0.80", "opinion_supported = 0.1", "opinion_unsupported is 0.2 and must not be above"),
        ("refuse_copied_share = 0.40", "refuse_copied_share = 0.1", "copied_share_max is 0.15 and must not be above"),
        ("min = 3\n", "min = 30\n", "min is 30 and must not be above max"),
    ],
)
def test_a_format_that_contradicts_itself_is_refused_with_file_field_value_and_next_step(tmp_path, before, after, told):
    said = changed(tmp_path, (before, after))
    assert told in said
    assert "own.toml" in said
    assert "blog_post.toml" in said


def test_a_format_in_which_nothing_weighs_is_refused(tmp_path):
    text = (formats.files(formats.__name__) / "blog_post.toml").read_text("utf-8")
    weights = text.partition("[weights]")[2].partition("[thresholds]")[0]
    none = "\n".join(f"{line.partition('=')[0]}= 0" for line in weights.splitlines() if "=" in line)
    assert "one of them must be above 0" in changed(tmp_path, (weights, f"\n{none}\n"))


def test_wrong_values_are_told_in_our_words_and_what_is_lacking_in_one_line(tmp_path):
    said = changed(tmp_path, ("coverage_min = 0.95 ", 'coverage_min = "much" '), ("score_min = 70", "score_min = 700"))
    assert "thresholds.coverage_min is 'much'" in said
    assert "thresholds.score_min is 700" in said
    empty = tmp_path / "empty.toml"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="it lacks name, title, description, words") as caught:
        formats.load(str(empty))
    assert not {"pydantic", "https:", "\n"} & {
        word for word in ("pydantic", "https:", "\n") if word in f"{said}{caught.value}"
    }
