"""Prints every benchmark with the first line of its docstring."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

for path in sorted((ROOT / "benchmarks").glob("*.py")):
    lines = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()
    print(f"  {path.relative_to(ROOT)}: {lines[0] if lines else ''}")
