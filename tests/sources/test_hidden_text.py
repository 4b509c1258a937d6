"""What a reader does not see reaches no source, and what was taken out is told."""

import pytest

from aiwriter.documents import BlockKind, SourceKind
from aiwriter.sources import html, pdf
from aiwriter.sources.extracted import Extracted, Piece, cleaned
from aiwriter.sources.normalise import clean_text
from aiwriter.testing.hostile_pages import PAYLOAD, SHOWN, STORY, deceptive_texts, hidden_pages, hidden_pdfs
from aiwriter.testing.pdf import Text, pdf_of

PAGES = hidden_pages()
PDFS = hidden_pdfs()
TEXTS = deceptive_texts()
WORDS = [word for word in PAYLOAD.split() if word not in SHOWN + STORY]
NOT_COUNTED = ("markup: comment", "markup: conditional", "markup: template", "markup: no ", "markup: alternative")
NOT_COUNTED += ("markup: attributes", "markup: drawing", "markup: video", "markup: script", "markup: processing")
NOT_COUNTED += ("markup: meta", "markup: input")


def text_of(extracted):
    return " ".join(" ".join(piece.text.split()) for piece in extracted.pieces)


@pytest.mark.parametrize("how", PAGES)
def test_a_page_hides_nothing_from_its_reader(how):
    found = cleaned(html.extract(PAGES[how]))
    text = text_of(found)
    assert [word for word in WORDS if word in text] == []
    assert STORY in text
    assert SHOWN in text
    assert text.isprintable()
    if how.startswith("invisible"):
        assert any(flag.startswith("invisible characters removed: ") for flag in found.flags)
    elif not how.startswith(NOT_COUNTED):
        assert found.flags == (f"hidden text removed: {len(PAYLOAD.replace(' ', ''))} characters",)


@pytest.mark.parametrize("how", PDFS)
def test_a_pdf_hides_nothing_from_its_reader(how):
    found = cleaned(pdf.extract(PDFS[how]))
    text = text_of(found)
    assert [word for word in WORDS if word in text] == []
    assert SHOWN in text
    assert any(flag.startswith("hidden text removed: ") for flag in found.flags)


@pytest.mark.parametrize("what", TEXTS)
def test_no_character_that_nobody_sees_is_kept(what):
    assert clean_text(TEXTS[what]) == "The mill burned down"


@pytest.mark.parametrize("what", ["tag block", "bidi controls", "zero width", "invisible operators", "blank letters"])
def test_deceptive_characters_are_counted(what):
    found = cleaned(Extracted(SourceKind.TEXT, (Piece(BlockKind.PARAGRAPH, TEXTS[what]),)))
    assert found.flags[0].startswith("invisible characters removed: ")


def test_honest_invisible_characters_are_no_finding():
    text = "Die Müh\u00adle \u2764\ufe0f und می\u200cخواهم"
    found = cleaned(Extracted(SourceKind.TEXT, (Piece(BlockKind.PARAGRAPH, text),)))
    assert found.flags == ()
    assert "می\u200cخواهم" in found.pieces[0].text


SEEN = {
    "white on dark": "<div style='background:#003'><p style='color:#fff'>{}</p></div>",
    "white on a picture": "<div style='background-image:url(a.png)'><p style='color:#fff'>{}</p></div>",
    "white on a gradient": "<div style='background:linear-gradient(#000,#333)'><p style='color:#fff'>{}</p></div>",
    "grey": "<p style='color:#767676'>{}</p>",
    "a rule of another class": "<style>.y{{display:none}}</style><p class='x'>{}</p>",
    "a rule for print": "<style>@media print{{.x{{display:none}}}}</style><p class='x'>{}</p>",
    "a rule that is overruled": "<style>.x{{display:none}} p.x{{display:block}}</style><p class='x'>{}</p>",
    "a rule for a state": "<style>.x:hover{{display:none}}</style><p class='x'>{}</p>",
    "what a rule adds": "<style>.x::after{{display:none}}</style><p class='x'>{}</p>",
    "closed details": "<details><summary>More</summary><p>{}</p></details>",
    "seen within the unseen": "<div style='visibility:hidden'><p style='visibility:visible'>{}</p></div>",
    "large within small": "<div style='font-size:0'><p style='font-size:16px'>{}</p></div>",
    "a small move": "<p style='margin-left:-20px;text-indent:-1em'>{}</p>",
    "nearly opaque": "<p style='opacity:.85'>{}</p>",
    "a dark theme": "<style>body{{background:#111;color:#eee}}</style><p>{}</p>",
    "a cut box": "<div style='height:400px;overflow:hidden'><p>{}</p></div>",
}


@pytest.mark.parametrize("how", SEEN)
def test_what_only_looks_hidden_is_read(how):
    body = f"<article><p>{STORY}</p>{SEEN[how].format(SHOWN)}</article>"
    found = html.extract(f"<html><head></head><body>{body}</body></html>".encode())
    assert SHOWN in text_of(found)
    assert found.flags == ()


def test_white_words_on_a_dark_ground_of_a_pdf_are_read():
    code = f"0 0 0.4 rg 60 630 500 30 re f 1 1 1 rg BT /F0 11 Tf 72 640 Td ({SHOWN}) Tj ET"
    found = pdf.extract(pdf_of([[Text(72, 700, STORY[:60])]], drawn={0: code}))
    assert SHOWN in text_of(found)
    assert found.flags == ()
