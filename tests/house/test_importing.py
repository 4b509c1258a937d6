"""Importing is free: it loads nothing heavy, writes nothing and talks to nobody."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ["torch", "chromadb", "prefect", "transformers", "sentence_transformers", "onnxruntime", "streamlit"]
HEAVY += ["openai", "anthropic", "google.genai", "httpx2"]

# Imports each module in turn and notes what came along. Migrations are scripts that Alembic runs, not modules.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import aiwriter, flows

current, deeds = "", []
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event in {"socket.connect", "socket.bind", "os.mkdir", "sqlite3.connect", "subprocess.Popen"}:
        deeds.append(f"{current}: {event} {arguments[0]}")
sys.addaudithook(watch)

names = [m.name for m in pkgutil.walk_packages(aiwriter.__path__, "aiwriter.") if ".migrations." not in m.name]
loaded = set()
for current in [*names, "flows.launcher"]:
    try:
        importlib.import_module(current)
    except Exception as error:
        deeds.append(f"{current}: {error!r}")
    for heavy in set(HEAVY) & set(sys.modules) - loaded:
        loaded.add(heavy)
        deeds.append(f"{current} loads {heavy}")
print(json.dumps({"modules": len(names), "deeds": deeds}))
"""

HELP = """
import json, sys
from aiwriter.cli import app
try:
    app(["--help"])
except SystemExit as end:
    print(json.dumps({"code": end.code, "loaded": sorted(set(SLOW) & set(sys.modules))}))
"""


def _run(code: str, **constants: list[str]) -> tuple[str, dict]:
    given = "".join(f"{name} = {value!r}\n" for name, value in constants.items())
    command = [sys.executable, "-B", "-c", given + code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    text, _, last = printed.rstrip().rpartition("\n")
    return text, json.loads(last)


def test_importing_any_module_is_free():
    _, result = _run(IMPORT_ALL, HEAVY=HEAVY)
    assert not result["deeds"], "\n".join(result["deeds"])
    assert result["modules"] > 50


def test_help_comes_without_loading_what_the_commands_need():
    slow = ["pydantic", "pydantic_settings", "sqlalchemy", "numpy", "httpx", "openai", "alembic", *HEAVY]
    text, result = _run(HELP, SLOW=slow)
    assert result == {"code": 0, "loaded": []}
    assert all(command in text for command in ("write", "resume", "check", "doctor"))
