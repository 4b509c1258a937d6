"""README's blocks marked `run` are carried out as they stand, in a folder that holds examples/.

Their Prefect server is the test run's, and `make test` gives them vectors by hashing: that a command starts a server of
its own and embeds with the default, a model, is tested by e2e/test_demo_cut_off.py. `make faults` keeps the model.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(
    r"^```sh run(?: exits=(\d))?\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
KEPT = ("LANG", "SSL_CERT_FILE", "OMP_NUM_THREADS")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def test_some_blocks_are_run():
    assert len(BLOCKS) >= 3


@pytest.mark.e2e
@pytest.mark.parametrize("embedder", ["hashing:64", pytest.param("minilm", marks=pytest.mark.faults)])
@pytest.mark.parametrize(("code", "block"), BLOCKS, ids=[block.splitlines()[-1][:40] for _, block in BLOCKS])
def test_a_block_of_the_readme_does_what_it_says(code, block, embedder, folder, prefect_api):
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "AIWRITER_HOME": str(folder / embedder),
        "AIWRITER_EMBEDDER": embedder,
        "PREFECT_API_URL": prefect_api,
    }
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", block], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == int(code or 0), done.stdout[-2000:] + done.stderr[-2000:]
