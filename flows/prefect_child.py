"""`python -m flows.prefect_child PORT [--ui]`: a Prefect server that ends when its parent does, however that ends.

It is what `prefect server start` runs, without the command line around it: that costs a second at every start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from aiwriter.supervision.child import die_with_parent
from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS


def main(port: str, options: Sequence[str]) -> None:
    """Tie this process to its parent (where the kernel can), then be the server."""
    die_with_parent()
    for name, value in (CLIENT_SETTINGS | SERVER_SETTINGS).items():
        os.environ.setdefault(name, value)  # what the user has set stays
    os.environ["PREFECT_SERVER_UI_ENABLED"] = str("--ui" in options).lower()
    import uvicorn
    from prefect.server.api.server import create_app  # reads the settings when it is imported
    from prefect.settings import get_current_settings

    server = get_current_settings().server
    uvicorn.run(
        create_app(final=True),
        host="127.0.0.1",
        port=int(port),
        timeout_keep_alive=server.api.keepalive_timeout,
        log_level=server.logging_level.lower(),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
