"""The reviewer's report to take along, and a person's word that a finding does not hold."""

from __future__ import annotations

import streamlit as st

from aiwriter.documents import Article
from aiwriter.errors import AIWriterError
from dashboard import backend
from dashboard.components.notices import problem
from dashboard.wording import one_line


def report(article: Article) -> None:
    """The report on this version as a page."""
    page = backend.call(lambda api: api.report(article.id, article.version))
    name = f"{article.slug or article.id}.report.html"
    st.download_button("Reviewer's report", page, file_name=name, mime="text/html", key="report", on_click="ignore")


def dismiss(article: Article) -> None:
    """Choose a finding that still counts, say why it does not hold; the new version is judged without it."""
    found = (finding for finding in article.quality.findings if not finding.is_measure)
    still = {finding.id: finding for finding in found if finding.dismissed is None}
    if not still:
        return
    with st.form("dismiss"):  # a reason that was refused, or came too late, stays to be sent again
        chosen = st.selectbox(
            "A finding that does not hold", list(still), format_func=lambda key: one_line(still[key].message)
        )
        reason = st.text_input("Why it does not hold", max_chars=1000, key=f"dismiss-reason-{article.version}")
        if st.form_submit_button("Dismiss it", key="dismiss-it") and chosen:
            try:
                judged = backend.call(lambda api: api.dismiss(article.id, article.version, chosen, reason))
            except AIWriterError as error:
                problem(error, key="dismiss-problem")
                return
            st.toast(f"Dismissed. Version {judged.version} is judged without it.")
            st.rerun()
