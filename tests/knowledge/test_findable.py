"""What can be found of a source: its passages, and its code, which is evidence of nothing."""

from aiwriter.knowledge.chunking import MAX_WORDS, chunk
from aiwriter.knowledge.findable import findable
from tests.knowledge.test_chunking import CODE, H1, H2, P, prose, source_of

PROGRAM = "def fee(berths):\n    return 40 * berths"


def test_code_is_found_under_its_headings_and_prose_is_cut_as_ever():
    source = source_of((H1, "Pier"), (P, prose(2)), (H2, "Fees"), (P, "Like this:"), (CODE, PROGRAM), (P, prose(3)))
    found = findable(source)
    assert [one.text for one in found] == [prose(2), PROGRAM, prose(3)]
    assert found[1].headings == ("Pier", "Fees")
    assert [one.id for one in found if one.text != PROGRAM] == [one.id for one in chunk(source)]


def test_long_code_is_cut_between_its_lines_and_lines_without_a_letter_are_left_out():
    lines = [f"berth_{number} = {number} * 40  # euros a night" for number in range(100)]
    found = findable(source_of((CODE, "\n".join(lines)), (CODE, "{}\n---")))
    assert [line for one in found for line in one.text.splitlines()] == lines
    assert all(len(one.text.split()) <= MAX_WORDS for one in found)
