"""Budgets: what the workspace, each day and each provider may spend, and how much of it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from aiwriter.documents import Budget
from aiwriter.errors import AIWriterError, Forbidden
from dashboard import address, backend, catalogue
from dashboard.components import shared_budgets
from dashboard.components.markup import coded, h, show
from dashboard.components.notices import notice, page, page_head, problem


def main() -> None:
    """How they stand, and a form that sets a cap; whether the dashboard's key may, the API says."""
    page_head(
        "Budgets", "Caps that no model call passes, for all runs together. That of one run is set where it is asked."
    )
    told = "Caps are set with a key of the scope admin. The dashboard of `aiwriter up` has none: use a command line."
    show(h("p", coded(told), cls="soft small"), key="who-sets")
    found = shared_budgets.listed()
    show(shared_budgets.all_of(found), key="budgets")
    _set(found)


def _set(found: Sequence[Budget]) -> None:
    names = _names(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.selectbox(
            "Budget",
            names,
            names.index(address.first("budget", names, names[0])),
            format_func=lambda name: shared_budgets.WHOSE.get(name, name),
            key="budget-of",
            width=240,
        )
        cap = st.number_input(
            "May spend at most, in dollars",
            min_value=0.0001,
            max_value=1_000_000.0,
            value=None,
            step=0.5,
            format="%.4f",
            key="cap",
            placeholder="no cap",
            width=240,
        )
        if st.button("Set the cap", type="primary", key="set-cap", disabled=cap is None):
            _put(what, Decimal(str(cap)))
        is_capped = any(one.cap_usd is not None and shared_budgets.name_of(one) == what for one in found)
        if st.button("Take the cap away", key="no-cap", disabled=not is_capped):
            _put(what, None)


def _names(found: Sequence[Budget]) -> list[str]:
    """The workspace, the day, then every provider that is known."""
    models = [part for one in catalogue.models() for part in one.name.split(", ")]
    providers = {name.partition(":")[0] for name in models} - {"offline"}
    return [*shared_budgets.WHOSE, *sorted(providers | {one.scope_id for one in found if one.scope == "provider"})]


def _put(what: str, cap_usd: Decimal | None) -> None:
    try:
        backend.call(lambda api: api.set_budget(what, cap_usd))
    except Forbidden as error:
        amount = "none" if cap_usd is None else f"{cap_usd:f}"
        step = f"At a command line: `aiwriter budgets set {what} {amount}`; or give the dashboard a key that may."
        title = "The dashboard's key may not do this"
        show(notice(title, str(error), error.hint, tone="red", next_step=step), key="not-set")
    except AIWriterError as error:
        problem(error, key="not-set")
    else:
        st.rerun()


if __name__ == "__main__":
    page(main, "Budgets")
