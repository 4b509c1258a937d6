"""One story in many outlets is used once, in its newest version; what has other figures is another story."""

from __future__ import annotations

from datetime import UTC, datetime

from aiwriter.documents import OwnArticle, Source, SourceKind, utc_now
from aiwriter.ids import content_hash, new_id
from aiwriter.pipeline.stories import containment, shingled, told_once

STORY = " ".join(
    f"On day {number} the ferry number {number * 7} carried {number * 31} people across strait {number * 3}."
    for number in range(12)
)
OTHER = " ".join(f"Line {number} of the railway opened after {number * 13} months of digging." for number in range(20))


def source(location: str, text: str, day: int | None = None, title: str = "") -> Source:
    return Source(
        location=location,
        kind=SourceKind.HTML,
        title=title or location,
        text=text,
        blocks=(),
        content_hash=content_hash(text),
        retrieved_at=datetime(2026, 3, 1, tzinfo=UTC),
        published_at=datetime(2026, 2, day, tzinfo=UTC) if day else None,
    )


def told(given: list[Source], found: list[Source]) -> tuple[list[str], list[tuple[str, str]]]:
    kept, repeats = told_once(given, found)
    return [one.location for one in kept], [(one.source.location, one.first.location) for one in repeats]


def test_the_earliest_of_one_story_is_kept_and_the_others_are_named() -> None:
    found = [source("late", STORY, 9), source("other", OTHER), source("early", f"Our headline. {STORY[:500]}", 3)]
    assert told([], found) == (["other", "early"], [("late", "early")])


def test_without_a_day_the_best_rank_is_kept() -> None:
    assert told([], [source("first", STORY), source("second", STORY)]) == (["first"], [("second", "first")])


def test_what_was_given_is_kept_whatever_was_found() -> None:
    given = [source("mine", STORY, 9), source("mine, older", STORY.replace("ferry", "ship"), 8)]
    assert told(given, [source("found", STORY, 1)]) == ([], [("found", "mine")])


def test_a_quoted_sentence_makes_no_copy() -> None:
    quoting = f"{OTHER} {STORY.split('. ')[3]}."
    assert told([], [source("story", STORY), source("quoting", quoting)]) == (["story", "quoting"], [])


def test_little_text_is_not_compared() -> None:
    few = "The ferry left at noon today."
    assert containment(shingled(few), shingled(f"{few} {OTHER}")) == 0
    assert told([], [source("a", few), source("b", f"{few} Bye.")]) == (["a", "b"], [])


RULES = (
    "The fee for a pier berth in Tarn is {} crowns a night. Boats longer than twelve metres pay {} crowns. Guests may "
    "stay for five nights at most, and dogs must be kept on a lead at all times."
)


def rules(year: int, fee: int, host: str = "tarn.org", title: str = "Pier rules of Tarn") -> Source:
    page = source(f"https://{host}/{year}", RULES.format(fee, fee + 35), title=title)
    return page.model_copy(update={"published_at": datetime(year, 1, 1, tzinfo=UTC)})


def test_of_versions_the_newest_is_kept_and_the_older_ones_say_so() -> None:
    found = [rules(2023, 45), rules(2025, 55), rules(2026, 60)]
    kept, repeats = told_once([], found)
    assert kept == [found[2]]
    assert {one.reason for one in repeats} == {"https://tarn.org/2026 is a newer version of it"}


def test_one_text_at_two_places_is_a_copy_and_no_newer_version_of_itself() -> None:
    first, later = (
        rules(2025, 55),
        rules(2025, 55).model_copy(update={"location": "https://tarn.org/again", "id": new_id()}),
    )
    newer = later.model_copy(update={"published_at": datetime(2026, 1, 1, tzinfo=UTC)})
    assert told_once([], [first, later])[0] == [first]
    assert told_once([], [newer, first])[0] == [first]


def test_a_newer_version_without_another_figure_takes_the_place_of_the_older_one() -> None:
    older = rules(2025, 55)
    newer = older.model_copy(update={**source("https://tarn.org/new", older.text.replace("on a lead", "off")).__dict__})
    newer = newer.model_copy(update={"title": older.title, "published_at": datetime(2026, 1, 1, tzinfo=UTC)})
    assert told_once([], [older, newer])[0] == [newer]


def test_a_copy_with_the_same_figures_under_its_title_elsewhere_is_a_copy_and_no_version() -> None:
    first = rules(2025, 55)
    copied = source("https://copy.org/", f"{first.text} Read more here.", title=first.title)
    copied = copied.model_copy(update={"published_at": datetime(2026, 1, 1, tzinfo=UTC)})
    assert told_once([], [copied, first])[0] == [first]


def test_texts_that_tell_another_figure_at_the_same_place_are_not_the_same() -> None:
    fire = "A fire at the sawmill in Torvik on Monday night injured {} people, the {} said. " + OTHER
    police = source("police", fire.format(12, "police"), 1)
    hospital = source("hospital", fire.format("nineteen", "hospital"), 3)
    assert told([], [police, hospital]) == (["police", "hospital"], [])
    assert told([police], [hospital]) == (["hospital"], [])


def test_a_thousand_parted_otherwise_is_the_same_figure() -> None:
    ships = "The port took in 412,000 tonnes of timber from the north. " + OTHER
    assert told([], [source("a", ships), source("b", ships.replace("412,000", "412 000"))])[0] == ["a"]


def test_of_a_flood_that_only_figures_tell_apart_the_three_newest_are_kept() -> None:
    found = [
        rules(2000 + number, number, f"site{number}.org", title=f"Rules {'abcdefghij'[number]}") for number in range(10)
    ]
    kept, repeats = told_once([], found)
    assert kept == found[-3:]
    assert all("but for figures it tells the same as https://site9.org/2009" in one.reason for one in repeats)


def test_an_article_of_ours_is_no_other_telling_of_what_it_resembles() -> None:
    page = rules(2026, 60, title="The page")
    ours = rules(2025, 45, "", title="Ours").model_copy(
        update={"own": OwnArticle(article_id=new_id(), version=1, kind="article", created_at=utc_now())}
    )
    assert told_once([], [ours, page])[0] == [page]
