"""`doctor` tries what is chosen, says who chose it, and never tells a secret."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aiwriter.cli import app
from aiwriter.testing.fake_embedder import FakeEmbedder


@pytest.fixture(autouse=True)
def _before_the_first_command(_a_home_with_tables: None) -> None:
    """A home in which nothing was done yet."""
    shutil.rmtree(os.environ["AIWRITER_HOME"])


def examined() -> tuple[int, dict[str, Any], str]:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    return result.exit_code, json.loads(result.stdout), result.output


def test_the_defaults_work_and_are_called_defaults() -> None:
    code, told, _ = examined()
    assert code == 0
    assert all(check["state"] in ("ok", "warn") for check in told["checks"])
    model = next(check for check in told["checks"] if check["what"] == "model")
    assert (model["value"], model["chosen_by"]) == ("offline:extractive", "default (AIWRITER_MODEL changes it)")


def test_who_chose_a_value_is_told_and_a_mistyped_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("AIWRITER_BUDGET_USD=0.25\nAIWRITER_MODLE=openai:x\n")
    monkeypatch.setenv("AIWRITER_OPENAI__TIMEOUT_SECONDS", "5")
    _, told, _ = examined()
    chosen = {row["setting"]: row["chosen_by"] for row in told["settings"]}
    assert chosen["budget_usd"] == "AIWRITER_BUDGET_USD (.env)"
    assert chosen["openai.timeout_seconds"] == "AIWRITER_OPENAI__TIMEOUT_SECONDS (environment)"
    assert any("AIWRITER_MODLE" in remark for remark in told["remarks"])


@pytest.mark.parametrize("scheme", ["openai", "gemini", "anthropic"])
def test_a_key_that_is_set_but_unused_is_mentioned_and_never_shown(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{scheme.upper()}_API_KEY", "sk-not-to-be-seen")
    _, told, output = examined()
    assert any("not used" in remark and f"--model {scheme}:" in remark for remark in told["remarks"])
    assert "sk-not-to-be-seen" not in output


@pytest.mark.parametrize(("what", "variable"), [("checking", "CHECKING_MODEL"), ("cheaper", "CHEAPER_MODEL")])
def test_models_beside_the_default_one_are_tried_where_settings_name_them(
    what: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [check["what"] for check in examined()[1]["checks"] if what in check["what"]] == []
    monkeypatch.setenv(f"AIWRITER_{variable}", "foo:bar")
    code, told, _ = examined()
    (check,) = [one for one in told["checks"] if one["what"] == f"{what} model"]
    assert (code, check["value"], check["state"]) == (3, "foo:bar", "fail")
    assert check["chosen_by"] == f"AIWRITER_{variable} (environment)"


def test_a_model_server_that_does_not_answer_is_a_failure_with_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_MODEL", "openai:local")
    monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", "http://127.0.0.1:9/v1")
    code, told, _ = examined()
    model = next(check for check in told["checks"] if check["what"] == "model")
    assert (code, model["state"]) == (3, "fail")
    assert "127.0.0.1:9" in model["detail"]


def test_a_paid_embedder_is_tried_once_its_cost_can_be_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeEmbedder() as server:
        monkeypatch.setenv("AIWRITER_EMBEDDER", "openai:heron@64")
        monkeypatch.setenv("AIWRITER_EMBEDDINGS__BASE_URL", server.base_url())
        tried = []
        for migrated in (False, True):
            if migrated:
                assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
            _, told, _ = examined()
            tried.append(next(check["state"] for check in told["checks"] if check["what"] == "embedder"))
    assert tried == ["warn", "ok"]
    assert len(server.requests) == 1


def test_rates_are_told_as_they_are_written_in_their_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_LIMITS", '{"openai:heron": {"rpm": 5}}')
    _, told, _ = examined()
    row = next(row for row in told["settings"] if row["setting"] == "limits")
    assert row["value"] == '{"openai:heron": {"rpm": 5}}'
