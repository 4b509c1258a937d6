"""`python -m flows.flow_process`: Prefect's engine for one flow run, in a process that ends when its worker does."""

from __future__ import annotations

import runpy

from aiwriter.supervision.child import die_with_parent


def main() -> None:
    die_with_parent()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
