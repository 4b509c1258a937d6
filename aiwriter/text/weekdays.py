"""The days of the week in the languages whose figures are compared."""

from __future__ import annotations

_DAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
}
_ENDINGS = ("", "s")  # "on Saturdays", "samstags"
_SWEDISH = (*_ENDINGS, "en", "ar", "arna")  # "på lördagen", "i lördags"
_FORMS = {
    language: {
        f"{day}{ending}": number
        for number, day in enumerate(days.split())
        for ending in (_SWEDISH if language == "sv" else _ENDINGS)
    }
    for language, days in _DAYS.items()
}
_FORMS["de"] |= {"sonnabend": 5, "sonnabends": 5}


# As they are written: "sat" is a verb, and the "Sun" a star.
_SHORT = {"en": {"Mon": 0, "Tue": 1, "Tues": 1, "Wed": 2, "Thu": 3, "Thur": 3, "Thurs": 3, "Fri": 4, "Sat": 5}}


def day_of_week(word: str, language: str) -> int | None:
    """Which day a word as written names, Monday being 0, in whichever form; None for all other words."""
    day = _FORMS.get(language, {}).get(word.lower())
    return _SHORT.get(language, {}).get(word) if day is None else day


def same_day(word: str, other: str) -> bool:
    """Whether two words name one day in one of the languages: "Tue" and "Tuesdays"."""
    named = ((day_of_week(word, language), day_of_week(other, language)) for language in _DAYS)
    return any(one is not None and one == two for one, two in named)
