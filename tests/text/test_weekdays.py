"""Days of the week."""

import pytest

from aiwriter.text.weekdays import day_of_week

SATURDAY = {
    "en": "saturday saturdays",
    "de": "samstag samstags sonnabend",
    "fr": "samedi samedis",
    "es": "sábado sábados",
    "sv": "lördag lördagen lördagar lördags",
}


@pytest.mark.parametrize(("language", "forms"), SATURDAY.items())
def test_each_form_of_a_day_is_that_day(language, forms):
    assert {day_of_week(form, language) for form in forms.split()} == {5}


def test_a_day_may_be_cut_short():
    assert [day_of_week(word, "en") for word in ("Mon", "Tues", "Wed", "Thu", "Fri", "Sat")] == [0, 1, 2, 3, 4, 5]


def test_other_words_and_other_languages_name_no_day():
    assert [
        day_of_week(*one) for one in (("sat", "en"), ("Sun", "en"), ("lune", "es"), ("samstag", "en"), ("monday", "xx"))
    ] == [None] * 5


def test_a_day_that_ends_like_a_plural_is_itself():
    assert [day_of_week(word, "es") for word in ("lunes", "martes", "viernes")] == [0, 1, 4]
