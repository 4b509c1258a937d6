"""Documents say what is true: links lead somewhere, commands and settings exist."""

from __future__ import annotations

import re
import subprocess

import pytest
import typer.main

from aiwriter.api.client import Client
from aiwriter.cli import app
from aiwriter.settings import KEYS, PREFIX, Group, Settings

LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
LONGEST_README = 150


@pytest.fixture(scope="module")
def documents(tracked, root) -> dict[str, str]:
    """Our own pages; those under examples/sources and tests are material."""
    pages = [path.relative_to(root) for path in tracked if path.suffix == ".md"]
    own = [page for page in pages if page.parts[0] not in {"tests"} and "sources" not in page.parts]
    return {page.as_posix(): (root / page).read_text(encoding="utf-8") for page in own}


def test_links_lead_somewhere(documents, root):
    dead = [
        f"{name} -> {target}"
        for name, text in documents.items()
        for target in LINK.findall(text)
        if "://" not in target and not (root / name).parent.joinpath(target).exists()
    ]
    assert dead == []


def test_the_commands_that_are_named_exist(documents):
    known = set(typer.main.get_command(app).commands)
    named = {word for text in documents.values() for word in re.findall(r"\baiwriter ([a-z]+)\b(?! as)", code(text))}
    assert named - known == set()
    assert known - set(re.findall(r"`aiwriter ([a-z]+)", documents["README.md"])) == set(), "README lists them all"


def test_the_make_targets_that_are_named_exist(documents, root):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for text in documents.values() for word in re.findall(r"\bmake ([a-z-]+)", code(text))}
    assert named - targets == set()


def test_make_help_lists_every_verb(root):
    verbs = ["setup", "demo", "test", "faults", "lint", "types", "fmt", "bench", "docs", "lock", "clean"]
    verbs += ["setup-browser", "setup-local-models"]
    printed = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert set(verbs) <= set(re.findall(r"^  make ([a-z-]+) +\S", printed, re.MULTILINE))


def code(text: str) -> str:
    """What stands in code blocks and between backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_the_example_of_a_settings_file_names_every_setting(root):
    named = set(re.findall(r"^#?([A-Z_]+)=", (root / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == set(variables())


def variables() -> list[str]:
    found = []
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Group):
            found += [f"{PREFIX}{name}__{part}".upper() for part in type(field.default).model_fields]
        else:
            found.append(f"{PREFIX}{name}".upper())
    return [name.removeprefix(PREFIX) if name.removeprefix(PREFIX) in KEYS else name for name in found]


def test_the_readme_is_short(documents):
    assert len(documents["README.md"].splitlines()) < LONGEST_README


def test_every_kind_of_event_is_told_of(documents, root):
    """Whoever follows a run over the API has no other list of them."""
    written = [file for folder in ("aiwriter/services", "tasks") for file in (root / folder).glob("*.py")]
    kinds = {kind for file in written for kind in re.findall(r'"((?:run|stage|section)\.[a-z]+)"', file.read_text())}
    told = set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", documents["docs/architecture/api_design.md"], re.MULTILINE))
    assert told == kinds


def test_what_the_page_for_programs_imports_and_calls_is_there(documents):
    page = "\n".join(re.findall(r"^```python\n(.+?)^```", documents["docs/python.md"], re.MULTILINE | re.DOTALL))
    for line in re.findall(r"^(?:from aiwriter|import).+$", page, re.MULTILINE):
        exec(line, {})
    called = set(re.findall(r"\bapi\.(\w+)\(", page))
    assert called
    assert [name for name in called if not hasattr(Client, name)] == []
