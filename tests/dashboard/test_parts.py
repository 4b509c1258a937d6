"""What needs no page: words, differences, timelines, and trees of elements."""

import ast
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from aiwriter.api.schemas import SearchAnswer
from aiwriter.documents import Estimate, RunEvent, RunStatus
from aiwriter.testing import sample_study
from dashboard import wording
from dashboard.components import lists, study_parts
from dashboard.components.brief_form import estimate_line
from dashboard.components.diff import diff, words
from dashboard.components.markup import PAGES, coded, h, page_href, web
from dashboard.components.progress import progress, spoken
from dashboard.timeline import Timeline

RUN = UUID(int=1)
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


def told(*happened, start=1):
    return [
        RunEvent(run_id=RUN, seq=start + n, kind=kind, data=data, at=AT + timedelta(seconds=n))
        for n, (kind, data) in enumerate(happened)
    ]


def shown(node):
    return node if isinstance(node, str) else "".join(shown(child) for child in node["c"])


def test_an_estimate_says_what_the_budgets_mean_for_it():
    usd = Decimal("0.02")
    made = Estimate(
        model="m",
        model_calls=7,
        input_tokens=1,
        output_tokens=1,
        likely_usd=usd,
        most_usd=usd,
        seconds=None,
        basis="by rule",
    )
    told = made.model_copy(update={"caps": "$0.001 of this day's budget does not suffice"})
    assert "$0.001 of this day's budget does not suffice." in shown(estimate_line(told))
    short = made.model_copy(update={"likely_usd": Decimal(3), "most_usd": Decimal(1)})
    assert "Will cost $3.00, of which the budgets allow $1.00" in shown(estimate_line(short))


def test_what_unknown_calls_may_have_cost_is_told_as_a_bound():
    assert wording.spent(Decimal("0.0344"), 0, Decimal(0)) == "$0.0344"
    told = wording.spent(Decimal("0.0344"), 4, Decimal("0.0176"))
    assert told == "$0.0344, of which at most $0.0176 in 4 unknown calls"
    assert wording.spent(Decimal(0), 1, Decimal(0)) == "$0, 1 unknown call without a price"


# ── studies ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_study_names_the_engine_that_failed_and_why():
    told = shown(study_parts.searches(sample_study().study))
    assert "wikipediawikipedia: no connection" in told
    assert "custom3 found, 2 kept" in told


# ── timeline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stage_has_a_state_and_seconds():
    line = Timeline()
    line.add(told(("run.started", {}), ("stage.started", {"stage": "research", "item": ""})))
    assert (line.status, line.stages["research"].state) == (RunStatus.RUNNING, "working")
    line.add(told(("stage.finished", {"stage": "research", "item": "", "seconds": 2.5}), start=3))
    assert (line.stages["research"].state, line.stages["research"].seconds) == ("finished", 2.5)


def test_events_known_already_change_nothing():
    line = Timeline()
    events = told(("stage.finished", {"stage": "quality", "item": "", "seconds": 2.0}))
    line.add(events)
    line.add(events)
    assert line.stages["quality"].seconds == 2.0


def test_sections_are_counted_and_written_in_their_order():
    line = Timeline()
    line.add(
        told(
            ("run.started", {}),
            ("stage.started", {"stage": "sections", "item": "0"}),
            ("stage.started", {"stage": "sections", "item": "1"}),
            ("section.text", {"item": "10", "heading": "Last", "text": "z"}),
            ("section.text", {"item": "1", "heading": "Second", "text": "b"}),
            ("section.text", {"item": "0", "heading": "", "text": "a"}),
            ("section.text", {"item": "0", "heading": "", "text": "a and more"}),
            ("stage.finished", {"stage": "sections", "item": "1", "seconds": 4}),
        )
    )
    assert [section.text for section in line.written()] == ["a and more", "b", "z"]
    assert spoken(line) == "Writing, 1 of 2"


def test_a_stage_tells_what_its_calls_wait_for_until_its_text_comes():
    line = Timeline()
    held = {"stage": "sections", "item": "0", "model": "openai:x", "seconds": 40.2, "why": "its rates"}
    line.add(told(("run.started", {}), ("stage.started", {"stage": "sections", "item": "0"}), ("call.held_up", held)))
    assert "waits 40 s for openai:x" in shown(progress(line))
    line.add(told(("section.text", {"item": "0", "heading": "", "text": "a"}), start=4))
    assert "waits 40 s" not in shown(progress(line))


def test_the_text_as_it_came_is_not_taken_for_the_article_that_was_made_of_it():
    came = {"item": "0", "heading": "Quieter", "text": "The ferry sank in 1850."}
    timeline = Timeline()
    timeline.add(told(("run.started", {}), ("section.text", came)))
    assert "not all checked yet" in shown(progress(timeline))
    timeline.add(told(("run.finished", {"status": "done"}), start=3))
    assert "before it was checked and mended" in shown(progress(timeline))


def test_a_run_that_is_reclaimed_stops_and_goes_on():
    line = Timeline()
    line.add(told(("run.started", {}), ("stage.started", {"stage": "outline", "item": ""}), ("run.reclaimed", {})))
    assert (line.status, line.stages["outline"].state) == (RunStatus.QUEUED, "stopped")
    line.add(told(("run.started", {}), ("stage.started", {"stage": "outline", "item": ""}), start=4))
    assert line.stages["outline"].state == "working"


def test_the_end_of_a_run_has_its_reason_until_it_is_resumed():
    line = Timeline()
    line.add(told(("run.finished", {"status": "failed", "reason": "503"})))
    assert (line.status, line.reason) == (RunStatus.FAILED, "503")
    line.add(told(("run.resumed", {}), start=2))
    assert (line.status, line.reason) == (RunStatus.QUEUED, "")


def test_events_of_a_later_version_are_passed_over():
    line = Timeline()
    line.add(told(("run.sang", {}), ("stage.started", {"stage": "singing", "item": ""})))
    assert line.status is RunStatus.QUEUED


# ── differences ──────────────────────────────────────────────────────────────────────────────────────────────────────


def marks(nodes, tag):
    return [shown(node["c"][-1]) for node in nodes if isinstance(node, dict) and node["t"] == tag]


def test_words_that_changed_are_marked_both_ways():
    nodes = words("A full charge takes 38 minutes.", "A full charge takes 40 minutes.")
    assert (marks(nodes, "del"), marks(nodes, "ins")) == (["38"], ["40"])


def test_the_new_text_can_be_read_off_a_difference():
    before, after = "One two three four.", "One three four, and five."
    kept = [
        node if isinstance(node, str) else shown(node["c"][-1])
        for node in words(before, after)
        if "del" not in str(node)
    ]
    assert "".join(kept).split() == after.split()


def test_paragraphs_that_came_went_or_stayed_are_told_apart():
    node = diff(["stays as it is", "goes away entirely here"], ["stays as it is", "something else comes"])
    text = shown(node)
    assert "1 paragraph unchanged" in text
    assert "removed: goes away entirely here" in text
    assert "added: something else comes" in text


# ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_text_stays_text_and_loses_what_nobody_sees():
    node = h("p", "<b>a\u202eb\u0000</b>", None)
    assert node == {"t": "p", "a": {}, "c": ["<b>ab</b>"]}


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "https://[", "https://u@evil.example"],
)
def test_only_plain_web_addresses_become_links(address):
    assert web("title", address)["t"] == "span"


def test_a_link_leads_to_every_page_that_there_is():
    views = Path(wording.__file__).parent / "views"
    assert sorted(PAGES.values()) == sorted(one.stem for one in views.glob("[a-z]*.py"))


def test_addresses_of_pages_are_encoded():
    assert page_href("library", q="a&b=c d", kind=None) == "library?q=a%26b%3Dc+d"


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "no cap"),
        (Decimal(0), "$0"),
        (Decimal("0.0213"), "$0.0213"),
        (Decimal("0.05"), "$0.05"),
        (Decimal("1234.5"), "$1,234.50"),
    ],
)
def test_money_is_said_as_exactly_as_it_matters(amount, said):
    assert wording.money(amount) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, "–"), (0.42, "0.4 s"), (12, "12 s"), (185, "3 min 5 s"), (3840, "1 h 4 min")]
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert wording.lasting(seconds) == said


def test_a_text_is_cut_at_a_word():
    assert wording.short("one two three four", 10) == "one two…"


def test_a_title_that_was_found_is_not_said_twice():
    found = {
        "article_id": RUN,
        "title": "Quiet ships",
        "kind": "article",
        "status": "accepted",
        "similarity": 1,
        "version": 1,
    }
    by_title = lists.answer_row(SearchAnswer(**found, excerpt="Quiet  ships", by="words"))
    assert str(by_title).count("Quiet ships") == 1
    assert "No noise" in str(lists.answer_row(SearchAnswer(**found, excerpt="No noise", by="words")))


def test_a_time_is_said_in_the_zone_of_whoever_reads_it():
    assert wording.instant(AT, "America/New_York").endswith(" EST")
    assert wording.instant(AT, "Asia/Kolkata").endswith(" IST")
    assert wording.instant(AT, "America/Sao_Paulo").endswith(" UTC-03")  # a zone without letters of its own
    assert wording.instant(AT, "nowhere") == wording.instant(AT, None)
    assert wording.instant(AT, None).endswith(" UTC")


def test_how_long_ago_is_said_coarsely():
    assert wording.ago(AT, AT + timedelta(seconds=5)) == "just now"
    assert wording.ago(AT, AT + timedelta(hours=3)) == "3 h ago"
    assert wording.ago(AT, AT + timedelta(days=9)) == "25 November 2026"


@pytest.mark.parametrize(
    ("rule", "said"),
    [("seo.title_length", "SEO: title length"), ("support.name", "Support: name"), ("private", "Private data")],
)
def test_rules_are_said_as_people_say_them(rule, said):
    assert wording.rule_name(rule) == said


def test_places_of_our_articles_are_taken_out_of_a_remark_and_known_by_their_ids():
    said = f"It is that of “Ferries” (archive://{RUN}/2); 50% is the limit."
    assert wording.without_places(said) == ("It is that of “Ferries”; 50% is the limit.", [str(RUN)])
    assert wording.without_places("archive: see https://a.example/1") == ("archive: see https://a.example/1", [])


def test_what_is_to_be_typed_is_set_apart():
    node = coded("Try `aiwriter gate`, or wait.")
    assert shown(node) == "Try aiwriter gate, or wait."
    assert [part["t"] for part in node["c"] if isinstance(part, dict)] == ["code"]


# ── defects ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def broken():
    from dashboard.components.notices import guarded

    guarded(lambda: 1 / 0)()


def test_a_defect_is_told_in_our_words_with_where_the_log_is_and_what_to_do():
    page = AppTest.from_function(broken, default_timeout=30).run()
    told = "".join(element.proto.json for element in page.get("bidi_component"))
    assert not page.exception
    assert "its cause is not known here" in told
    assert "logs/dashboard.log" in told
    assert "`" not in told  # set apart, not in the marks of Markdown
    assert "try again" in told


def test_no_fragment_and_no_dialog_is_drawn_without_its_guard():
    """An error in one of them never reaches the page that it stands on."""
    drawn = []
    for file in sorted(Path("dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.fragment":
                drawn.append(ast.unparse(node.args[0]).startswith("guarded("))
            if isinstance(node, ast.FunctionDef):
                names = [ast.unparse(one).partition("(")[0] for one in node.decorator_list]
                if {"st.fragment", "st.dialog"} & set(names):
                    drawn.append(names[-1] == "guarded")
    assert drawn
    assert all(drawn)
