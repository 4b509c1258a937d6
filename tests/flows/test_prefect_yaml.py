"""deployments/prefect.yaml names flows that are there, in words that Prefect knows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from aiwriter.errors import BadInput
from flows import deploy

pytestmark = pytest.mark.flow

SUBMITTED = ("write_article", "write_batch", "ingest_sources", "research_topic")
DEPLOYMENTS = {f"{one['entrypoint'].split('.')[1]} {one['name']}": one for one in deploy.read()}


@pytest.fixture(autouse=True)
def _a_home_for_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect looks there when it is imported."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))


@pytest.mark.parametrize("wanted", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_entrypoint_is_a_flow_that_says_what_it_is(wanted: dict[str, Any]) -> None:
    from prefect import Flow

    flow = deploy.load(wanted["entrypoint"])
    assert isinstance(flow, Flow)
    assert wanted["description"].strip()
    assert wanted["tags"]
    assert flow.description


def test_what_is_submitted_has_a_deployment_on_demand_and_what_comes_by_the_clock_has_its_hour() -> None:
    by_the_clock = {"ingest_sources hourly", "roll_up_analytics nightly", "publish_articles every-five-minutes"}
    assert set(DEPLOYMENTS) == {f"{one} on-demand" for one in SUBMITTED} | by_the_clock
    (slot,) = DEPLOYMENTS["roll_up_analytics nightly"]["schedules"]
    assert (slot["cron"], slot["timezone"]) == ("15 2 * * *", "UTC")


def test_prefect_understands_every_word_of_the_file() -> None:
    import yaml
    from prefect.cli.deploy._models import DeploymentConfig, PrefectYamlModel

    given = yaml.safe_load(deploy.FILE.read_text(encoding="utf-8"))
    read = PrefectYamlModel.model_validate(given)
    known = set(DeploymentConfig.model_fields) | {"schedules"}
    assert len(read.deployments) == len(DEPLOYMENTS)
    assert {key for one in given["deployments"] for key in one} <= known


def test_no_secret_and_no_path_of_a_machine_is_in_the_file() -> None:
    text = deploy.FILE.read_text(encoding="utf-8")
    assert os.sep + "home" not in text
    assert "key:" not in text


def test_an_entrypoint_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match=r"flows\.nothing\.at_all"):
        deploy.load("flows.nothing.at_all")
