"""The dashboard's frame: name, pages, style. Run it from the root: `python -m streamlit run dashboard/app.py`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.components.notices import guarded

ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    """Draw the frame and, in it, the page that the address names."""
    st.set_page_config(page_title="AI-Writer", page_icon=str(ASSETS / "icon.png"), layout="wide")
    st.html(ASSETS / "style.css")
    shown = [
        st.Page("views/write.py", title="Write", default=True),
        st.Page("views/research.py", title="Research"),
        st.Page("views/check.py", title="Check"),
        st.Page("views/library.py", title="Library"),
        st.Page("views/sources.py", title="Sources"),
        st.Page("views/runs.py", title="Runs"),
        st.Page("views/analytics.py", title="Analytics"),
        st.Page("views/budgets.py", title="Budgets"),
    ]
    behind = [
        st.Page("views/article.py", title="Article", visibility="hidden"),
        st.Page("views/run.py", title="Run", visibility="hidden"),
    ]
    page = st.navigation([*shown, *behind], position="hidden")
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="masthead"):
        st.markdown("**AI-Writer**", width="content")
        for item in shown:
            st.page_link(item)
    guarded(page.run)()


if __name__ == "__main__":
    main()
