from __future__ import annotations

import pytest

from aiwriter.testing.terminal import ROOT
from aiwriter.text.languages import language_code, language_of


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


def test_every_example_is_english() -> None:
    sources = [path.read_text() for path in (ROOT / "examples" / "sources").rglob("*.md")]
    assert {language_of(text) for text in sources} == {"en"}


@pytest.mark.parametrize(
    ("tag", "code"), [("en-GB", "en"), ("DE_at", "de"), ("German", None), ("", None), (None, None)]
)
def test_a_tag_is_read_as_its_primary_part(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code
