"""Which editor `aiwriter edit` opens, and what it says when it cannot."""

import pytest

from aiwriter.commands.editing import editor_of
from aiwriter.errors import BadInput


def test_the_visual_editor_goes_before_the_other():
    assert editor_of({"EDITOR": "ed", "VISUAL": "vi"}, is_terminal=True) == "vi"


def test_an_editor_that_is_set_is_not_asked_for_where_there_is_no_terminal():
    with pytest.raises(BadInput, match="'vi' cannot be opened: standard input is not a terminal") as raised:
        editor_of({"EDITOR": "vi"}, is_terminal=False)
    assert "EDITOR" not in str(raised.value.hint)
    assert "--from FILE" in str(raised.value.hint)


def test_without_an_editor_it_is_told_how_to_set_one():
    with pytest.raises(BadInput, match="no editor") as raised:
        editor_of({"EDITOR": ""}, is_terminal=True)
    assert "Set EDITOR" in str(raised.value.hint)
