from __future__ import annotations

import pytest

from aiwriter.text.quotable import fault, leans, looks_like_references


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry carries 132 passengers and 22 cars.",
        "On 3 June 2020 the Lanternfish was delivered by the yard in Torvick.",
        "“We had not planned for a ship,” said Idris Halloran, an inspector of the province.",
        "Michelle Yeoh Choo Kheng (born Yeoh Choo Kheng; Chinese: 杨紫琼; 6 August 1962) is a Malaysian actress.",
        "The charging tower in Sallow Bay delivers 900 kW.",
        "Der Dampfer fährt jeden Tag um acht Uhr nach Norden.",
    ],
)
def test_whole_sentences_may_be_quoted(sentence: str) -> None:
    assert fault(sentence, "de" if sentence.startswith("Der") else "en") is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("and then it sailed on to the north without stopping.", "fragment"),
        ("The ferry carries 132 passengers and 22 cars", "fragment"),
        ("Representative of the district was former U.S.", "fragment"),
        ("How many passengers does the ferry carry?", "question"),
        ("The ferry “Lanternfish carries 132 passengers.", "unbalanced"),
        ("| Passengers | 132 | and the ship carries 22 cars.", "markup"),
        ("The film won an award.The critics were not amused by it.", "leftover"),
        ("The ship was built in Torvick [12] and sails at night.", "leftover"),
        ("Subscribe to our newsletter and get it every week.", "boilerplate"),
        ("Figure 3: The ship is seen leaving the harbour.", "boilerplate"),
        ("Smith, J. (2019). Ferries and batteries were compared.", "reference"),
        ("2019 14,950 2020 15,220 2021 18,034 is 2022 19,001.", "shard"),
        ("I would rather not do that again in my life.", "first person"),
        ("A long and quiet night on the open sea.", "no verb"),
        ("It " + "was very " * 40 + "long.", "length"),
        ("(Available since Ninja 1.5.) defines the text that is taken off.", "fragment"),
        ("External links are provided for reference purposes.", "boilerplate"),
        ("ABC News is not responsible for the content of other sites.", "boilerplate"),
        ("The song is on sale and an audio stream can be found below.", "boilerplate"),
        ("Before the tour comes an album (see “Weiland Pumped For Solo Record”).", "leftover"),
        ("A player handles addresses that begin with mms:// or feed:// as well.", "markup"),
        ("They use the data (see below) to find the type.", "leftover"),
        ("He said that it was a good crossroads [Laughs] for all of them.", "leftover"),
        ("A couple of excerpts from the chat with him follow below.", "boilerplate"),
        ("They do so by means of the file that is mentioned in Section 2.1.", "boilerplate"),
        ("Many programs use the MIME system[MIME] to tell types.", "leftover"),
        ("A deleting element, which says that the older patterns are gone.", "fragment"),
        ("As of May, the following 35 countries have confirmed it.", "boilerplate"),
        ("Here’s what the film would look like in colour.", "boilerplate"),
        ("Here’s a basic file that demonstrates most of the syntax.", "boilerplate"),
        ("When you are on board, keep the ticket.", "second person"),
        ("For more discussion of how names are found, consult the reference.", "boilerplate"),
        ("Such files use the usual syntax and have the following layout.", "boilerplate"),
    ],
)
def test_shards_and_furniture_are_not_quoted(sentence: str, reason: str) -> None:
    assert fault(sentence) == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "However, the ship was too slow for the timetable.",
        "He was born in Ipoh and moved to London.",
        "In 1999 she joined the company as an engineer.",
        "As a result, the crossing was cancelled twice.",
        "These ships sail on batteries alone at night.",
        "The second preprint was submitted two hours later.",
        "It was there that the ship was built.",
        "That same day the agency published an article.",
        "Two years later the ship was sold to Norway.",
        "The committee decided to build a second ship.",
        "“I would not improvise again with this ship.”",
        "There is a second reason for sailing at night.",
        "As part of the deal, First Citizens purchased loans of $72 billion.",
        "Philipsen then won ahead of Caleb Ewan in Nogaro.",
        "In related news, the band announced a tour of America.",
        "By default, it looks for a file named build.ninja.",
        "For English-speaking regions this is a note in quotation marks.",
        "Ninja 1.3 can instead process dependencies at once.",
        "The first discussions on the matter took place in Berlin.",
        "During the Schmalkaldic War in 1546 it was destroyed again by troops.",
        "In the Second World War, he served on a destroyer.",
        "On a similar note, Minister Sveçla revealed the aims.",
        "It’s an obvious marriage of sound and image.",
        "They've been touring with the album for a year.",
        "A video was shown with the aforementioned new song.",
    ],
)
def test_sentences_that_point_back_lean_on_the_one_before(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Lee said that he would publish the data in March.",
        "The committee of the port decided to build a second ship.",
        "Michelle Yeoh won the award for her role in 2022.",
        "In 2008, Lee and Kim founded a company, and they hired two engineers.",
        "It is unclear why the ferry sails only at night.",
        "The decision to build a second ship was not unanimous.",
        "Until it is published an article is seen only by its author.",
        "In Yeoh's first film, she was a police officer.",
        "It's unclear why the ferry sails only at night.",
        "It costs nothing to cross the sound by night.",
        "The next Lanternfish ferry will arrive in March.",
        "By mid-August 2023, the consensus was that it is an insulator.",
    ],
)
def test_sentences_that_explain_themselves_stand_alone(sentence: str) -> None:
    assert not leans(sentence)


@pytest.mark.parametrize(
    "step", ["Connect the refrigerant lines.", "Turn off each pump.", "If you hear a noise, call the engineer."]
)
def test_orders_and_words_to_the_reader_are_quoted_where_a_text_instructs(step: str) -> None:
    assert fault(step) is not None
    assert fault(step, instructs=True) is None


@pytest.mark.parametrize("label", ["Building the house.", "A long night on the sea.", "With the new pump."])
def test_a_label_is_no_order(label: str) -> None:
    assert fault(label, instructs=True) == "no verb"


def test_what_the_reader_has_in_mind_needs_no_sentence_before() -> None:
    assert leans("The ship was sold to an owner in Norway.")
    assert not leans("The ship was sold to an owner in Norway.", known={"ship"})


def test_lists_of_links_are_told_from_text() -> None:
    assert looks_like_references("[1] https://example.org/a [2] https://example.org/b")
    assert looks_like_references("Smith wrote this.", ["History", "References"])
    assert not looks_like_references("The ship was built in Torvick and sails at night, as shown on example.org.")
