"""The Examiner port made of Great Expectations. It costs seconds to import, so it is imported where it is used: once a
batch or a night, never for one article."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

from aiwriter.errors import Unavailable
from aiwriter.gate.data_docs import offline
from aiwriter.ports import Examined, Expectation, Suite

NAMES = ["Title", "Version", "Article id"]  # what a page calls a failing row
_SITE = "pages"


class GreatExaminer:
    """Runs one checkpoint over all suites, in a thread; everything it makes lies in a folder that is then removed."""

    async def examine(self, suites: Sequence[Suite]) -> tuple[list[Examined], dict[str, bytes]]:
        """Raises Unavailable when Great Expectations is not installed."""
        if not suites:
            return [], {}
        return await asyncio.to_thread(_examine, suites)


def _examine(suites: Sequence[Suite]) -> tuple[list[Examined], dict[str, bytes]]:
    gx = _library()
    with tempfile.TemporaryDirectory(prefix="aiwriter-gate-") as folder:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder}
        context.add_data_docs_site(site_name=_SITE, site_config={"class_name": "SiteBuilder", "store_backend": store})
        examined: list[Examined] = []
        pages: dict[str, bytes] = {}
        for suite in suites:
            name = _file_name(suite.name)
            if f"{name}.html" in pages:  # formats of one's own may be called nearly alike
                name = f"{name}-{len(pages)}"
            result = _checked(gx, context, suite, name)
            found = sorted(Path(folder, "validations", name).rglob("*.html"))
            page = f"{name}.html"
            pages[page] = offline(
                found[-1].read_text(encoding="utf-8"), f"Gate over what is stored: {suite.name.replace('_', ' ')}"
            )
            examined.append(Examined(_failing(result, suite.expectations), page))
    return examined, pages


def _library() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    try:
        return import_module("great_expectations")
    except ImportError as error:
        raise Unavailable(
            "the gate over what is stored needs Great Expectations, which is not installed",
            hint="`make setup-serve` installs it; publishing itself judges each article without it.",
        ) from error


def _checked(gx: Any, context: Any, suite: Suite, name: str) -> Any:
    """The validation result of one suite, whose page lies in the context's site then."""
    frame = import_module("pandas").DataFrame([_shown(row) for row in suite.rows])
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("all")
    expected = [_expected(gx, number, one) for number, one in enumerate(suite.expectations)]
    kept = context.suites.add(gx.ExpectationSuite(name, expectations=expected))
    validation = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=kept))
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=name,
            validation_definitions=[validation],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="pages", site_names=[_SITE])],
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": NAMES,
                "return_unexpected_index_query": False,
            },
        )
    )
    (result,) = checkpoint.run(batch_parameters={"dataframe": frame}).run_results.values()
    return result


def _shown(row: Mapping[str, object]) -> dict[str, object]:
    """The row with its texts as its page may show them: there they are taken for HTML."""
    return {_label(name): escape(value) if isinstance(value, str) else value for name, value in row.items()}


def _label(column: str) -> str:
    """A column as its page calls it."""
    return column.replace("_", " ").capitalize()


def _expected(gx: Any, number: int, one: Expectation) -> Any:
    meta = {"number": number, "threshold": one.why}
    asked = {"column": _label(one.column), "description": one.told or None, "meta": meta}
    if one.among:
        return gx.expectations.ExpectColumnValuesToBeInSet(value_set=list(one.among), **asked)
    return gx.expectations.ExpectColumnValuesToBeBetween(min_value=one.low, max_value=one.high, **asked)


def _failing(
    result: Any, expectations: Sequence[Expectation]
) -> dict[tuple[str, int], list[tuple[Expectation, object]]]:
    failing: dict[tuple[str, int], list[tuple[Expectation, object]]] = {}
    for one in result.results:
        expectation = expectations[one.expectation_config.meta["number"]]
        if one.exception_info.get("raised_exception"):  # a defect of ours: nothing may pass because of it
            raise RuntimeError(f"the expectation of {expectation.column!r}: {one.exception_info['exception_message']}")
        for row in one.result.get("unexpected_index_list") or []:
            key = (str(row["Article id"]), int(row["Version"]))
            failing.setdefault(key, []).append((expectation, row[_label(expectation.column)]))
    return failing


def _file_name(name: str) -> str:
    """Letters, digits and hyphens; what else there is in a name becomes a hyphen."""
    plain = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in name.lower())
    return "-".join(filter(None, plain.split("-"))) or "suite"
