"""Runs: everything that was asked for, how it stands, how it ended."""

from __future__ import annotations

import streamlit as st

from aiwriter.api.schemas import RunPage
from aiwriter.documents import RunStatus
from aiwriter.ports.lists import RunFilter
from dashboard import address, backend
from dashboard.components import pager
from dashboard.components.lists import rows, run_row
from dashboard.components.markup import h, link, show
from dashboard.components.notices import empty, guarded, page, page_head
from dashboard.timeline import RESTING
from dashboard.wording import STATUS_NAMES, count

LOOK_AGAIN_SECONDS = 3.0
_STATUS = [one.value for one in RunStatus]
SORTS = {"-created_at": "Newest first", "created_at": "Oldest first", "-finished_at": "Last ended first"}


def main() -> None:
    """The list, looked at again while something in it goes on."""
    page_head("Runs", "What was asked for: how far each is, and what became of it.")
    wanted, sort = _filters()
    part = _part(wanted, sort)
    if not part.total:
        _nothing(filtered=bool(wanted.status or wanted.model))
        return
    going_on = any(run.status not in RESTING for run in part.items)
    st.fragment(guarded(_listed), run_every=LOOK_AGAIN_SECONDS if going_on else None)(wanted, sort)
    pager.draw("runs", part.total)


def _filters() -> tuple[RunFilter, str]:
    with st.expander("Filter and sort"):
        first, second, third = st.columns(3)
        with first:
            status = st.multiselect(
                "Status",
                _STATUS,
                address.every("status", _STATUS),
                format_func=STATUS_NAMES.__getitem__,
                key="run-status",
            )
        with second:
            model = st.text_input(
                "Model", address.first("model"), key="run-model", placeholder="provider:model"
            ).strip()
        with third:
            sort = st.selectbox("Order", list(SORTS), format_func=SORTS.__getitem__, key="run-sort")
    address.keep(status=status, model=model)
    return RunFilter(status=status, model=[model] if model else []), sort


def _part(wanted: RunFilter, sort: str) -> RunPage:
    return pager.part("runs", lambda paging: backend.call(lambda api: api.runs(wanted, paging)), sort)


def _listed(wanted: RunFilter, sort: str) -> None:
    part = _part(wanted, sort)
    show(
        h("p", count(part.total, "run"), cls="soft small"),
        rows(map(run_row, part.items), "Runs"),
        key="runs",
    )


def _nothing(*, filtered: bool) -> None:
    if filtered:
        empty("No run is like that", "Take a filter away to see more.", key="nothing")
    else:
        empty("No run yet", "Whatever is asked for is kept here.", link("Ask for an article", ""), key="nothing")


if __name__ == "__main__":
    page(main, "Runs")
