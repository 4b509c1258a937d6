"""`python -m flows.prefect_child PORT`: a Prefect server that ends when its parent does, however the parent ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; kept across exec


def main(port: str) -> None:
    """Tie this process to its parent (where the kernel can), then become the server."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    command = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui"]
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - our own interpreter, no shell


if __name__ == "__main__":
    main(sys.argv[1])
