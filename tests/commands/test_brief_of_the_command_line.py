"""A brief comes from a file, from options, or from both; what cannot be used is refused before work begins."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aiwriter.commands import writing
from aiwriter.errors import BadInput

GIVEN = {"topic": "Night ferries", "sources": ["notes.md"]}


def test_options_make_a_brief() -> None:
    brief = writing.brief_from(None, GIVEN | {"words": 300, "format": None, "keywords": []})
    assert (brief.topic, brief.sources, brief.words, brief.format) == (
        "Night ferries",
        (str(Path("notes.md").absolute()),),
        300,
        "blog_post",
    )


@pytest.mark.parametrize("topic", ["咖啡", "米", "커피", "ทะเล"])
def test_a_word_of_two_signs_is_a_topic(topic: str) -> None:
    assert writing.brief_from(None, GIVEN | {"topic": topic}).topic == topic


def test_options_override_the_file_and_its_sources_are_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "brief.toml"
    file.write_text(
        'topic = "From the file"\nwords = 200\nsources = ["sources", "https://example.org/page", "feed:example.org"]\n'
    )
    brief = writing.brief_from(file, {"words": 500})
    assert (brief.topic, brief.words) == ("From the file", 500)
    assert brief.sources == (str(tmp_path / "sources"), "https://example.org/page", "feed:example.org")


def test_an_empty_source_of_a_file_is_not_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "brief.toml"
    file.write_text('topic = "From the file"\nsources = [""]\n')
    assert writing.brief_from(file, {}).sources == ("",)  # and is refused like any that cannot be read


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"topic": None}, "no topic"),
        ({"sources": []}, "no sources"),
        ({"words": 0}, "words"),
        ({"language": "english please"}, "language"),
        ({"topic": "x"}, "a topic has at least 3 letters"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_field(change: dict[str, object], cause: str) -> None:
    with pytest.raises(BadInput, match=cause) as refusal:
        writing.brief_from(None, GIVEN | change)
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("change", "cause", "next_step"),
    [
        ({"topic": None}, "there is no topic", 'aiwriter research "TOPIC"'),
        ({"topic": "x"}, "the brief's topic cannot be used", "aiwriter research --help"),
        ({"domains": ["nowhere"]}, "the brief's domains cannot be used: 'nowhere' is no domain", "research --help"),
        ({"language": "english"}, "the brief's language cannot be used", "by its code, such as en"),
    ],
)
def test_a_refusal_speaks_of_the_command_that_was_given_and_not_of_types(
    change: dict[str, object], cause: str, next_step: str
) -> None:
    with pytest.raises(BadInput, match=cause) as refusal:
        writing.brief_from(None, GIVEN | change, command="research")
    assert next_step in (refusal.value.hint or "")


@pytest.mark.parametrize("text", ["topic = ", "\x00", "topic = 3"])
def test_a_file_that_is_no_brief_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "brief.toml"
    file.write_text(text)
    with pytest.raises(BadInput):
        writing.brief_from(file, {"sources": ["x"]})


@pytest.mark.parametrize("text", ["free", "0", "-1", "nan", "inf"])
def test_a_budget_is_an_amount_above_zero(text: str) -> None:
    with pytest.raises(BadInput, match="budget"):
        writing.amount(text)


def test_an_output_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        writing._writable(tmp_path / "file" / "below")


def test_a_search_is_no_path_and_its_filters_are_part_of_the_brief(tmp_path: Path) -> None:
    file = tmp_path / "brief.toml"
    file.write_text('topic = "Night ferries"\nsources = ["web:", "arxiv:ferry scheduling"]\nsince = 2026-01-02\n')
    brief = writing.brief_from(file, {"domains": ["example.org"]})
    assert brief.sources == ("web:", "arxiv:ferry scheduling")
    assert (brief.since, brief.domains) == (date(2026, 1, 2), ("example.org",))
    given = writing.brief_from(None, GIVEN | {"sources": ["wikipedia:ferries"], "since": "2026-01-02"})
    assert (given.sources, given.since) == (("wikipedia:ferries",), date(2026, 1, 2))
    with pytest.raises(BadInput, match="domains"):
        writing.brief_from(None, GIVEN | {"domains": ["nowhere"]})


def test_a_voice_is_learned_from_files_and_kept_without_them(tmp_path: Path) -> None:
    sample = tmp_path / "letter.md"
    sample.write_text("# A letter\n\n" + "I don't know about you, but I love the night boat. " * 40)
    (tmp_path / "brief.toml").write_text('topic = "Night ferries"\nvoice = ["letter.md"]\n')
    given = writing.brief_from(None, GIVEN | {"voice": [sample]}).voice
    beside = writing.brief_from(tmp_path / "brief.toml", {"sources": ["x"]}).voice
    assert given is not None
    assert given == beside
    assert given.persons["short forms"] > 0
    with pytest.raises(BadInput, match="cannot be read"):
        writing.brief_from(None, GIVEN | {"voice": [tmp_path / "missing.md"]})
