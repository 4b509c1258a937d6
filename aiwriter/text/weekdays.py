"""The days of the week in the languages whose figures are compared."""

from __future__ import annotations

_DAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "sv": "måndagen tisdagen onsdagen torsdagen fredagen lördagen söndagen",
}


def is_weekday(word: str, language: str) -> bool:
    """Whether a lower-cased word is one of the seven days."""
    return word in _DAYS.get(language, "").split()
