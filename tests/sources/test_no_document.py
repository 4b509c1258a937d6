"""A page that stands where a document should be (a login, an error, a check of the browser) is no source."""

from __future__ import annotations

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.html import extract

FORM = "<form><label>Email<input name=email></label><label>Password<input type=password></label></form>"
STORY = "<p>" + "The night ferry of Ostrel carried 132 passengers a day across the sound in 1887. " * 12 + "</p>"


def page(body: str, title: str = "Ferry news", head: str = "") -> bytes:
    return f"<html lang=en><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("body", "title", "why"),
    [
        (f"<h1>Sign in</h1><p>You must be logged in to read this.</p>{FORM}<p>No account?</p>", "Sign in", "login"),
        (f"<main><h1>Weiter</h1><p>Bitte melden Sie sich an, um weiterzulesen.</p>{FORM}</main>", "Zeitung", "login"),
        ("<h1>404 - Page not found</h1><p>Sorry, it does not exist or was moved.</p>", "Ferry news", "no such page"),
        ("<p>Diese Adresse gibt es nicht, oder nicht mehr.</p>", "Seite nicht gefunden | Zeitung", "no such page"),
        ("<h1>Checking your browser</h1><p>This process is automatic.</p>", "Just a moment...", "robot"),
        ("<h2>We value your privacy</h2><p>We and our 842 partners store cookies. Accept?</p>", "News", "cookies"),
    ],
)
def test_what_stands_there_instead_of_a_document_is_refused_with_its_kind(body: str, title: str, why: str) -> None:
    with pytest.raises(UnreadableSource, match=why) as refused:
        extract(page(body, title))
    assert refused.value.hint


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (f"<header>{FORM}</header><main><h1>The ferry</h1><p>The ferry sails at nine.</p></main>", "The ferry"),
        (f"<main><h1>The ferry</h1>{STORY}{FORM}</main>", "The ferry"),
        (f"<main><h1>Page not found: how a ferry was lost</h1>{STORY}</main>", "Page not found"),
        ("<h2>We value your privacy</h2><p>Accept?</p><h1>The ferry</h1><p>It sails at nine.</p>", "The ferry"),
        ("<main><h1>Route 404</h1><p>Bus 404 leaves at nine for the quay.</p></main>", "Route 404"),
        ("<main><h1>Gold not found in Ostrel</h1><p>The mine was closed in 1887.</p></main>", "Gold not found"),
    ],
)
def test_a_document_that_only_looks_a_little_like_it_is_read(body: str, title: str) -> None:
    assert extract(page(body, title)).pieces


def test_a_page_that_only_leads_on_says_where() -> None:
    refresh = "<meta http-equiv=Refresh content='0; URL=/real.html'>"
    with pytest.raises(UnreadableSource, match=r"only leads to '/real\.html'"):
        extract(page("<p>You will be redirected.</p>", head=refresh))
    for kept in ("<meta http-equiv=refresh content=300>", f"<noscript>{refresh}</noscript>"):
        assert extract(page(STORY, head=kept)).pieces
    assert extract(page(STORY, head=refresh)).pieces


def test_a_page_of_frames_names_them() -> None:
    with pytest.raises(UnreadableSource, match=r"frames.*menu\.html, main\.html"):
        extract(b"<html><frameset cols='20%,80%'><frame src=menu.html><frame src=main.html></frameset></html>")
