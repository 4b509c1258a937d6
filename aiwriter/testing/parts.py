"""Stand-in parts: tiny commands that behave like servers, so that the supervisor is tested by itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiwriter import servers
from aiwriter.supervision.supervisor import Limits, Part

SERVER = """
import http.server, json, sys
from datetime import datetime, timezone
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "Content-Length" in self.headers:
            self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.end_headers()
        self.wfile.write(json.dumps([{"last_heartbeat_time": datetime.now(timezone.utc).isoformat()}]).encode())
    do_POST = do_GET
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
# Notes its process id, and the dashboard its key. The worker has no address, and a flow process in another session.
NOTING = """
import os, pathlib, subprocess, sys, time
home, name = pathlib.Path(os.environ["AIWRITER_HOME"]), sys.argv[2]
with (home / "pids").open("a") as file: file.write(f"{os.getpid()}\\n")
if name == "dashboard": (home / "key").write_text(os.environ["AIWRITER_API__KEY"])
if name == "worker":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    time.sleep(600)
"""
QUICK = Limits(look_seconds=0.02, watch_seconds=0.05, silent_seconds=0.3, first_pause=0.01, grace_seconds=1.0)


def python(code: str, *arguments: object) -> tuple[str, ...]:
    """A command that runs this code."""
    return (sys.executable, "-c", code, *map(str, arguments))


def server_part(name: str, port: int | None = None, **more: Any) -> Part:
    """A part that answers over HTTP."""
    address = f"http://127.0.0.1:{port or servers.free_port()}"
    command = python(SERVER, address.rpartition(":")[2])
    return replace(Part(name, command, address, partial(servers.answers, address)), **more)


def standing_in_for(part: Part) -> Part:
    """The same part made of a tiny command."""
    port = urlsplit(f"//{part.address.rpartition('//')[2]}").port if part.address else 0
    command = python(NOTING + SERVER, port, part.name)
    return replace(part, command=command, once=(python("print('once')"),) if part.once else ())


def is_alive(pid: int) -> bool:
    """Whether a process runs (Linux); one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def all_gone(pids: Iterable[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


def eventually(said: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until it holds. Raises AssertionError when it does not come to that."""
    deadline = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < deadline, f"it did not come to that within {seconds} s"
        time.sleep(0.02)


def pids_in(file: Path, count: int) -> list[int]:
    """Process ids that stand-ins have noted, one a line, once there are so many."""
    eventually(lambda: file.exists() and len(file.read_text().split()) >= count)
    return [int(pid) for pid in file.read_text().split()]
