"""Quantities, dates, names, negations, quantifiers: what can be checked word for word."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aiwriter.text import facts
from aiwriter.text.facts import Bound, QuantifierKind, QuantityKind


@pytest.mark.parametrize(
    ("text", "value", "kind", "unit"),
    [
        ("3.2 million people", "3200000", QuantityKind.COUNT, ""),
        ("41,200 homes", "41200", QuantityKind.COUNT, ""),
        ("€1.5bn", "1500000000", QuantityKind.MONEY, "EUR"),
        ("$5m", "5000000", QuantityKind.MONEY, "USD"),
        ("38 crowns", "38", QuantityKind.MONEY, "crown"),
        ("twelve ships", "12", QuantityKind.COUNT, ""),
        ("one hundred and twelve votes", "112", QuantityKind.COUNT, ""),
        ("twenty-one knots", "21", QuantityKind.MEASURE, "knot"),
        ("48 per cent", "48", QuantityKind.PERCENT, "%"),
        ("48%", "48", QuantityKind.PERCENT, "%"),
        ("two thirds of them", None, QuantityKind.FRACTION, ""),
        ("4.8 MWh", "4.8", QuantityKind.MEASURE, "MWh"),
        ("60 nautical miles", "60", QuantityKind.MEASURE, "nautical mile"),
        ("at 22:15", "1335", QuantityKind.TIME, "time"),
        ("at 5.20 pm", "1040", QuantityKind.TIME, "time"),
        ("the 21st edition", "21", QuantityKind.ORDINAL, ""),
        ("a third battery room", "3", QuantityKind.ORDINAL, ""),
        ("100k subscribers", "100000", QuantityKind.COUNT, ""),
        ("it was −5 °C", "-5", QuantityKind.MEASURE, "°C"),
        ("2½ years", "2.5", QuantityKind.MEASURE, "year"),
        ("minus five degrees", "-5", QuantityKind.MEASURE, "degree"),
        ("5 degrees below zero", "-5", QuantityKind.MEASURE, "degree"),
        ("5 °C below freezing", "-5", QuantityKind.MEASURE, "°C"),
        ("one in five patients", "0.2", QuantityKind.FRACTION, ""),
        ("nine out of ten", "0.9", QuantityKind.FRACTION, ""),
        ("until noon", "720", QuantityKind.TIME, "time"),
        ("by midnight", "0", QuantityKind.TIME, "time"),
        ("half past eleven in the evening", "1410", QuantityKind.TIME, "time"),
        ("a quarter to nine", "525", QuantityKind.TIME, "time"),
        ("nine o'clock", "540", QuantityKind.TIME, "time"),
    ],
)
def test_a_quantity_is_read_with_its_unit(text, value, kind, unit):
    (found,) = facts.quantities(text)
    assert (found.kind, found.unit) == (kind, unit)
    assert value is None or found.value == Decimal(value)
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        ("de", "sieben Stunden und fünf Minuten", ["7", "5"]),
        ("de", "Zweiundzwanzig Schiffe, dreihundertfünf Tage, zwölfmal", ["22", "305", "12"]),
        ("de", "zwei Millionen Euro, dreitausend Tonnen, dreißig Prozent", ["2000000", "3000", "30"]),
        ("de", "fünf Grad unter null, die Hälfte, drei Viertel der Leute", ["-5", "0.5", "0.75"]),
        ("de", "Er half dem Elf und ließ eine Stunde außer Acht.", []),
        ("fr", "sept heures, vingt et un ans, quatre-vingt-dix-sept navires", ["7", "21", "97"]),
        (
            "fr",
            "deux cent trois, deux mille vingt, un million d'euros, neuf pour cent",
            ["203", "2020", "1000000", "9"],
        ),
        ("fr", "un navire neuf", []),
        ("es", "siete horas, treinta y dos barcos, un millón de euros", ["7", "32", "1000000"]),
        ("es", "el 5 por ciento, la mitad, una hora", ["5", "0.5"]),
    ],
)
def test_numbers_in_the_words_of_other_languages_are_read(language, text, values):
    assert [quantity.value for quantity in facts.quantities(text, language)] == list(map(Decimal, values))


def test_a_pace_and_a_year_are_no_share():
    kinds = {quantity.kind for quantity in facts.quantities("Two in three years, one in 2019, two in 3,000.")}
    assert QuantityKind.FRACTION not in kinds


@pytest.mark.parametrize("text", ["COVID-19", "LK-99", "a 3D film", "on 14 November 2015", "in 2019", "A380"])
def test_dates_and_parts_of_names_are_no_quantities(text):
    assert facts.quantities(text) == []


def test_both_ends_of_a_range_have_its_unit_and_magnitude():
    low, high = facts.quantities("from 5 to 6 million euros")
    assert (low.value, low.unit, high.value) == (5_000_000, "EUR", 6_000_000)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("more than 40,000 votes", Bound.MORE_THAN),
        ("at least 40 votes", Bound.AT_LEAST),
        ("up to 132 passengers", Bound.AT_MOST),
        ("nearly 2,000 members", Bound.LESS_THAN),
        ("about 300 people", Bound.ABOUT),
        ("300 people", Bound.EXACT),
        ("must not weigh more than 40 kg", Bound.AT_MOST),
        ("gut 300 Menschen", Bound.MORE_THAN),
        ("près de 300 personnes", Bound.ABOUT),
        ("al menos 300 personas", Bound.AT_LEAST),
        ("knappt 300 personer", Bound.LESS_THAN),
        ("los mayores de 65 años", Bound.MORE_THAN),
    ],
)
def test_words_before_a_number_bound_it(text, bound):
    assert facts.quantities(text)[0].bound is bound


def test_the_noun_counted_is_the_next_plural():
    assert facts.quantities("320 battery modules")[0].noun == "modul"
    assert facts.quantities("3.15 million went into it")[0].noun == ""


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("4.8 MWh", "4,800 kWh"),
        ("half of them", "50 per cent"),
        ("3.2 million", "3,210,000"),
        ("12.4 m", "12.38 m"),
        ("more than 40,000 votes", "41,200 votes"),
        ("41,000 votes", "41,234 votes"),
        ("about 120 people", "122 people"),
        ("seven days", "one week"),
        ("60 nautical miles", "111 km"),
        ("0.1 milligrams", "100 micrograms"),
        ("half a minute", "30 seconds"),
        ("half a year", "6 months"),
        ("137 km/h", "38 metres a second"),
        ("half a million people", "500,000 people"),
        ("two and a half years", "30 months"),
        ("133 millas", "214 kilómetros"),
    ],
)
def test_conversions_roundings_and_bounds_agree(claim, source):
    assert facts.quantities(claim)[0].agrees(facts.quantities(source)[0])


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("130 passengers", "132 passengers"),
        ("4.8 GWh", "4.8 MWh"),
        ("9 mph", "9 knots"),
        ("38 euros", "38 dollars"),
        ("48 per cent", "48 tonnes"),
        ("more than 40,000 votes", "39,000 votes"),
        ("more than 40,000 votes", "400,000 votes"),
        ("22:15", "22:25"),
        ("48 millikelvin", "48 nanokelvin"),
        ("10 milligrams", "10 micrograms"),
    ],
)
def test_other_numbers_and_units_do_not_agree(claim, source):
    assert not facts.quantities(claim)[0].agrees(facts.quantities(source)[0])


def test_decimal_commas_are_read_where_the_language_has_them():
    assert facts.quantities("3,2 Millionen", "de")[0].value == 3_200_000
    assert facts.quantities("41.200 Stimmen", "de")[0].value == 41_200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,4 millones de euros", 1_400_000),
        ("2,5 milliards d'euros", 2_500_000_000),
        ("1,3 milioni di euro", 1_300_000),
        ("3,5 Mrd. Euro", 3_500_000_000),
        ("2,4 mil millones", 2_400_000_000),
        ("1.200.000 Euro", 1_200_000),
        ("1.234,50 Euro", Decimal("1234.5")),
        ("1,200,000 dollars", 1_200_000),
        ("1,234.50 dollars", Decimal("1234.5")),
        ("1.5 million dollars", 1_500_000),
        ("5,25 %", Decimal("5.25")),
        ("4,8 MWh", Decimal("4.8")),
        ("0,75", Decimal("0.75")),
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_the_form_of_a_number_tells_is_read_so_in_every_language(text, value, language):
    (found,) = facts.quantities(text, language)
    assert found.value == value


def test_a_time_of_day_is_no_duration():
    assert facts.quantities("less than ten minutes")[0].agrees(facts.quantities("at 08:00")[0]) is False


def test_mil_is_a_thousand_in_spanish_alone():
    assert [q.value for q in facts.quantities("400 mil personas y 2,5 mil millones", "es")] == [400_000, 2_500_000_000]
    assert [q.value for q in facts.quantities("40 mil till Umeå", "sv")] == [40]


@pytest.mark.parametrize(("text", "english", "german"), [("1,250 men", 1250, "1.25"), ("1.250 men", "1.25", 1250)])
def test_one_mark_before_three_digits_is_read_by_the_language(text, english, german):
    assert [facts.quantities(text, one)[0].value for one in ("en", "de")] == [Decimal(english), Decimal(german)]


def test_marks_between_numbers_of_a_list_are_no_decimals():
    assert [q.value for q in facts.quantities("in chapters 1, 4 and 5 of version 0.1.2", "en")][:3] == [1, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "14 November 2015",
        "November 14, 2015",
        "Nov. 14, 2015",
        "14th of November 2015",
        "2015-11-14",
        "14 novembre 2015",
    ],
)
def test_spellings_of_a_date_are_one_date(text):
    (found,) = facts.dates(text)
    assert (found.year, found.month, found.day) == (2015, 11, 14)


def test_ranges_decades_and_lone_years_are_dates():
    assert [date.year for date in facts.dates("2019-20, 2021–2023 and the 1990s")] == [2019, 2020, 2021, 2023, 1990]
    assert [date.day for date in facts.dates("From 12 to 15 November 2024")] == [12, 15]


@pytest.mark.parametrize("text", ["2000 people", "$2000", "1,946 members", "it may be so", "at 2015 metres"])
def test_what_looks_like_a_year_or_a_month_is_none(text):
    assert facts.dates(text) == []


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2015", "14 November 2015", True),
        ("14 November", "14 November 2015", True),
        ("14 November 2015", "2015", False),
        ("15 November 2015", "14 November 2015", False),
        ("the 1990s", "1994", True),
        ("4/5/2015", "5 April 2015", True),
    ],
)
def test_dates_agree_when_the_source_is_as_precise(one, other, agree):
    assert facts.dates(one)[0].agrees(facts.dates(other)[0]) is agree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Marit Adeyo has been general manager; Sunniva Prakash chairs.", ["Marit Adeyo", "Sunniva Prakash"]),
        ("The University of Michigan and the Bank of England met.", ["University of Michigan", "Bank of England"]),
        ("Passengers liked it. However, nobody came in May.", []),
        ("NASA's new rocket and the iPhone.", ["NASA", "iPhone"]),
        ("The ship took 4.8 MWh.", []),
        ("Lanternfish sails. Everybody knows the Lanternfish.", ["Lanternfish", "Lanternfish"]),
    ],
)
def test_names_are_found_and_sentence_starts_are_not(text, expected):
    assert [name.text for name in facts.names(text)] == expected


def test_a_word_that_opens_a_sentence_is_a_name_when_it_is_known():
    assert [name.text for name in facts.names("Torvick built it.", known={"torvick"})] == ["Torvick"]


def test_negations_say_what_they_turn_round():
    (cue,) = facts.negation_cues("The ship does not sail on Saturday.")
    assert (cue.text, cue.scope[0]) == ("not", "sail")


def test_a_negation_passes_over_words_that_say_when():
    assert facts.negation_cues("It no longer follows links.")[0].scope[0] == "follow"
    assert facts.negation_cues("Le musée n'est pas encore accessible.", "fr")[0].scope[0] == "accessibl"


@pytest.mark.parametrize("text", ["no fewer than nine", "not only that", "No. 4", "nothing but the truth"])
def test_words_that_only_look_like_a_denial(text):
    assert facts.negations(text) <= (text.startswith("nothing"))


def test_quantifiers_in_order():
    text = "All ferries always carry at least some people, not only members; hardly any are late."
    assert [q.kind for q in facts.quantifiers(text)] == [
        QuantifierKind.ALL,
        QuantifierKind.ALWAYS,
        QuantifierKind.AT_LEAST,
        QuantifierKind.SOME,
        QuantifierKind.NOT_ONLY,
        QuantifierKind.FEW,
    ]


def test_quotations_superlatives_and_causes_are_found():
    text = 'It is the largest ship because “all of us were here”, she said, "and stayed".'
    assert [span.text for span in facts.quotations(text)] == ["all of us were here", "and stayed"]
    assert facts.superlatives(text)
    assert facts.causes(text)


def test_the_number_of_a_card_is_no_row_of_years():
    assert facts.dates("Pay with 4111 1111 1111 1111 by Friday.") == []
    assert [date.year for date in facts.dates("It won in 1990 1994 1998 2002.")] == [1990, 1994, 1998, 2002]
