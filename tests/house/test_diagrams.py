"""What docs/architecture shows of the code is drawn from the code as it is; what it says is proven is tested there."""

from __future__ import annotations

import re

import pytest

from aiwriter.storage.tables import tables
from scripts import diagrams

MENDED = "draw it anew: python scripts/diagrams.py"
PAGES = sorted(diagrams.PAGES.glob("*.md"))
PROOF = re.compile(r"\[([a-z0-9 ]+)\]\(\.\./\.\./(tests/[\w/]+\.py)\)")  # a test's name as a sentence, and its file


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_a_page_shows_of_the_code_is_as_the_code_is(path):
    page = path.read_text(encoding="utf-8")
    for block in diagrams.BLOCK.finditer(page):
        assert diagrams.redrawn(block.group()) == block.group(), f"{block[2]} in {path.name}: {MENDED}"


def test_all_that_can_be_drawn_is_shown_once():
    shown = [block[2] for path in PAGES for block in diagrams.BLOCK.finditer(path.read_text(encoding="utf-8"))]
    assert sorted(shown) == sorted(diagrams.DRAWN)


def test_every_table_has_its_promise():
    page = (diagrams.PAGES / "database_schema.md").read_text(encoding="utf-8")
    promises = page.partition("promises\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", promises, re.MULTILINE) == list(tables.tables)


def test_every_line_of_the_threat_model_names_a_test_that_is_there(root):
    page = (diagrams.PAGES / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!---|threat).*\|$", page, re.MULTILINE)
    unproven = [row for row in rows if not PROOF.search(row)]
    missing = [
        f"{path}: {words}"
        for words, path in PROOF.findall(page)
        if f"test_{words.replace(' ', '_')}" not in names_in(root / path)
    ]
    assert rows
    assert (unproven, missing) == ([], [])


@pytest.mark.parametrize("path", [*PAGES, diagrams.ROOT / "docs/operating.md"], ids=lambda path: path.stem)
def test_the_files_that_a_page_names_are_there(path, root):
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.py)`", path.read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if not ((root / name).exists() or (root / "aiwriter" / name).exists())] == []


def names_in(path) -> set[str]:
    return {one.name for one in diagrams.functions(diagrams.tree(path))} if path.exists() else set()


# ── that drawing itself can be believed ──────────────────────────────────────────────────────────────────────────────

FLOW = '''
from prefect import flow, task

@task(name="read", **policies.SOME)
async def read_it(run_id):
    return await records.once(run_id, Stage.RESEARCH, SourcesRecord, work)

@task(name="write")
async def write_it(run_id, index): ...

async def all_sections(run_id):
    await asyncio.gather(*(write_it.with_options(name="x")(run_id, index) for index in range(await read_it(run_id))))

@flow(name="a-flow")
async def a_flow(run_id):
    """What it does. And more."""
    async with held(run_id):
        if (left := await waits(run_id)) is not None:
            return Failed(name="Waiting")
        if unimportant:
            count = 1
        await all_sections(run_id)
    return Completed()
'''


def test_a_flow_is_drawn_as_it_is_written(tmp_path):
    path = tmp_path / "a_flow.py"
    path.write_text(FLOW)
    steps = diagrams.tasks_in([path])
    flow = next(one for one in diagrams.functions(diagrams.tree(path)) if one.name == "a_flow")
    assert diagrams.Chart(path, flow, steps).drawn().splitlines() == [
        "```mermaid",
        "flowchart TB",
        '    n1(["a_flow(run_id)"])',
        '    n2{"waits(run_id) is not None?"}',
        "    n1 --> n2",
        '    n3(["Waiting"])',
        '    n2 -- "yes" --> n3',
        '    n4["<b>read</b><br/>SOME<br/>keeps SourcesRecord"]',
        '    n2 -- "no" --> n4',
        '    n5[["<b>write</b><br/>each, side by side"]]',
        "    n4 --> n5",
        '    n6(["Waiting · Completed"])',
        "    n5 --> n6",
        "```",
    ]


TOGETHER = """
@task(name="plan")
async def plan_it(run_id): ...

@task(name="compare")
async def compare_it(run_id): ...

@task(name="store")
async def store_it(run_id): ...

async def a_flow(run_id):
    await all_of(2, plan_it(run_id), compare_it(run_id))
    await store_it(run_id)
"""


def test_what_is_waited_for_together_begins_at_one_place_and_meets_again(tmp_path):
    path = tmp_path / "a_flow.py"
    path.write_text(TOGETHER)
    flow = next(one for one in diagrams.functions(diagrams.tree(path)) if one.name == "a_flow")
    drawn = diagrams.Chart(path, flow, diagrams.tasks_in([path])).drawn().splitlines()
    assert [line.strip() for line in drawn if "-->" in line] == [
        "n1 --> n2",
        "n1 --> n3",
        "n2 --> n4",
        "n3 --> n4",
        "n4 --> n5",
    ]


def test_an_arrow_that_others_imply_is_left_out_and_no_other():
    graph = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": {"c"}}
    assert diagrams.reduced(graph) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": {"c"}}


def test_rooms_that_import_one_another_in_a_circle_are_named():
    with pytest.raises(SystemExit, match="circle"):
        diagrams.from_the_top({"a": {"b"}, "b": {"a"}})


def test_a_page_that_was_changed_by_hand_is_mended_by_the_command(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- drawn: policies -->\nby hand\n<!-- end -->\nafter\n")
    assert diagrams.main(["--check"], tmp_path) == 1
    assert "by hand" in page.read_text()
    assert diagrams.main([], tmp_path) == 0
    assert page.read_text().startswith("before\n<!-- drawn: policies -->\n\n| policy |")
    assert page.read_text().endswith("<!-- end -->\nafter\n")
    assert diagrams.main(["--check"], tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing to draw"
