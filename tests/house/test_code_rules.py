"""Rules of the house that no linter knows; each message says what to do."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import aiwriter.errors
import flows
import tasks

LONGEST_MODULE = 400
LINES_PER_BROAD_EXCEPT = 1000
FEW_LINES = 20
SECRET = re.compile(r"(^|_)(api_?key|key|token|secret|password|credentials?|authorization)$")
BROAD = {"Exception", "BaseException"}


def cure(what_to_do: str, places: list[str]) -> str:
    return "\n  ".join([what_to_do, *places])


def test_no_module_outgrows_one_reason_to_change(modules):
    long = [f"{module.path}: {len(module.lines)} lines" for module in modules if len(module.lines) > LONGEST_MODULE]
    assert not long, cure("split by reason to change", long)


def test_broad_excepts_are_rare_and_say_who_must_not_die(modules):
    found = [(module, handler) for module in modules for handler in ast.walk(module.tree) if _is_broad(handler)]
    bare = [module.at(handler) for module, handler in found if not _has_comment(module.lines, handler)]
    assert not bare, cure("say in a comment on that line or beside it who must not die", bare)
    allowed = sum(len(module.lines) for module in modules) // LINES_PER_BROAD_EXCEPT + 1
    places = [module.at(handler) for module, handler in found]
    assert len(found) <= allowed, cure(f"{allowed} are allowed: name the errors", places)


def _is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler) or _passes_on(node):
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """What ends in a plain `raise` swallows nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _has_comment(lines: list[str], handler: ast.ExceptHandler) -> bool:
    """A comment with words in it, beyond the linter's code, between the line above and the first statement."""
    comments = (line.partition("#")[2] for line in lines[handler.lineno - 2 : handler.body[0].lineno])
    return any(re.sub(r"noqa: \w+", "", comment).strip(" -") for comment in comments)


def test_tasks_and_flows_take_no_secrets(modules):
    """Parameters of tasks and flows are stored and shown by Prefect."""
    named = [
        f"{module.at(function)} {argument.arg}"
        for module in modules
        if module.path.parts[0] in {"flows", "tasks"}
        for function in module.functions()
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if SECRET.search(argument.arg)
    ]
    assert not named, cure("credentials never leave the adapter that uses them", named)


def test_no_file_of_flows_or_tasks_can_be_taken_for_another_module(root):
    """Prefect can load a file under its bare name; then `flows/openai.py` would become `openai`."""
    reserved = sys.stdlib_module_names | set(packages_distributions()) | {"aiwriter", "flows", "tasks", "dashboard"}
    names = [path for package in ("flows", "tasks") for path in (root / package).rglob("*.py")]
    assert [str(path.relative_to(root)) for path in names if path.stem in reserved and path.stem != "__init__"] == []


@pytest.mark.parametrize("package", [flows, tasks], ids=["flows", "tasks"])
def test_generic_names_mean_the_packages_of_this_checkout(package, root):
    assert Path(package.__file__).is_relative_to(root)


def test_what_is_public_and_not_plain_has_a_docstring(modules):
    """Modules, and their public classes and functions; a few lines, protocols and doubles may speak for themselves."""
    silent = [
        module.at(node)
        for module in modules
        if "migrations" not in module.path.parts and not module.path.name.startswith("memory")
        for node in (module.tree, *module.tree.body)
        if _needs_words(node) and not ast.get_docstring(node)
    ]
    assert not silent, cure("one sentence: what it promises", silent)


def _needs_words(node: ast.AST) -> bool:
    if isinstance(node, ast.Module):
        return bool(node.body)
    if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
        return False
    is_protocol = isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases)
    return not is_protocol and (node.end_lineno or node.lineno) - node.lineno >= FEW_LINES


ERRORS = [
    kind
    for _, kind in inspect.getmembers(aiwriter.errors, inspect.isclass)
    if issubclass(kind, aiwriter.errors.AIWriterError)
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_survives_the_way_to_another_process(kind):
    sent = kind("value 7 is too small", hint="Take 8.")
    arrived = pickle.loads(pickle.dumps(sent))
    assert (type(arrived), str(arrived), vars(arrived)) == (kind, str(sent), vars(sent))


def test_every_error_is_in_the_drawing():
    drawn = aiwriter.errors.__doc__ or ""
    assert [kind.__name__ for kind in ERRORS if kind.__name__ not in drawn] == []
