"""The outline of a run that waits for a person: rename, reorder, drop, approve."""

from __future__ import annotations

from typing import Any

import streamlit as st

from aiwriter.api.schemas import OutlineView
from aiwriter.documents import Outline, SectionPlan
from dashboard.components.markup import h, show
from dashboard.wording import count, one_line, short

Rows = list[dict[str, Any]]


def edit(view: OutlineView) -> Outline:
    """Draw the outline for editing and return it as it stands now."""
    rows = _rows(view)
    title = st.text_input("Title", value=view.outline.title, key=f"outline-title-{view.run_id}")
    for place, row in enumerate(rows):
        _section(view, rows, place, row)
    dropped = len(view.outline.sections) - len(rows)
    if dropped and st.button(f"Put {count(dropped, 'dropped section')} back", type="tertiary", key="outline-back"):
        del st.session_state[_key(view)]
        st.rerun()
    sections = tuple(_plan(view, row) for row in rows)
    return view.outline.model_copy(update={"title": title.strip() or view.outline.title, "sections": sections})


def _key(view: OutlineView) -> str:
    return f"outline-{view.run_id}"


def _rows(view: OutlineView) -> Rows:
    """The sections in the order that the person gave them; `n` is a section's place in the plan."""
    if _key(view) not in st.session_state:
        st.session_state[_key(view)] = [{"n": number} for number in range(len(view.outline.sections))]
    rows: Rows = st.session_state[_key(view)]
    return rows


def _field(view: OutlineView, row: dict[str, Any], name: str) -> str:
    return f"outline-{name}-{view.run_id}-{row['n']}"


def _section(view: OutlineView, rows: Rows, place: int, row: dict[str, Any]) -> None:
    plan = view.outline.sections[row["n"]]
    with st.container(border=True, key=f"outline-section-{row['n']}"):
        st.text_input(
            f"Heading of section {place + 1}",
            value=plan.heading,
            key=_field(view, row, "heading"),
            placeholder="no heading: the introduction",
        )
        st.text_input(
            f"What section {place + 1} is to say", value=plan.purpose, key=_field(view, row, "purpose"), max_chars=500
        )
        with st.container(horizontal=True, gap="xsmall"):
            _mover(rows, place, -1)
            _mover(rows, place, 1)
            if st.button(
                "Drop",
                key=f"outline-drop-{row['n']}",
                help=f"Leave section {place + 1} out",
                disabled=len(rows) == 1,
            ):
                rows.pop(place)
                st.rerun()
        _evidence(view, plan, row)


def _mover(rows: Rows, place: int, step: int) -> None:
    there = place + step
    label = "Up" if step < 0 else "Down"
    possible = 0 <= there < len(rows)
    spoken = f"Move section {place + 1} {label.lower()}"
    if st.button(label, key=f"outline-{label.lower()}-{rows[place]['n']}", help=spoken, disabled=not possible):
        rows[place], rows[there] = rows[there], rows[place]
        st.rerun()


def _evidence(view: OutlineView, plan: SectionPlan, row: dict[str, Any]) -> None:
    """The passages that the section may use."""
    texts = {passage.id: passage.text for passage in view.passages}
    quoted = [h("li", short(texts[key], 220)) for key in plan.passages if key in texts]
    show(
        h(
            "details",
            h(
                "summary",
                f"{count(len(plan.passages), 'passage')}, about {count(plan.words, 'word')}",
                cls="small soft",
            ),
            h("ul", *quoted, cls="small quoted"),
        ),
        key=_field(view, row, "evidence"),
    )


def _plan(view: OutlineView, row: dict[str, Any]) -> SectionPlan:
    plan: SectionPlan = view.outline.sections[row["n"]]
    heading = st.session_state.get(_field(view, row, "heading"), plan.heading)
    purpose = st.session_state.get(_field(view, row, "purpose"), plan.purpose)
    return plan.model_copy(update={"heading": one_line(str(heading)), "purpose": one_line(str(purpose))})
