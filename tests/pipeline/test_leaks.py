"""What we tell a model is not told to readers."""

from __future__ import annotations

from aiwriter.pipeline import replies
from aiwriter.pipeline.prompts import NAMES, template
from aiwriter.pipeline.prompts.leaks import LONGEST, repeats_prompt
from aiwriter.ports import SentenceReply

RULE = "Every fact you write stands in the sources you are given."


def test_a_sentence_that_repeats_a_prompt_is_left_out() -> None:
    said = SentenceReply(text=f"The mill grinds rye. {RULE.upper()} The wheel turns.", passages=["S1"])
    assert [text for text, _ in replies.sentences(said, 1, "en")] == ["The mill grinds rye.", "The wheel turns."]
    assert list(replies.so_far(f"The mill grinds rye. {RULE} The", "en")) == ["The mill grinds rye."]


def test_every_prompt_is_known_however_it_is_set() -> None:
    for name in NAMES:
        for half in template(name):
            line = max((line for line in half.splitlines() if "$" not in line), key=len)
            assert repeats_prompt(f"x {line.upper().replace(' ', '  ')} y"), line


def test_fewer_characters_in_a_row_are_nobodys_secret() -> None:
    piece = RULE[: LONGEST - 1]
    assert not repeats_prompt(piece)
    assert repeats_prompt(RULE[:LONGEST])


def test_titles_and_descriptions_lead_nowhere() -> None:
    assert replies.heading("The mill (https://evil.example/x) of Ostrel") == "The mill of Ostrel"
    assert replies.described("See www.evil.example for the javascript:alert(1) mill.") == "See for the mill."
    assert replies.heading(RULE) == replies.described(RULE) == ""
