"""`python -m flows.prefect_child PORT [--ui]`: a Prefect server that ends when its parent does, however that ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from aiwriter.supervision.child import die_with_parent
from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS


def main(port: str, options: Sequence[str]) -> None:
    """Tie this process to its parent (where the kernel can), then become the server."""
    die_with_parent()
    ui = "--ui" if "--ui" in options else "--no-ui"
    command = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port, ui]
    environment = CLIENT_SETTINGS | SERVER_SETTINGS | os.environ  # what the user has set stays
    os.execve(sys.executable, [sys.executable, *command], environment)  # noqa: S606 - our own interpreter, no shell


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
