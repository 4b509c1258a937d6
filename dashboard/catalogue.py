"""What every visitor is told alike, asked for once a process and while: formats, models, how the house stands."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from aiwriter.api.offers import ModelHead
from aiwriter.api.schemas import SystemFigures
from aiwriter.documents import Brief, Estimate, FormatHead
from dashboard import backend


def formats() -> tuple[FormatHead, ...]:
    """The content formats that may be asked for."""
    return _formats(backend.address())


def models() -> tuple[ModelHead, ...]:
    """The models that may be asked for."""
    return _models(backend.address())


def forget_models() -> None:
    """What was known of them is out of date."""
    _models.clear()


def system() -> SystemFigures:
    """How the whole stands, as it was a few seconds ago at most."""
    return _system(backend.address())


def estimate(brief: Brief, model: str | None, budget_usd: Decimal | None) -> Estimate:
    """What a run will probably take; the same question within half a minute is not asked again."""
    return _estimate(backend.address(), brief.fingerprint, model, budget_usd, brief)


# Arguments that begin with _ are not part of the key under which Streamlit keeps the answer.


@st.cache_data(ttl=60, show_spinner=False)
def _formats(address: str) -> tuple[FormatHead, ...]:  # noqa: ARG001 - part of the key
    return backend.call(lambda api: api.formats())


@st.cache_data(ttl=20, show_spinner=False)
def _models(address: str) -> tuple[ModelHead, ...]:  # noqa: ARG001 - part of the key
    return backend.call(lambda api: api.models())


@st.cache_data(ttl=5, show_spinner=False)
def _system(address: str) -> SystemFigures:  # noqa: ARG001 - part of the key
    return backend.call(lambda api: api.system_figures())


@st.cache_data(ttl=30, show_spinner=False)
def _estimate(
    address: str,  # noqa: ARG001 - part of the key
    fingerprint: str,  # noqa: ARG001 - part of the key
    model: str | None,
    budget_usd: Decimal | None,
    _brief: Brief,
) -> Estimate:
    return backend.call(lambda api: api.estimate(_brief, model, budget_usd))
