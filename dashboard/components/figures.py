"""Plotly figures in the colours of the page; each has its numbers as a table beside it, drawn by the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING

import streamlit as st

from aiwriter.documents import ScorePart
from dashboard.timeline import StageView
from dashboard.wording import STAGE_NAMES, one_line, said, short

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Told apart by lightness as well as by colour; each has 3:1 or more against the page.
_LIGHT = ("#1f7a74", "#c27a1a", "#6a5fa8", "#b0444f", "#4f7d32", "#3b73ab", "#857459")
_DARK = ("#5fc0b8", "#e0a458", "#a79be0", "#e08a90", "#93c474", "#7fb3e0", "#c4b394")
_MARKS = (("circle", "solid"), ("diamond", "dash"), ("square", "dot"), ("triangle-up", "dashdot"))
RED = 3  # of both: what is missing
GREY = 6
_OUTCOMES = {"supported": 4, "vouched": 5, "unsure": 1, "unsupported": RED}
_CONFIG = {"displayModeBar": False, "displaylogo": False, "staticPlot": False, "scrollZoom": False}
HEIGHT = 300
_PART = "%{y}: %{customdata}<extra></extra>"
LABEL = 34  # letters of a question beside its bar: a phone shows them, and the bar
FEW = 6  # up to so many, each whole number has its line


def draw(figure: go.Figure, alt: str, *, key: str) -> None:
    """Show the figure; `alt` says for those who cannot see it what it shows."""
    st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)


def bars(series: Mapping[str, Sequence[float]], over: Sequence[date], unit: str = "") -> go.Figure:
    """Stacked bars over days."""
    import plotly.graph_objects as go

    figure = go.Figure(
        [go.Bar(name=plain(name), x=list(over), y=list(values)) for name, values in series.items()],
    )
    return _over(_calm(figure, unit, stacked=True), over)


def lines(series: Mapping[str, Sequence[float]], at: Sequence[date], over: Sequence[date], unit: str = "") -> go.Figure:
    """Lines through the days that have values, on an axis of all days of the period; told apart by their marks and
    dashes as well as by their colours. The first is the main one."""
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Scatter(name=plain(name), x=list(at), y=list(values), mode="lines+markers")
            for name, values in series.items()
        ],
    )
    _calm(figure, unit)
    for trace, (symbol, dash) in zip(figure.data, cycle(_MARKS), strict=False):
        trace.update(marker={"symbol": symbol, "size": 7}, line={"dash": dash})
    figure.data[0].update(line={"width": 3})
    return _over(figure, over)


def _over(figure: go.Figure, days: Sequence[date]) -> go.Figure:
    """The whole period on the axis, in days."""
    half = timedelta(hours=12)
    ends = [datetime.combine(day, time()) for day in (days[0], days[-1])]
    figure.update_xaxes(type="date", range=[ends[0] - half, ends[1] + half], tickformat="%d %b", hoverformat="%d %b %Y")
    highest = max((sum(values) for values in zip(*(trace.y for trace in figure.data), strict=True)), default=0)
    if highest == round(highest) and highest <= FEW:
        figure.update_yaxes(dtick=1, range=[0, highest + 0.3])
    return figure


def ranking(values: Mapping[str, float], unit: str = "") -> go.Figure:
    """Lying bars, the largest on top."""
    import plotly.graph_objects as go

    ordered = sorted(values.items(), key=lambda pair: pair[1])
    names = [plain(name) for name, _ in ordered]
    figure = go.Figure([go.Bar(x=[v for _, v in ordered], y=names, orientation="h")])
    figure.update_layout(height=max(160, 60 + 30 * len(ordered)))
    figure.update_xaxes(title=unit or None)
    return _calm(figure, "", height=None)


def answers(rows: Sequence[tuple[str, str, float]]) -> go.Figure:
    """Lying bars of confidence, by question in the order given; what is answered, partly and missing each a colour."""
    import plotly.graph_objects as go

    names = [plain(f"{number}. {short(question, LABEL)}") for number, (question, _, _) in enumerate(rows, 1)]
    series = {
        answer: [share if answer == of else None for _, of, share in rows]
        for answer in ("answered", "partly", "missing")
    }
    figure = go.Figure(
        [
            go.Bar(name=said(answer), x=shares, y=names, orientation="h", hovertemplate="%{x:.0%}<extra></extra>")
            for answer, shares in series.items()
        ]
    )
    _calm(figure, "", height=90 + 28 * len(names), stacked=True)
    _missing(figure)
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure


def score(parts: Sequence[ScorePart]) -> go.Figure:
    """Lying bars of the points that each part of a score brings, and of those it leaves, in the order given."""
    import plotly.graph_objects as go

    names = [plain(part.title) for part in parts]
    weights = [part.weight * 100 for part in parts]
    won = [part.weight * part.score for part in parts]
    lost = [most - got for most, got in zip(weights, won, strict=True)]
    told = [
        f"{got:.1f} of {most:.1f} points: {p.score:.0f} %" for p, got, most in zip(parts, won, weights, strict=True)
    ]
    figure = go.Figure(
        [
            go.Bar(name=name, x=points, y=names, orientation="h", customdata=told, hovertemplate=_PART)
            for name, points in (("Points", won), ("Lost", lost))
        ]
    )
    _calm(figure, "", height=90 + 26 * len(names), stacked=True)
    _missing(figure)
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title_text="points of 100")
    return figure


def outcomes(rows: Sequence[tuple[str, str, int]]) -> go.Figure:
    """Lying bars: of how many sentences each outcome is, by (outcome, name, number); what is not supported is red, and
    hatched for whoever cannot tell red from green."""
    import plotly.graph_objects as go

    colours = _DARK if st.context.theme.type == "dark" else _LIGHT
    names = [plain(name) for _, name, _ in rows]
    figure = go.Figure([go.Bar(x=[number for _, _, number in rows], y=names, orientation="h")])
    _calm(figure, "", height=70 + 34 * len(names))
    of = [colours[_OUTCOMES.get(outcome, GREY)] for outcome, _, _ in rows]
    hatched = ["/" if outcome == "unsupported" else "" for outcome, _, _ in rows]
    figure.update_traces(
        marker={"color": of, "pattern": {"shape": hatched, "solidity": 0.3}}, hovertemplate="%{y}: %{x}<extra></extra>"
    )
    figure.update_yaxes(autorange="reversed")
    most = max((number for _, _, number in rows), default=0)
    figure.update_xaxes(title="sentences", rangemode="tozero", **({"dtick": 1} if most <= FEW else {}))
    return figure


def dates(named: Sequence[tuple[str, datetime]]) -> go.Figure:
    """A dot for each of them on a line of time."""
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Scatter(
                x=[moment for _, moment in named],
                y=[0] * len(named),
                text=[plain(short(name)) for name, _ in named],
                mode="markers",
                hovertemplate="%{text}<br>%{x|%d %b %Y}<extra></extra>",
            )
        ]
    )
    _calm(figure, "", height=120)
    figure.update_traces(marker={"size": 11, "opacity": 0.75})
    figure.update_yaxes(visible=False, range=[-1, 1])
    return figure


def plain(text: str) -> str:
    """Text of others as Plotly shows it letter for letter: it reads some HTML in labels."""
    return escape(one_line(text), quote=False)


def stages(spans: Sequence[tuple[str, StageView]]) -> go.Figure:
    """When each stage began and how long it took, in seconds from the first on."""
    import plotly.graph_objects as go

    first = min(stage.began for _, stage in spans if stage.began is not None)
    names = [STAGE_NAMES.get(name, name) for name, _ in spans]
    figure = go.Figure(
        [
            go.Bar(
                x=[stage.seconds for _, stage in spans],
                base=[(stage.began - first).total_seconds() if stage.began else 0 for _, stage in spans],
                y=names,
                orientation="h",
                hovertemplate="%{y}: %{x:.1f} s<extra></extra>",
            )
        ]
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="seconds")
    return _calm(figure, "", height=60 + 34 * len(names))


def _missing(figure: go.Figure) -> None:
    """The last bars are what is not there: red, and hatched for whoever cannot tell red from green."""
    red = (_DARK if st.context.theme.type == "dark" else _LIGHT)[RED]
    figure.data[-1].update(marker={"color": red, "pattern": {"shape": "/", "solidity": 0.3}})


def _calm(figure: go.Figure, unit: str, *, stacked: bool = False, height: int | None = HEIGHT) -> go.Figure:
    dark = st.context.theme.type == "dark"
    ink = "#a8a297" if dark else "#5d574e"
    figure.update_layout(
        font={"color": ink},
        barmode="stack" if stacked else "group",
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        showlegend=len(figure.data) > 1,
        hovermode="x unified" if unit else "closest",
        dragmode=False,
    )
    if height:
        figure.update_layout(height=height)
    for trace, colour in zip(figure.data, cycle(_DARK if dark else _LIGHT), strict=False):
        trace.update(marker={"color": colour})
        if trace.type == "scatter":
            trace.update(line={"color": colour, "width": 2})
    text = {
        "tickfont": {"color": ink},
        "title_font": {"color": ink},
        "title_standoff": 14,
        "automargin": True,
        "fixedrange": True,
    }
    figure.update_yaxes(title=unit or None, rangemode="tozero", **text)
    figure.update_xaxes(**text)
    return figure
