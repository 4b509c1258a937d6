"""Draws what docs/architecture shows of the code: `python scripts/diagrams.py` writes it, `--check` compares.

A page holds a pair of comments, `<!-- drawn: NAME -->` and `<!-- end -->`; what stands between them is made here from
the import graph, the tables, the flows' syntax trees and the API's own description. Nothing in it is typed by hand, so
nothing in it can be out of date unnoticed: tests/house/test_diagrams.py compares.
"""

from __future__ import annotations

import ast
import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "architecture"
BLOCK = re.compile(r"(<!-- drawn: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# ── components: the import graph, room by room ───────────────────────────────────────────────────────────────────────

PACKAGES = ("aiwriter", "flows", "tasks", "dashboard")
API, CLIENT = "aiwriter.api", "aiwriter.api.client"  # the client, with what it needs of the API, is a room of its own
NOT_DRAWN = {"aiwriter", "aiwriter.__main__", "aiwriter.testing"}
KINDS = {  # kind → fill, rooms; what is in none of them is drawn plain
    "door": (
        "#1d4ed8",
        "aiwriter.cli aiwriter.commands aiwriter.supervision aiwriter.api aiwriter.api.client dashboard",
    ),
    "conductor": ("#7c3aed", "flows tasks"),
    "core": ("#047857", "aiwriter.services aiwriter.pipeline aiwriter.bootstrap"),
    "machine": (
        "#b45309",
        "aiwriter.llm aiwriter.embeddings aiwriter.resilience aiwriter.sources aiwriter.knowledge aiwriter.storage "
        "aiwriter.publishing aiwriter.servers",
    ),
    "word": (
        "#475569",
        "aiwriter.ports aiwriter.documents aiwriter.settings aiwriter.text aiwriter.errors aiwriter.ids",
    ),
}

Graph = dict[str, set[str]]


@cache
def imports() -> tuple[Graph, Graph]:
    """Room → the rooms it imports, and room → the foreign packages it imports."""
    import grimp

    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    client = {CLIENT, *graph.find_upstream_modules(CLIENT)} - {API}

    def room_of(module: str) -> str:
        """The room a module lies in; empty for what is not ours."""
        top, *rest = module.split(".")
        if module.startswith(API) and module in client:
            return CLIENT
        return "" if top not in PACKAGES else f"{top}.{rest[0]}" if top == "aiwriter" and rest else top

    rooms: Graph = {}
    foreign: Graph = {}
    for module in graph.modules:
        here = room_of(module)
        if not here or here in NOT_DRAWN:
            continue
        rooms.setdefault(here, set())
        for other in graph.find_modules_directly_imported_by(module):
            there = room_of(other)
            if not there and other not in sys.stdlib_module_names:
                foreign.setdefault(here, set()).add(other)
            elif there and there != here and there not in NOT_DRAWN:
                rooms[here].add(there)
    return rooms, foreign


def reached(graph: Graph, start: str, seen: set[str] | None = None) -> set[str]:
    """Every room that can be reached from this one."""
    found = set() if seen is None else seen
    for following in graph[start] - found:
        found.add(following)
        reached(graph, following, found)
    return found


def reduced(graph: Graph) -> Graph:
    """Only the arrows that no longer way implies."""
    return {
        room: {there for there in direct if not any(there in reached(graph, other) for other in direct - {there})}
        for room, direct in graph.items()
    }


def components() -> str:
    """The rooms and their arrows: an arrow is an import, and one that follows from others is left out."""
    rooms, _ = imports()
    lines = ["flowchart TB"]
    for kind, (fill, _names) in KINDS.items():
        lines.append(f"classDef {kind} fill:{fill},stroke:{fill},color:#ffffff")
    for name in from_the_top(rooms):
        kind = next((f":::{kind}" for kind, (_, names) in KINDS.items() if name in names.split()), "")
        lines.append(f'{node(name)}["{short(name)}"]{kind}')
    for name, others in sorted(reduced(rooms).items()):
        lines += [f"{node(name)} --> {node(other)}" for other in sorted(others)]
    return mermaid([*lines, *loaded_by_name()])


def loaded_by_name() -> list[str]:
    """Dotted: what the bootstrap loads because a setting names it, and may not import. The upper stays above."""
    from aiwriter.settings import Settings

    named = [str(Settings.model_fields[field].default) for field in ("launcher", "scheduler")]
    return [
        f"{there} -. loaded by name .- {node('aiwriter.bootstrap')}"
        for there in sorted({n[: n.find(".")] for n in named})
    ]


def from_the_top(graph: Graph) -> list[str]:
    """Each room before those it imports; the deepest last."""

    def depth(room: str) -> int:
        if room in reached(graph, room):
            raise SystemExit(f"rooms import one another in a circle: {room} reaches itself")
        return 1 + max(map(depth, graph[room]), default=0)

    return sorted(graph, key=lambda room: (-depth(room), room))


def rooms_table() -> str:
    """Each room with its promise, all it imports of ours and of others."""
    rooms, foreign = imports()
    rows = []
    for name in from_the_top(rooms):
        ours = ", ".join(sorted(map(short, rooms[name])))
        rows.append(
            (f"`{short(name)}`", promise_of(name), ours or "–", ", ".join(sorted(foreign.get(name, ()))) or "–")
        )
    return table(("room", "what it is", "imports of ours", "imports of others"), rows)


def promise_of(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    return summary(tree(path / "__init__.py" if path.is_dir() else path.with_suffix(".py")))


def short(name: str) -> str:
    return name.removeprefix("aiwriter.")


# ── database: the tables ─────────────────────────────────────────────────────────────────────────────────────────────

COMMON = "workspace_id"


def database() -> str:
    """Tables with the columns that find a row, and their references; `workspace_id`, which all have, is left out.

    Dotted: a column that is named after another table and is no reference, so that it may outlive what it names.
    """
    tables = sql_tables()
    lines = ["erDiagram", "direction LR"]
    for name, columns in tables.items():
        lines += [f"{name} {{", *(f"    {line}" for line in key_columns(columns)), "}"]
    for name, columns in tables.items():
        for reference in sorted(columns.foreign_key_constraints, key=lambda one: one.referred_table.name):
            if by := [column for column in reference.column_keys if column != COMMON]:
                holds = "" if reference.ondelete == "CASCADE" else " (holds it)"
                lines.append(f'{reference.referred_table.name} ||--o{{ {name} : "{", ".join(by)}{holds}"')
        for column in sorted(columns.columns, key=lambda one: one.name):
            other = tables_by_id(tables).get(column.name)
            if other and other != name and not any(column.name in one.column_keys for one in references(columns)):
                lines.append(f'{other} |o..o{{ {name} : "{column.name}"')
    return mermaid(lines)


def key_columns(columns: Any) -> Iterator[str]:
    """The columns of a table that are in a key, a reference, an index or unique, as a diagram lists them."""
    refers = {name for one in references(columns) for name in one.column_keys}
    unique = unique_columns(columns)
    listed = {column.name for index in columns.indexes for column in index.columns} | unique | refers
    for column in columns.columns:
        if column.name != COMMON and (column.primary_key or column.name in listed):
            marks = {"PK": column.primary_key, "FK": column.name in refers, "UK": column.name in unique}
            keys = ", ".join(mark for mark, holds in marks.items() if holds)
            yield f"{type(column.type).__name__.lower()} {column.name} {keys}".rstrip()


def references(columns: Any) -> list[Any]:
    return [one for one in columns.foreign_key_constraints if one.referred_table.name != "workspaces"]


def tables_by_id(tables: Mapping[str, Any]) -> dict[str, str]:
    """`run_id` → `runs`, `batch_id` → `batches` …: how a column names a row of another table."""
    return {re.sub(r"(?<=ch)es$|s$", "", name) + "_id": name for name in tables if name != "workspaces"}


def tables_list() -> str:
    """Each table with its key and all other columns; what may be NULL has a question mark."""
    rows = []
    for name, columns in sql_tables().items():
        key = [column.name for column in columns.primary_key if column.name != COMMON or len(columns.primary_key) == 1]
        rest = [
            column.name + "?" * bool(column.nullable)
            for column in columns.columns
            if not column.primary_key and column.name != COMMON
        ]
        rows.append((f"`{name}`", ", ".join(key), ", ".join(rest) or "–"))
    return table(("table", "key", "columns"), rows)


def sql_tables() -> Mapping[str, Any]:
    from aiwriter.storage.tables import tables

    return tables.tables


def unique_columns(columns: Any) -> set[str]:
    from sqlalchemy import UniqueConstraint

    unique = [one for one in columns.constraints if isinstance(one, UniqueConstraint)]
    unique += [index for index in columns.indexes if index.unique]
    return {column.name for one in unique for column in one.columns} - {COMMON}


# ── workflow: the flows' syntax trees ────────────────────────────────────────────────────────────────────────────────

Function = ast.FunctionDef | ast.AsyncFunctionDef
Ends = list[tuple[str, str]]  # nodes from which an arrow is still to go out, with its label
MOST_NAMES = 3
ENDS = {"Completed", "Failed", "Cancelled", "Crashed", "Paused"}


@dataclass(frozen=True)
class Step:
    """A task as a flow calls it: its name for people, its policy, what it keeps, which flow's chain it carries;
    `many`: once for each of several."""

    name: str
    policy: str = ""
    keeps: str = ""
    carries: str = ""
    many: bool = False

    def box(self) -> str:
        parts = [f"<b>{self.name}</b>", self.policy]
        parts += [f"keeps {self.keeps}"] * bool(self.keeps) + [f"the chain of {self.carries}"] * bool(self.carries)
        text = "<br/>".join(filter(None, parts))
        return f'[["{text}<br/>each, side by side"]]' if self.many else f'["{text}"]'


def workflow() -> str:
    """Every flow as a chain of its tasks."""
    parts = []
    for path in sorted((ROOT / "flows").glob("*.py")):
        for function in functions(tree(path)):
            if decorator(function, "flow"):
                parts += [
                    f"### {keyword(decorator(function, 'flow'), 'name')}",
                    "",
                    summary(function),
                    "",
                    Chart(path, function, all_tasks()).drawn(),
                    "",
                ]
    return "\n".join(parts).rstrip()


class Chart:
    """One flow, read statement by statement; helpers of its module that call tasks are read where they are called."""

    def __init__(self, path: Path, function: Function, tasks: Mapping[str, Step]) -> None:
        self.module = tree(path)
        self.tasks = tasks
        self.helpers = {one.name: one for one in functions(self.module) if calls(one) & set(tasks)}
        self.lines: list[str] = []
        self.count = 0
        names = [argument.arg for argument in function.args.args]
        arguments = ", ".join(names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "…"])
        open_ends = self.read(function.body, [(self.add(f'(["{function.name}({arguments})"])'), "")])
        if open_ends:
            self.join(open_ends, self.end())

    def drawn(self) -> str:
        return mermaid(["flowchart TB", *self.lines])

    def add(self, shape: str) -> str:
        self.count += 1
        self.lines.append(f"n{self.count}{shape}")
        return f"n{self.count}"

    def join(self, ends: Ends, to: str) -> Ends:
        self.lines += [f'{start} -- "{label}" --> {to}' if label else f"{start} --> {to}" for start, label in ends]
        return [(to, "")]

    def end(self, body: Iterable[ast.stmt] = ()) -> str:
        """What this way to the end notes down or returns; else the states in which a flow of this module can end."""
        if noted := [ast.unparse(one).replace('"', "'") for one in body if isinstance(one, ast.Assign)]:
            return self.add(f'(["{"<br/>".join(noted)}"])')
        states = states_in(*body) or states_in(self.module)
        return self.add(f'(["{" · ".join(states) or "end"}"])')

    def read(self, body: Iterable[ast.stmt], ends: Ends, *, many: bool = False) -> Ends:
        """The ends that are still open after these statements."""
        for statement in body:
            if isinstance(statement, ast.If):
                ends = self.fork(statement, ends, many=many)
            elif isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
                ends = self.read(statement.body, ends, many=many)
            elif isinstance(statement, ast.For | ast.AsyncFor | ast.While):
                ends = self.read(statement.body, self.steps(statement, ends, many=many), many=True)
            elif not isinstance(statement, Function):
                ends = self.steps(statement, ends, many=many)
        return ends

    def fork(self, statement: ast.If, ends: Ends, *, many: bool) -> Ends:
        """Drawn when a way leaves the flow, or when there are tasks on one."""
        leaves = isinstance(statement.body[-1], ast.Return | ast.Raise)
        if not leaves and not calls(statement) & {*self.tasks, *self.helpers}:
            return ends
        condition = ast.unparse(Plain().visit(copy.deepcopy(statement.test))).replace('"', "'")
        question = self.add(f'{{"{condition}?"}}')
        self.join(self.steps(statement.test, ends, many=many), question)
        yes = self.read(statement.body, [(question, "yes")], many=many)
        no = self.read(statement.orelse, [(question, "no")], many=many)
        if leaves:
            self.join(yes, self.end(statement.body))
            return no
        return yes + no

    def steps(self, part: ast.AST, ends: Ends, *, many: bool) -> Ends:
        """The tasks within an expression or a simple statement, in the order in which they are written."""
        pieces = list(ast.iter_child_nodes(part))
        if isinstance(part, ast.GeneratorExp | ast.ListComp):
            pieces = [*pieces[1:], part.elt]  # what is gone through comes first, then what is done with each
        for piece in pieces:
            if isinstance(piece, ast.stmt):
                continue
            several = many or piece is getattr(part, "elt", None)
            called = name_of(piece.func) if isinstance(piece, ast.Call) else ""
            if called == "all_of":
                ends = self.side_by_side(piece, ends, many=several)
                continue
            step = self.tasks.get(called)
            given = ast.Tuple([*piece.args, *(word.value for word in piece.keywords)]) if step else piece
            ends = self.steps(given, ends, many=several)
            if step:
                ends = self.join(ends, self.add(replace(step, many=several).box()))
            elif helper := self.helpers.get(called):
                ends = self.read(helper.body, ends, many=several)
        return ends

    def side_by_side(self, call: ast.Call, ends: Ends, *, many: bool) -> Ends:
        """What a call waits for together: each way begins where the call does."""
        ways = [self.steps(ast.Tuple([argument]), ends, many=many) for argument in call.args]
        return [end for way in ways if way != ends for end in way] or ends


def states_in(*parts: ast.AST) -> list[str]:
    """The names of Prefect's states that are made there, each once, in the order of the text."""
    made = [one for part in parts for one in ast.walk(part) if isinstance(one, ast.Call) and name_of(one.func) in ENDS]
    return list(
        dict.fromkeys(keyword(one, "name") or name_of(one.func) for one in sorted(made, key=lambda a: a.lineno))
    )


class Plain(ast.NodeTransformer):
    """An expression as one would say it: what is awaited or named on the way counts for itself."""

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return self.visit(node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        return self.visit(node.value)


def calls(part: ast.AST) -> set[str]:
    return {name_of(call.func) for call in ast.walk(part) if isinstance(call, ast.Call)}


def all_tasks() -> Mapping[str, Step]:
    return tasks_in(sorted([*(ROOT / "tasks").glob("*.py"), *(ROOT / "flows").glob("*.py")]))


def tasks_in(paths: Iterable[Path]) -> Mapping[str, Step]:
    """Function → what it is as a step."""
    found = [(path, one) for path in paths for one in functions(tree(path)) if decorator(one, "task")]
    known = {one.name for _, one in found}
    return {
        one.name: Step(
            keyword(decorator(one, "task"), "name") or one.name, policy_of(one), kept_by(one), carried(path, one, known)
        )
        for path, one in found
    }


def carried(path: Path, task: Function, known: set[str]) -> str:
    """The flow through whose stages a task goes: it calls a helper of that flow's module that calls tasks."""
    for imported in ast.walk(tree(path)):
        if isinstance(imported, ast.ImportFrom) and (imported.module or "").startswith("flows."):
            module = tree(ROOT / f"{imported.module.replace('.', '/')}.py")
            wanted = calls(task) & {alias.name for alias in imported.names}
            if any(one.name in wanted and calls(one) & known for one in functions(module)):
                return next(keyword(call, "name") for one in functions(module) if (call := decorator(one, "flow")))
    return ""


def policy_of(function: Function) -> str:
    """Which of tasks/policies.py it is under, with how many tries of how many minutes it may take."""
    spread = [word.value for word in decorator(function, "task").keywords if word.arg is None]
    name = spread[0].attr if spread and isinstance(spread[0], ast.Attribute) else ""
    if policy := policies().get(name):
        return f"{name}: {1 + policy['retries']} × {policy['timeout_seconds'] / 60:.0f} min"
    return name


def policies() -> dict[str, dict[str, Any]]:
    from tasks import policies

    return {name: one for name, one in vars(policies).items() if isinstance(one, dict) and "retries" in one}


def waits_of(retries: int) -> tuple[float, ...]:
    from tasks.policies import WAITS

    return WAITS[:retries]


def kept_by(function: Function) -> str:
    """The document that its stage record holds: what follows `Stage.X` in the call that makes the record."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and name_of(call.func) == "once":
            return name_of(call.args[2])
    return ""


def policies_table() -> str:
    """The policies, and which tasks are under each."""
    rows = []
    for name, policy in policies().items():
        waits = ", ".join(f"{seconds / 60:.0f}" for seconds in waits_of(policy["retries"]))
        who = dict.fromkeys(step.name for step in all_tasks().values() if step.policy.partition(":")[0] == name)
        again = f"{policy['retries']}, after {waits} min" if policy["retries"] else "no"
        limit = f"{policy['timeout_seconds'] / 60:.0f} min"
        rows.append((name, ", ".join(who) or "–", limit, again))
    return table(("policy", "tasks", "time limit", "more tries"), rows)


# ── API: its own description ─────────────────────────────────────────────────────────────────────────────────────────


def routes() -> str:
    """Every route with what it does, the scope it needs and what it may answer beside what all may answer."""
    from aiwriter.api.app import create_app
    from aiwriter.api.schemas import PREFIX
    from aiwriter.settings import Settings

    paths = create_app(Settings(_env_file=None)).openapi()["paths"]
    listed = [(method, path, route) for path, methods in paths.items() for method, route in methods.items()]
    scopes = {operation: scope for operation, scope in scopes_of_routes() if scope}
    usual = set.intersection(*(set(route["responses"]) for _, _, route in listed if route["operationId"] in scopes))
    rows = []
    for method, path, route in listed:
        words = " ".join(route.get("description", route.get("summary", "")).split())
        answers = set(route["responses"]) - usual - ({"304"} if method == "get" else set())
        where = f"`{method.upper()} {path.removeprefix(PREFIX)}`"
        rows.append((where, first_sentence(words), scopes.get(route["operationId"], "–"), ", ".join(sorted(answers))))
    rest = f"Every route with a scope may also answer {', '.join(sorted(usual))}; a GET of a document 304."
    return f"{table(('route', 'what it does', 'scope', 'answers'), rows)}\n\n{rest}"


def scopes_of_routes() -> Iterator[tuple[str, str]]:
    """(operation, scope) of every route; the scope is told by the type of one of its parameters, or is empty."""
    from importlib import import_module
    from typing import get_type_hints

    from aiwriter.api import auth

    kinds = ((auth.Reader, "read"), (auth.Writer, "write"), (auth.Admin, "admin"))
    for path in sorted((ROOT / "aiwriter/api/routes").glob("[!_]*.py")):
        for route in import_module(f"aiwriter.api.routes.{path.stem}").router.routes:
            asked = get_type_hints(route.endpoint, include_extras=True).values()
            yield route.name, next((scope for kind, scope in kinds if kind in asked), "")


def problems() -> str:
    """The table by which errors become answers."""
    from aiwriter.api.errors import CODES, MEANINGS

    rows = {(one.status, one.code): (one.title, kind.__name__) for kind, one in MEANINGS.items()}
    rows = {(status, code): (HTTPStatus(status).phrase, "–") for status, (code, _) in CODES.items()} | rows
    listed = [(str(status), code, *rest) for (status, code), rest in sorted(rows.items())]
    return table(("status", "code", "title", "error of the library"), listed)


# ── reading and writing ──────────────────────────────────────────────────────────────────────────────────────────────


@cache
def tree(path: Path) -> ast.Module:
    module = Stepless().visit(ast.parse(path.read_text(encoding="utf-8")))
    assert isinstance(module, ast.Module)
    return module


class Stepless(ast.NodeTransformer):
    """`step(task, run_id)` is the call of the task (tasks/tooling.py)."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "step" and node.args:
            return ast.copy_location(ast.Call(node.args[0], node.args[1:], node.keywords), node)
        return node


def functions(module: ast.AST) -> Iterator[Function]:
    return (one for one in ast.walk(module) if isinstance(one, Function))


def decorator(function: Function, name: str) -> ast.Call | None:
    return next(
        (one for one in function.decorator_list if isinstance(one, ast.Call) and name_of(one.func) == name), None
    )


def keyword(call: ast.Call | None, name: str) -> str:
    """The constant that a call is given under this name."""
    return next((text(word.value) for word in (call.keywords if call else ()) if word.arg == name), "")


def name_of(called: ast.AST) -> str:
    """`f` of `f(…)`, `f.submit(…)`, `f.map(…)` and `f.with_options(…)(…)`; the attribute of any other."""
    if isinstance(called, ast.Call):
        return name_of(called.func)
    if isinstance(called, ast.Attribute):
        return name_of(called.value) if called.attr in {"submit", "map", "with_options"} else called.attr
    return called.id if isinstance(called, ast.Name) else ""


def text(value: ast.AST) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else ""


def summary(of: ast.Module | Function) -> str:
    """The first sentence of a docstring, on one line."""
    return first_sentence(" ".join((ast.get_docstring(of) or "").split("\n\n")[0].split()))


def first_sentence(words: str) -> str:
    return re.split(r"(?<=[.;]) ", words)[0].rstrip(".;")


def node(name: str) -> str:
    return name.replace(".", "_")


def mermaid(lines: Iterable[str]) -> str:
    first, *rest = lines
    return "\n".join(["```mermaid", first, *(f"    {line}" for line in rest), "```"])


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells)


DRAWN: dict[str, Callable[[], str]] = {
    "components": components,
    "rooms": rooms_table,
    "database": database,
    "tables": tables_list,
    "workflow": workflow,
    "policies": policies_table,
    "problems": problems,
    "routes": routes,
}


def redrawn(page: str) -> str:
    """The page with all that is drawn in it made anew."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{DRAWN[found[2]]()}\n\n{found[3]}", page)


def main(arguments: list[str], pages: Path = PAGES) -> int:
    """Write what is out of date, or with --check name it; 1 when something was to be named."""
    stale = []
    for path in sorted(pages.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if (anew := redrawn(page)) != page:
            stale.append(path)
            if "--check" not in arguments:
                path.write_text(anew, encoding="utf-8")
    verb = "is out of date" if "--check" in arguments else "drawn anew"
    print("\n".join(f"{path.name}: {verb}" for path in stale) or "nothing to draw")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main(sys.argv[1:]))
