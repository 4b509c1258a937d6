"""The files that set an installation up: they fit their schemas, and everything they name is there."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from prefect.cli.deploy._models import DeploymentConfig, PrefectYamlModel
from prefect.flows import Flow
from pydantic import AliasChoices

from aiwriter.services.keys import first_key
from aiwriter.settings import Settings
from aiwriter.testing.containers import NotSet, compose, copied, environment_of, stages, variables_of
from aiwriter.testing.topology import made_variables, nginx_program
from flows.deploy import load
from flows.prefect_server import SERVER_SETTINGS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8")
NGINX = ROOT / "deployments" / "nginx"
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY\b|AUTH_STRING")
OWN_IMAGE = "localhost/aiwriter"
COMES_ALONG = {"chroma": "chromadb"}  # a program that a package brings


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    return made_variables()


@pytest.fixture(scope="module")
def services(variables) -> dict[str, Any]:
    return compose(COMPOSE, variables)["services"]


# ── docker-compose.yml ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_compose_file_fits_the_compose_specification(variables):
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
    found = Draft202012Validator(schema).iter_errors(compose(COMPOSE, variables))
    assert [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found] == []


def test_the_schema_would_notice_a_mistake(variables):
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
    mistaken = compose(COMPOSE, variables)
    mistaken["services"]["api"]["depends_on"]["migrate"]["condition"] = "service_finished"
    mistaken["services"]["api"]["helthcheck"] = {}
    assert len(list(Draft202012Validator(schema).iter_errors(mistaken))) >= 1


@pytest.mark.parametrize(
    "missing",
    [
        "POSTGRES_PASSWORD",
        "DATABASE_PASSWORD",
        "PREFECT_DATABASE_PASSWORD",
        "PREFECT_PASSWORD",
        "AIWRITER_API__BOOTSTRAP_KEY",
    ],
)
def test_without_a_secret_nothing_starts(missing, variables):
    with pytest.raises(NotSet, match=f"{missing}: run deployments/make_env.py once"):
        compose(COMPOSE, variables | {missing: ""})


def test_no_secret_has_a_default(variables):
    """Other secrets in, no old one left: whatever looks like one comes from a variable."""
    others = {name: f"other-{name}" for name in variables}
    for name, service in compose(COMPOSE, others)["services"].items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) and value is not None:
                assert "other-" in value, f"{name}: {key}"


def test_the_secrets_are_good_ones_and_new_each_time(variables):
    assert set(variables.values()).isdisjoint(made_variables().values())
    assert min(map(len, variables.values())) >= 32


async def test_the_api_takes_the_first_key_that_is_made(variables, memory):
    database, principal = memory
    made = await first_key(database, principal, variables["AIWRITER_API__BOOTSTRAP_KEY"])
    assert made is not None
    assert made.secret == variables["AIWRITER_API__BOOTSTRAP_KEY"]


@pytest.fixture
def memory():
    from aiwriter.ids import LOCAL_WORKSPACE
    from aiwriter.ports import Principal
    from aiwriter.testing.memory import MemoryDatabase

    return MemoryDatabase(), Principal("local", LOCAL_WORKSPACE)


def test_every_variable_is_written_down():
    written = set(re.findall(r"(?m)^#?([A-Z][A-Z0-9_]+)=", (ROOT / "deployments/.env.example").read_text("utf-8")))
    assert variables_of(COMPOSE) == written


def test_every_image_is_pinned_to_a_version(services):
    for name, service in services.items():
        assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", service["image"]), name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {service["image"] for service in services.values() if "build" in service}
    assert ours == {f"{OWN_IMAGE}:{project['version']}"}


def test_what_is_started_exists(services):
    for name, service in services.items():
        if "build" not in service:
            continue
        words = service["command"] if service["command"][0] != "sh" else service["command"][-1].split()
        started = [after for word, after in pairwise(words) if word == "-m"]
        started += [COMES_ALONG[words[0]]] if words[0] in COMES_ALONG else []
        assert started, f"{name}: {words}"
        missing = [module for module in started if find_spec(module) is None]
        assert missing == [], name
        pages = [word for word in words if word.endswith(".py")]
        assert [page for page in pages if not (ROOT / page).exists()] == [], name


def test_what_is_set_is_a_setting(services):
    """A mistyped AIWRITER_ name would be passed over in silence."""
    fields = Settings.model_fields
    known = {name.upper() for name in fields} | {
        f"{group}__{name}".upper()
        for group, field in fields.items()
        for name in getattr(type(field.default), "model_fields", ())
    }
    named = {key.removeprefix("AIWRITER_") for service in services.values() for key in service.get("environment", {})}
    ours = {key for key in named if f"AIWRITER_{key}" in COMPOSE}
    assert ours - known == set()


def test_prefects_server_keeps_up_as_it_does_under_up(services):
    assert SERVER_SETTINGS.items() <= services["prefect-server"]["environment"].items()


def test_nobody_is_told_what_happens_here(services):
    for name, service in services.items():
        if "build" in service:
            said = service["environment"]
            assert (said["DO_NOT_TRACK"], said["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false"), name


def test_only_nginx_can_be_reached_and_only_from_this_machine(services):
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert all(port.startswith("127.0.0.1:") for port in services["nginx"]["ports"])


def test_only_workers_reach_other_hosts(services, variables):
    networks = compose(COMPOSE, variables)["networks"]
    open_ones = {name for name, network in networks.items() if not network.get("internal")}
    reaching = {name for name, service in services.items() if open_ones & set(service["networks"])}
    assert reaching == {"worker", "nginx"}


def test_every_process_has_as_little_as_it_needs(services):
    for name, service in services.items():
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= limits.keys(), name
        assert "privileged" not in service, name
        assert not any("docker.sock" in str(volume) for volume in service.get("volumes", [])), name


def test_every_service_says_how_it_is_or_is_known_not_to(services):
    silent = {name for name, service in services.items() if service["healthcheck"].get("disable")}
    assert silent == {"migrate", "worker"}
    assert {name for name, service in services.items() if service["restart"] == "no"} == {"migrate"}


def test_whoever_is_waited_for_can_be_waited_for(services):
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            finite = services[other]["restart"] == "no"
            assert how["condition"] == ("service_completed_successfully" if finite else "service_healthy"), name


def test_what_is_mounted_exists(services, variables):
    volumes = compose(COMPOSE, variables)["volumes"]
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in volumes, f"{name}: {volume}"


@pytest.mark.parametrize("name", ["api", "worker"])
def test_whoever_has_a_key_or_a_limit_for_a_model_can_hand_it_on(name, services):
    """What .env says reaches a container only if its service names it."""
    keys = [
        str(field.validation_alias.choices[1])
        for field in Settings.model_fields.values()
        if isinstance(field.validation_alias, AliasChoices)
    ]
    choices = ("AIWRITER_MODEL", "AIWRITER_CHEAPER_MODEL", "AIWRITER_CHECKING_MODEL", "AIWRITER_LIMITS")
    assert {*keys, *choices} <= services[name]["environment"].keys()


@pytest.mark.parametrize("name", ["api", "worker"])
def test_files_and_published_pages_outlive_their_container_and_are_the_same_for_all(name, services):
    """Whatever lies under AIWRITER_HOME is gone with the container, and no other sees it."""
    said = services[name]["environment"]
    kept = [volume.split(":")[1] for volume in services[name]["volumes"] if not volume.endswith(":ro")]
    targets = json.loads(said.get("AIWRITER_PUBLISHING__TARGETS", "{}"))
    assert "site" in targets
    for place in (said["AIWRITER_FILES_URL"], *(target.removeprefix("folder:") for target in targets.values())):
        assert any(Path(place).is_relative_to(volume) for volume in kept), place
    made = next(one.rest for one in stages(DOCKERFILE)[-1] if "install -d" in one.rest)
    assert set(kept) <= set(made.split()), "a new volume takes its owner from the image"


# ── the image ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_image_is_built_in_two_stages_from_one_pinned_base():
    built = stages(DOCKERFILE)
    assert len(built) == 2
    bases = {stage[0].values[0] for stage in built}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases.pop())


def test_packages_come_from_the_hashed_lock_alone():
    installs = [one.rest for stage in stages(DOCKERFILE) for one in stage if "pip install" in one.rest]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert installs[0].split("-r ")[1].split()[0] == "/build/requirements-serve.lock"


def test_the_image_runs_as_nobody_in_particular():
    users = [one.rest for one in stages(DOCKERFILE)[-1] if one.word == "USER"]
    assert len(users) == 1
    assert int(users[0].partition(":")[0]) >= 1000


def test_no_secret_is_baked_in():
    for stage in stages(DOCKERFILE):
        assert [one for one in stage if one.word == "ARG"] == []
        assert [name for name in environment_of(stage) if SECRET.search(name)] == []
    assert "ADD" not in {one.word for stage in stages(DOCKERFILE) for one in stage}


def test_what_is_copied_exists_and_is_let_through_to_the_builder():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:].rstrip("/") for line in ignored if line.startswith("!")}
    assert ignored[1] == "*"
    for stage in stages(DOCKERFILE):
        for source in copied(stage):
            assert (ROOT / source).exists(), source
            assert source.rstrip("/") in let_through, source


def test_modules_are_found_wherever_a_flow_starts():
    final = stages(DOCKERFILE)[-1]
    assert environment_of(final)["PYTHONPATH"] == next(one.rest for one in final if one.word == "WORKDIR") == "/app"
    assert {"aiwriter/", "flows/", "tasks/", "dashboard/", ".streamlit/"} <= copied(final).keys()


def test_the_image_says_how_it_is():
    assert [one.word for one in stages(DOCKERFILE)[-1] if one.word in ("HEALTHCHECK", "CMD")] == ["HEALTHCHECK", "CMD"]


# ── nginx and PostgreSQL ─────────────────────────────────────────────────────────────────────────────────────────────


def test_nginx_takes_its_configuration(tmp_path):
    """Debian's nginx is older than `resolve` and finds no names of Docker's: servers get addresses here."""
    for file in NGINX.iterdir():
        text = file.read_text(encoding="utf-8").replace(" resolve", "").replace("/tmp/", f"{tmp_path}/")
        (tmp_path / file.name).write_text(re.sub(r"server [a-z-]+:", "server 127.0.0.1:", text), encoding="utf-8")
    tested = subprocess.run(
        [nginx_program(), "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr


def test_nginx_stands_before_the_services_of_the_compose_file(services):
    upstreams = (NGINX / "upstreams.conf").read_text(encoding="utf-8")
    behind = dict(re.findall(r"(?m)^ *server ([a-z-]+):(\d+) ", upstreams))
    assert set(behind) <= set(services)
    for name, port in behind.items():
        said = [str(word) for word in (*services[name]["command"], *services[name]["environment"].values())]
        assert port in said, name
    listening = re.findall(r"(?m)^ *listen (\d+)", (NGINX / "nginx.conf").read_text(encoding="utf-8"))
    assert listening == [port.rpartition(":")[2] for port in services["nginx"]["ports"]]


def test_nginx_does_nothing_twice_that_may_not_be_done_twice():
    directives = re.findall(r"(?m)^ *proxy_next_upstream (.*);", (NGINX / "nginx.conf").read_text(encoding="utf-8"))
    assert directives
    assert not any("non_idempotent" in directive for directive in directives)


def test_the_databases_script_is_a_shell_script():
    script = ROOT / "deployments" / "postgres" / "databases.sh"
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0


# ── prefect.yaml ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def prefect_file() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text(encoding="utf-8"))


def test_prefect_understands_its_file(prefect_file):
    """Prefect itself passes over what it does not know: a mistyped word would be lost."""
    PrefectYamlModel.model_validate(prefect_file)
    for deployment in prefect_file["deployments"]:
        assert deployment.keys() - DeploymentConfig.model_fields.keys() == set()


def test_every_entrypoint_is_a_flow_and_takes_its_parameters(prefect_file):
    for deployment in prefect_file["deployments"]:
        flow = load(deployment["entrypoint"])
        assert isinstance(flow, Flow), deployment["entrypoint"]
        assert set(deployment.get("parameters", {})) <= set(flow.parameters.properties)
