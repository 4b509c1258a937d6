from __future__ import annotations

from collections.abc import Sequence

from aiwriter.llm.digest.headings import Names
from aiwriter.llm.digest.lines import Line
from aiwriter.llm.digest.sections import Thread
from aiwriter.text.words import content_words

Chapter = tuple[tuple[str, ...], Sequence[str]]  # the headings above, and the sentences


def wishes(*chapters: Chapter, quoted: Sequence[int], elsewhere: Sequence[Chapter] = ()) -> list[str]:
    """What a section made of `chapters` may be called when its sentences `quoted` are told."""
    lines: list[Line] = []
    threads = []
    for headings, texts in [*chapters, *elsewhere]:
        start = len(lines)
        lines += [line(text, start + number, headings) for number, text in enumerate(texts)]
        threads.append(Thread(0, headings, tuple(range(start, len(lines)))))
    own, others = threads[: len(chapters)], threads[len(chapters) :]
    names = Names([own, others], lines, "Michelle Yeoh", ["Michelle Yeoh"], "en")
    return [wish.text for wish in names.wishes(own, quoted, leads=False)]


def line(text: str, place: int, headings: tuple[str, ...]) -> Line:
    return Line(
        text=text,
        passage=0,
        source=0,
        place=place,
        headings=headings,
        before=None,
        stems=frozenset(content_words(text, "en")),
        facts=frozenset(),
        words=len(text.split()),
        sound=True,
        leaning=False,
        weak=False,
    )


AWARDS = ["She won the golden bear.", "The golden bear was her first.", "Critics praised her calm style."]


def test_a_chapter_is_not_joined_with_the_one_that_it_is_part_of() -> None:
    found = wishes(
        (("History", "Construction"), ["The stones were cut in 1979."]),
        (("History", "Destruction"), ["A bomb broke them in 2022."]),
        quoted=[0, 1],
    )
    assert "Construction and destruction" in found
    assert not [text for text in found if "istory" in text and " and " in text]


def test_a_section_of_several_chapters_does_not_bear_the_years_of_one() -> None:
    roles, prizes = ["She played a captain in 2017."], ["She won an award in 2023."]
    both = wishes((("Supporting roles (2017–2020)",), roles), (("Award success",), prizes), quoted=[0, 1])
    assert "Supporting roles" in both
    assert not [text for text in both if "2017" in text]
    assert "Supporting roles (2017–2020)" in wishes((("Supporting roles (2017–2020)",), roles), quoted=[0])


def test_a_phrase_names_a_section_only_when_a_quoted_sentence_has_it() -> None:
    assert "Golden bear" in wishes(((), AWARDS), quoted=[0, 2])
    assert "Golden bear" not in wishes(((), AWARDS), quoted=[2])


def test_what_is_said_once_names_a_section_only_from_its_first_sentences() -> None:
    told = ["She won a prize in Berlin.", "She lives in Geneva.", "The fourteen remaining houses are older."]
    assert "Fourteen remaining houses" not in wishes(((), told), quoted=[0, 1, 2])
    assert "Fourteen remaining houses" in wishes(((), told), quoted=[2])


def test_a_phrase_is_no_part_of_a_name_with_a_comma_in_it() -> None:
    told = ["Critics liked Crouching Tiger, Hidden Dragon at once."] * 2
    assert "Crouching Tiger" not in wishes(((), told), quoted=[0])


def test_a_phrase_with_a_verb_in_it_is_no_heading() -> None:
    told = ["On the day Burke won voters, and then Notably Lindsay Lohan--are well known.", "The ticket costs rose."]
    told[0] += " Williams expressed gratitude."
    found = wishes(((), told), quoted=[0, 1])
    assert "Ticket costs" in found
    assert not [
        text for text in found if "won" in text or "expressed" in text or "--" in text or text.startswith("Notably")
    ]


def test_a_name_keeps_its_capital_behind_another_heading() -> None:
    told = ["Officials of Kosovo and of the Serbian state met in Kosovo.", "The aftermath was short."]
    assert "Aftermath and Kosovo" in wishes((("Aftermath",), told[1:]), (("Kosovo",), told[:1]), quoted=[0, 1])
    assert "Kosovo and aftermath" in wishes((("Kosovo",), told[:1] * 2), (("Aftermath",), told[1:]), quoted=[0, 1])
    prizes = ["She won the Academy Award, the Golden Award and one award more."]
    assert "Roles and award success" in wishes((("Roles",), told * 2), (("Award success",), prizes), quoted=[0, 4])


def test_a_heading_of_nine_words_says_more_than_further_details() -> None:
    chapter = "Return and establishment as action and martial arts star"
    assert chapter in wishes(((f"{chapter} (1992–2001)",), ["She came back in 1992."]), quoted=[0])


def test_a_shouted_heading_is_spelled_as_the_sentences_spell_its_words() -> None:
    found = wishes(
        (("MOTION ULLOA: CAUSES OF CANCELLATIONS",), ["On Friday Mr Ulloa moved that causes be published."]), quoted=[0]
    )
    assert "Motion Ulloa: causes of cancellations" in found
