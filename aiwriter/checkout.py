"""What lies beside the library in a checkout: its folder, and what is named there by `module:class`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from aiwriter.errors import BadInput


def loaded(what: str, spec: str) -> Callable[..., object]:
    """What `module:class` names. Raises BadInput when it cannot be imported."""
    module, _, name = spec.partition(":")
    try:
        return cast("Callable[..., object]", getattr(import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise BadInput(
            f"the {what} {spec!r} cannot be loaded: {error}",
            hint="Runs need the checkout or the image, where flows/ lies beside aiwriter/: run from there.",
        ) from error


def root_folder() -> Path:
    """The folder that holds aiwriter/, and in a checkout flows/ and examples/ beside it."""
    return Path(__file__).resolve().parent.parent
