"""`make` on a new machine: a Python is believed when it runs, and who has none is told the next step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BROKEN = "#!/bin/sh\necho 'no such command in this version manager' >&2\nexit 127\n"
GOOD = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
WITHOUT_VENV = f"""#!/bin/sh
exec "{sys.executable}" -c "import sys; sys.modules['ensurepip'] = None; exec(sys.argv[1])" "$2"
"""
TOO_OLD = f"""#!/bin/sh
exec "{sys.executable}" -c "import sys; sys.version_info = (3, 9, 0); exec(sys.argv[1])" "$2"
"""


@pytest.fixture
def look(tmp_path, root):
    """Looks for a Python in a bare checkout, with these programs and no others on the PATH."""
    checkout, programs = tmp_path / "a checkout", tmp_path / "bin"
    checkout.joinpath("scripts").mkdir(parents=True)
    shutil.copy(root / "scripts/find_python.sh", checkout / "scripts")
    programs.mkdir()
    programs.joinpath("dirname").symlink_to(shutil.which("dirname"))

    def look(pythons: dict[str, str], **env: str) -> subprocess.CompletedProcess[str]:
        for name, script in pythons.items():
            programs.joinpath(name).write_text(script)
            programs.joinpath(name).chmod(0o755)
        command = ["/bin/sh", str(checkout / "scripts/find_python.sh")]
        return subprocess.run(command, env={"PATH": str(programs)} | env, capture_output=True, text=True, check=False)

    return look


def test_a_python_that_fails_when_run_is_passed_over(look):
    found = look({"python3.13": BROKEN, "python3.12": TOO_OLD, "python3.11": WITHOUT_VENV, "python3": GOOD})
    assert os.path.realpath(found.stdout.strip()) == str(Path(sys.executable).resolve())


def test_who_lacks_only_the_venv_module_is_told_the_package(look):
    found = look({"python3.13": BROKEN, "python3": WITHOUT_VENV})
    assert found.returncode == 1
    assert f"sudo apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in found.stderr


def test_who_has_no_python_is_told_how_to_get_one(look):
    found = look({"python3": TOO_OLD})
    assert found.returncode == 1
    assert "sudo apt-get install python3 python3-venv" in found.stderr


def test_a_named_python_that_does_not_work_is_an_error_and_not_replaced(look):
    found = look({"python3": GOOD, "mine": BROKEN}, PYTHON="mine")
    assert (found.returncode, found.stdout) == (1, "")
    assert "PYTHON=mine" in found.stderr
