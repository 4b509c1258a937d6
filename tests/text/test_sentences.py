"""Hard cases of sentence splitting, most of them from real pages."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiwriter.text.sentences import split_sentences

GLUED = "~"  # this sentence follows the one before without a space

CASES = [
    ["Mr. Smith met Dr. Jones.", "They spoke."],
    ["He moved to the U.S. in 1990.", "She stayed."],
    ["He moved to the U.S.", "In 1990 he left."],
    ["The U.S. Senate voted.", "It passed."],
    ["Many fruits, e.g. apples, are sweet.", "Some, i.e. lemons, are not."],
    ["It rose by 3.5 percent to 1,200.75 units.", "Nothing else changed."],
    ["J. R. R. Tolkien wrote it.", "C. S. Lewis read it."],
    ["Lee Sukbae et al. provide a method.", "It has three steps."],
    ['He said "No."', "Then he left."],
    ['"No," he said.', '"Why should I?"', "Nobody answered."],
    ["is an insulator in pure form.", "~As of October 1, no replications have gone through."],
    ["They replaced Pb(II) ions by Cu(II) ions [18].", "The structure is similar, space group P63/m (No. 176)."],
    ["The structure is similar [3].", "It was seen in 2023. [4]", "Others disagree."],
    ["It works at temperatures of up to 400 K at ambient pressure.: 1", "Many researchers tried."],
    ["They were first seen before his death. [30] [31].", "It was later denied [36]."],
    ["He was the son of Lillian Kemp. [note 1]", "He was raised in Boston."],
    ["The firm, Acme Inc., was sold.", "Its heirs, Beta Ltd. and Gamma Corp., survived."],
    ["It opened at 5 p.m. on Monday.", "It closed at 9 a.m.", "The next day it rained."],
    ["See Fig. 3 and Sec. 2.1 for details.", "See also No. 7."],
    ["Pages pp. 12–15 list approx. 40 items, vol. 3 and ch. 7 the rest.", "The index is lost."],
    ["On Jan. 5 the court ruled.", "By Sept. 2021 it was over."],
    ["Who?", "What?", "Nobody!", "Really."],
    ["Wait... what?", "He paused… then went on.", "It ended."],
    ["The St. Louis plant closed.", "Mt. Greylock is high."],
    ["Yahoo! was founded in 1994.", "It grew."],
    ["Version 2.0.1 of node.js was released.", "See example.com for more."],
    ["(This is a note.)", "This is not."],
    ["He died at about 6 a.m. GMT.", "He was found at 9 a.m.", "TV crews came."],
    ["They danced to Moulin Rouge! in Paris.", "All clapped."],
    ["He wrote the book (it was his first.) and left.", "Then he died."],
    ["The vote was 5–4.", "2022 was a bad year."],
    ["A. The first thing is fine.", "The second is not."],
    ["The company made $1.5 bn. in 2020.", "It lost money."],
    ["“It is over.”", "She shut the door."],
    ["“Is it over?” she asked.", "He nodded."],
    ["He asked: “Why?”", "“Because,” she said."],
    ["The Ph.D. thesis of Anna K. Lee was long.", "It quotes John F. Kennedy."],
    ["The party won 12 seats vs. 9 for its rival.", "It governed."],
    ["Lt. Col. Sanders and Gen. Grant met Sen. Warren.", "Gov. Brown came too."],
    ["He died c. 1450 in Rome.", "He was b. 1400."],
    ["She earned a B.A. from Yale and an M.S. in 2001.", "She taught."],
    ["The event took place in Washington, D.C.", "The mayor came."],
    ["iPhone sales fell 4%.", "eBay gained."],
    ["It was signed by King George V.", "He abdicated later."],
    ["The plan was stopped by Elizabeth I.", "She had reasons."],
    ["The band broke up in 1987.", '~"We had enough," said Hawkins.'],
    ["See Smith v. Jones.", "The court agreed."],
]


def joined(sentences):
    text = ""
    for sentence in sentences:
        text += sentence[1:] if sentence.startswith(GLUED) else f" {sentence}"
    return text.strip(), [sentence.removeprefix(GLUED) for sentence in sentences]


def sentences_of(text, language="en"):
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize("sentences", CASES, ids=lambda sentences: sentences[0][:40])
def test_real_sentences_are_told_apart(sentences):
    text, expected = joined(sentences)
    assert sentences_of(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Am 3. Oktober kam Dr. Müller, z. B. per Bahn. Der 2. Weltkrieg endete.", 2),
        ("fr", "M. Dupont est venu. Il a dit : « Non. » Puis il partit.", 3),
        ("ja", "これは文です。次の文です！終わり", 3),
        ("ru", "Он жил в г. Москве. Да.", 2),
        ("xx", "Foo bar. Baz.", 2),
    ],
)
def test_the_language_is_heeded(language, text, expected):
    assert len(sentences_of(text, language)) == expected


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Twelve were cancelled because the crew was ill.", "“Nobody misses the noise,” said Moren."]),
        ("en", ["Twelve were cancelled because the crew was ill.", "A passenger died."]),
        ("en", ["The crew was ill.", "I was refunded.", "Nobody else was."]),
        ("en", ["The island loves its art.", "Nobody pays for it."]),
        ("en", ["They told me.", "She said no.", "The rain was 30 mm.", "Twelve sailings were cancelled."]),
        ("en", ["They sold bread, fish etc.", "A shop is open."]),
        ("de", ["Es war ein Fest nach alter Art.", "Niemand ging."]),
        ("de", ["Es gab Brot, Fisch usw.", "Die Halle war voll.", "Es fielen 30 mm.", "Dann kam Wind."]),
        ("es", ["El barco salió al mar.", "A bordo iban doce.", "Cayeron 30 mm.", "Nadie lo vio."]),
        ("fr", ["Il avoue le vol.", "Personne ne vint.", "Il tomba 30 mm.", "À midi tout cessa."]),
        ("sv", ["Hon såg bara en del.", "I hamnen kom ingen.", "Det föll 30 mm.", "Ingen kom."]),
        ("en", ["See art. 5 of the law, no. 12, no. I and the min. Temperature, after 30 mm. of rain."]),
        ("en", ["Poems by Lear (ill. Quentin Blake) sold well in the fed. District Court."]),
        ("de", ["Die Art. Nr. 4711 kostet neun Euro."]),
        ("de", ["Das regelt Art. Absatz 3, und sie zeigen Filme usw. Kindern unter zehn Jahren."]),
    ],
)
def test_a_word_that_is_an_abbreviation_too_ends_a_sentence(language, sentences):
    assert sentences_of(" ".join(sentences), language) == sentences


def test_a_line_break_does_not_end_a_sentence_and_a_blank_line_does():
    assert sentences_of("One line\ngoes on. Two\n\nin three") == ["One line\ngoes on.", "Two", "in three"]


@pytest.mark.parametrize("text", ["", "   \n\n ", "\ufeff"])
def test_nothing_to_say_is_no_error(text):
    assert [sentence for sentence in sentences_of(text) if sentence.isprintable()] == []


@settings(max_examples=200)
@given(st.text(st.sampled_from("aB. \n!?\"')(]1:[é漢🎉\ud800…-"), max_size=80))
@example("a. [1] : 2 . B")
def test_spans_are_ordered_and_trimmed_and_lose_no_character(text):
    spans = split_sentences(text)
    assert all(text[start:end] and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
