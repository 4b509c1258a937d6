from __future__ import annotations

import pytest

from aiwriter.testing.terminal import ROOT
from aiwriter.text.languages import language_code, language_of, likely_language, other_than


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry was built in Torvick and is licensed for 132 passengers, which she has carried by night.", "en"),
        ("Der Umsatz betrug im Jahr 2024 rund 1,2 Millionen Euro. Die Fähre befördert 132 Fahrgäste.", "de"),
        ("Le ferry a été construit à Torvick et il est autorisé pour 132 passagers dans les cabines.", "fr"),
        ("El barco fue construido en Torvick y tiene licencia para los 132 pasajeros que van por la noche.", "es"),
        (
            "De veerboot werd gebouwd in Torvick en heeft een vergunning voor 132 passagiers die met het schip gaan.",
            "nl",
        ),
        ("その船は132人の乗客を運ぶ。", "ja"),
        ("这艘船可以运载132名乘客。", "zh"),
        ("이 배는 승객 132명을 태운다.", "ko"),
        ("Судно перевозит 132 пассажира.", "ru"),
        ("132 passengers", None),
        ("Lanternfish, Sallow Bay, Port Cassin, Marigold Tern, Ember Sound, Torvick, Ostrel", None),
        ("", None),
    ],
)
def test_a_language_is_told_by_its_script_or_its_commonest_words(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (("La empresa ganó 1,4 millones de euros.", "La empresa ganó 1,3 millones de euros."), "es"),
        (("Der Umsatz betrug 1,2 Millionen Euro.", "Der Umsatz betrug 1.200.000 Euro."), "de"),
        (("Le chiffre d'affaires atteint 2,5 milliards d'euros.", "Il atteint 2,4 milliards."), "fr"),
        (("La società ha guadagnato 1,4 milioni di euro.", "Guadagno: 1,3 milioni di euro."), "it"),
        (("El Niño weakened in June.", "It weakened."), None),
        (("Los Angeles, Las Vegas", ""), None),
    ],
)
def test_short_texts_are_told_together_by_their_scale_words_too(texts: tuple[str, str], language: str | None) -> None:
    assert likely_language(*texts) == language


@pytest.mark.parametrize(
    ("text", "asked", "other"),
    [
        ("Der Turm ist 34 Meter hoch und steht auf einem Felsen aus Granit.", "en", "de"),
        ("The ferry was built in Torvick and is licensed for 132 passengers.", "de", "en"),
        ("Судно перевозит 132 пассажира по ночам.", "en", "ru"),
        ("Der Turm brennt.", "en", None),
        ("Der Turm ist 34 Meter hoch und steht auf einem Felsen aus Granit.", "de", None),
        ("Der Turm ist 34 Meter hoch und steht auf einem Felsen aus Granit.", "fi", None),
        ("The keeper wrote “ist” and “auf”, “der” and “und” into the book that he kept for the trust.", "en", None),
    ],
)
def test_another_language_than_asked_is_told_only_when_it_is_sure(text: str, asked: str, other: str | None) -> None:
    assert other_than(text, asked) == other


def test_every_example_is_english() -> None:
    sources = [path.read_text() for path in (ROOT / "examples" / "sources").rglob("*.md")]
    assert {language_of(text) for text in sources} == {"en"}


@pytest.mark.parametrize(
    ("tag", "code"), [("en-GB", "en"), ("DE_at", "de"), ("German", None), ("", None), (None, None)]
)
def test_a_tag_is_read_as_its_primary_part(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code
