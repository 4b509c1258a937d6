"""The wheel holds the library, all of it, and nothing else."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder


@pytest.fixture(scope="module")
def names(root, tmp_path_factory) -> set[str]:
    built = next(WheelBuilder(str(root)).build(directory=str(tmp_path_factory.mktemp("wheel"))))
    with ZipFile(built) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_only_aiwriter_lands_in_site_packages(names):
    """Generic names such as flows and tasks would overwrite other people's packages."""
    assert {name.split("/")[0] for name in names} == {"aiwriter"}


def test_every_file_of_the_library_is_in_it(names, tracked, root):
    library = {path.relative_to(root).as_posix() for path in tracked if path.is_relative_to(root / "aiwriter")}
    assert library - names == set()
    assert names - library == set()


def test_type_checkers_of_other_projects_may_read_its_types(names):
    assert "aiwriter/py.typed" in names
