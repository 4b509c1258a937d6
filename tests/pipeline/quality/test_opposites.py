"""Support: a word that was exchanged for its opposite, or for one that says more."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import Judgement, judge_claim

OPPOSITE = "support.opposite"


def judged(claim: str, passage: str, language: str = "en") -> Judgement:
    cited = Ground("0" * 16, passage, language=language)
    return judge_claim(claim, [cited], known_names([passage]), language)


def certainties(judgement: Judgement) -> list[bool]:
    return [fault.certain for fault in judgement.faults if fault.rule == OPPOSITE]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Profit fell by 12 percent in 2020.", "Profit rose by 12 percent in 2020."),
        ("The drug reduces mortality.", "The drug increases mortality."),
        ("The plan was rejected by the council.", "The plan was approved by the council."),
        ("The court upheld the ruling.", "The court overturned the ruling."),
        ("The museum opened before the war.", "The museum opened after the war."),
        ("The museum is closed on Mondays.", "The museum is open on Mondays."),
        ("He lost 2-1.", "He won 2-1."),
        ("Here the quietest thing is the kettle.", "Here the loudest thing is the kettle."),
        ("The price doubled between 2010 and 2020.", "The price tripled between 2010 and 2020."),
        ("It is impossible to repair the engine.", "It is possible to repair the engine."),
        ("It is the largest museum in the country.", "It is one of the largest museums in the country."),
        ("The museum will close in 2030.", "The museum might close in 2030."),
        ("It is the largest museum in the country.", "It is the second-largest museum in the country."),
        ("The path to the tower is lit.", "The path to the tower is unlit."),
        (
            "Shares of the club rose 3 percent in Torvick.",
            "Shares of the club fell 3 percent in Torvick because those who own them had hoped for a better year.",
        ),
        ("The club was promoted in May.", "The club was relegated in May."),
    ],
)
def test_a_sentence_with_one_word_turned_into_its_opposite_is_unsupported(claim, passage):
    judgement = judged(claim, passage)
    assert (judgement.outcome, certainties(judgement)) == (Support.UNSUPPORTED, [True])


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (
            "In 2020 profit at the Ostrel cooperative fell by 12 percent.",
            "The Ostrel cooperative, which runs ferries, told its members that profit rose by 12 percent in 2020.",
        ),
        (
            "The lighthouse is the tallest in the province of Ostrel.",
            "Visitors come from far to the lighthouse, one of the tallest of the many in the province of Ostrel.",
        ),
        (
            "The Ostrel cooperative will close its shipyard in 2030.",
            "By 2030, its chairman told reporters on Monday, the Ostrel cooperative may close its shipyard.",
        ),
        ("The Ostrel cooperative closed its shipyard.", "The Ostrel cooperative plans to close its shipyard."),
        ("The council cut the tax on farms.", "The council plans to cut the tax on farms."),
        ("The minister called an election in May.", "The minister had threatened to call an election in May."),
        ("The ban on nets has been extended.", "It recommends that the ban on nets, now in force, be extended."),
        ("The authorities approved the sale.", "The authorities still have to approve the sale."),
        ("The chair has written to the tenants.", "The chair will write to the tenants, who are ill."),
    ],
)
def test_an_opposite_in_a_freer_sentence_is_doubtful(claim, passage):
    judgement = judged(claim, passage)
    assert (judgement.outcome, certainties(judgement)) == (Support.UNSURE, [False])


@pytest.mark.parametrize(
    ("language", "claim", "passage"),
    [
        (
            "de",
            "Die Bücher müssen im Juli zurückgegeben werden.",
            "Die Bücher müssen im Juli nicht zurückgegeben werden.",
        ),
        ("de", "Der letzte Zug hält hier.", "Der letzte Zug hält hier nicht."),
        ("sv", "Taket, som läckte i vintras, lagas.", "Taket, som läckte i vintras, lagas inte."),
        ("fr", "Une femme a bouclé ce parcours en hiver.", "Aucune femme n'a encore bouclé ce parcours en hiver."),
        ("sv", "Kommunen har redan svarat.", "Museet söker pengar, men kommunen har ännu inte svarat."),
    ],
)
def test_a_denial_left_out_is_found_in_other_languages(language, claim, passage):
    assert judged(claim, passage, language).outcome is Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("language", "claim", "passage"),
    [
        ("de", "Der Umsatz ist 2020 um 12 Prozent gesunken.", "Der Umsatz ist 2020 um 12 Prozent gestiegen."),
        ("fr", "Le musée a fermé ses portes en mai.", "Le musée a rouvert ses portes en mai."),
        ("es", "El consejo rechazó el plan del puerto.", "El consejo aprobó el plan del puerto."),
        ("sv", "Kaptenen erkände brott i rätten.", "Kaptenen nekade brott i rätten."),
    ],
)
def test_opposites_of_other_languages_are_known(language, claim, passage):
    assert certainties(judged(claim, passage, language)) == [True]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The museum was open on Mondays.", "The museum was not closed on Mondays."),
        ("He did not lose the final of 2020.", "He won the final of 2020."),
        ("Profit fell in 2019 and rose in 2020.", "Profit rose in 2020 and fell in 2019."),
        ("The museum opened in 2012.", "The museum closed in 2010 for repairs. It opened again in 2012."),
        ("The museum might close in 2030.", "The museum will close in 2030."),
        ("It is one of the oldest museums in the country.", "It is the oldest museum in the country."),
        ("Side effects include nausea and headaches.", "Side effects may include nausea and headaches."),
        ("The festival runs in May.", "In May the festival runs for a week."),
        ("The council has yet to vote on the tax cut.", "The council plans to cut the tax, but has not voted on it."),
        ("The plan must be approved in May.", "The plan is to be approved in May."),
        (
            "It is the second-largest museum in the country.",
            "It is the second-largest museum in the country, they say.",
        ),
    ],
)
def test_what_is_fair_is_no_opposite(claim, passage):
    assert certainties(judged(claim, passage)) == []
