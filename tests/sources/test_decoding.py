"""From bytes to text: labels mean what browsers take them for, and what has none is read as most such files are."""

from __future__ import annotations

import pytest

from aiwriter.sources.decoding import decode

ENGLISH = "The ferry’s crew said “we sail at nine” – and it did, for €5."


@pytest.mark.parametrize("label", ["iso-8859-1", "ISO_8859-1", "latin1", "us-ascii"])
def test_quotation_marks_and_the_euro_sign_are_read_under_the_label_of_latin_1(label: str) -> None:
    assert decode(ENGLISH.encode("cp1252"), label) == ENGLISH


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("gb2312", "gbk", "镕基先生于1887年开通渡轮。"),
        ("shift_jis", "cp932", "①夜間フェリーは髙松港を出ます。"),
        ("euc-kr", "cp949", "똠방 페리는 1887년에 개통되었다."),
        ("iso-8859-9", "cp1254", "“Feribot” 1887 yılında açıldı."),
    ],
)
def test_a_label_stands_for_what_windows_made_of_it(label: str, encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), label) == text


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "Die Fähre über den Öresund fährt seit 1887 täglich für 132 Gäste, sagt „Die Zeitung“.",
        "Le ferry a été inauguré en 1887, à l'été, près du château ; « c'était l'époque ».",
        "El transbordador abrió en 1887; el año pasado llevó más pasajeros. ¿Y después?",
        "Färjan öppnade år 1887 på hösten och går över sundet.",
        "O navio não levou passageiros até 1887; as viagens são à noite.",
        "Ship;Hold\nMeridian;1 200 m³ at 4 °C\nVell;90 m² ± 2\n",
    ],
)
def test_a_short_western_text_without_a_label_is_read_as_windows_wrote_it(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Паром был открыт в 1887 году и перевозил сто пассажиров в день."),
        ("koi8-r", "Паром был открыт в 1887 году и перевозил сто пассажиров в день."),
        ("cp1253", "Το πλοίο άνοιξε το 1887 και μετέφερε επιβάτες."),
        ("cp1250", "Přívoz byl otevřen v roce 1887 a žádný člověk nečekal dlouho."),
        ("shift_jis", "夜間フェリーは一八八七年に開業しました。一日に132人の乗客を運びます。"),
        ("gb18030", "夜间渡轮于1887年开通，每天运送132名乘客。"),
        ("cp949", "야간 페리는 1887년에 개통되어 하루 132명의 승객을 태웠다."),
    ],
)
def test_other_scripts_and_languages_are_not_taken_for_western(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text
