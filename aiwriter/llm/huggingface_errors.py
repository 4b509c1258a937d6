"""What transformers and the libraries below it raise, translated into ours by one table for each of two occasions.

Names, not classes: reading this module imports none of them. "library.*" stands for all of a library's own classes
that have no row; a class without any is treated as its nearest ancestor with one. Nothing here is worth a retry:
the same model on the same machine fails the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from aiwriter.errors import AIWriterError, BadInput, ProviderRejected, Unavailable

INSTALL = "Run make setup-local-models, and start aiwriter from .venv-local-models."
SMALLER = (
    "Use a smaller or quantised model, AIWRITER_HUGGINGFACE__DEVICE=cpu when it is the GPU that is full, or less "
    "context: AIWRITER_HUGGINGFACE__CONTEXT_TOKENS."
)
DOWNLOAD = "Fetch it once with AIWRITER_HUGGINGFACE__ALLOW_DOWNLOAD=true, or name a folder that holds it."
NETWORK = "Is the network there, and HF_HUB_OFFLINE unset? A model that is on this disk needs none: name its folder."
MESSAGE_SHOWN = 300
_MEMORY_WORDS = ("out of memory", "not enough memory", "cannot allocate memory")

Translator = Callable[[str, BaseException], AIWriterError]
Table = Mapping[str, Translator]


@contextmanager
def translated(model: str, table: Table) -> Iterator[None]:
    """Raises our errors for theirs; what has no row goes through as it is."""
    try:
        yield
    except Exception as error:  # a library of hundreds of models: the tables say which of its errors are known
        row = None if isinstance(error, AIWriterError) else row_of(type(error), table)
        if row is not None:
            raise table[row](model, error) from error
        raise


def row_of(kind: type[BaseException], table: Mapping[str, object]) -> str | None:
    """The name in the table under which a class is treated."""
    for ancestor in kind.__mro__:
        if ancestor is Exception and kind is not Exception:
            return None  # a bare one is a failure of somebody's, and not the family of all
        library = ancestor.__module__.partition(".")[0]
        for name in (f"{library}.{ancestor.__name__}", f"{library}.*"):
            if name in table:
                return name
    return None


def _no_room(model: str, error: BaseException) -> AIWriterError:
    return ProviderRejected(f"{model}: the memory does not suffice ({_words(error)})", hint=SMALLER)


def _broken(model: str, error: BaseException) -> AIWriterError:
    if _is_about_memory(error):
        return _no_room(model, error)
    hint = NETWORK if "couldn't connect to" in str(error) else f"Are all its files there and whole? {DOWNLOAD}"
    return BadInput(f"{model} cannot be loaded: {_words(error)}", hint=hint)


def _lacking(model: str, error: BaseException) -> AIWriterError:
    return BadInput(f"{model} needs a package that is not installed: {_words(error)}", hint=INSTALL)


def _not_fetched(model: str, error: BaseException) -> AIWriterError:
    hint = "Is the name right, and the network there? Gated models want HF_TOKEN."
    return Unavailable(f"{model} cannot be fetched: {_words(error)}", hint=hint)


def _failed(model: str, error: BaseException) -> AIWriterError:
    if _is_about_memory(error):
        return _no_room(model, error)
    hint = "Try AIWRITER_HUGGINGFACE__DEVICE=cpu; if it goes on, use another model (--model)."
    return ProviderRejected(f"{model} failed while writing: {_words(error)}", hint=hint)


def _is_about_memory(error: BaseException) -> bool:
    return any(words in str(error).lower() for words in _MEMORY_WORDS)


def _words(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())[:MESSAGE_SHOWN]


_NO_ROOM: Table = {"builtins.MemoryError": _no_room, "torch.OutOfMemoryError": _no_room}

LOADING: Table = {
    **_NO_ROOM,
    "builtins.ImportError": _lacking,
    "httpx2.*": _not_fetched,
    "huggingface_hub.HfHubHTTPError": _not_fetched,
    "huggingface_hub.XetDownloadError": _not_fetched,
    "huggingface_hub.*": _broken,
    "safetensors.*": _broken,
    "torch.*": _broken,
    "builtins.OSError": _broken,
    "builtins.ValueError": _broken,
    "builtins.LookupError": _broken,
    "builtins.RuntimeError": _broken,
    "builtins.TypeError": _broken,
    "builtins.AttributeError": _broken,
    "builtins.Exception": _broken,  # tokenizers raises it bare
}

WRITING: Table = {
    **_NO_ROOM,
    "torch.*": _failed,
    "jinja2.*": _failed,
    "builtins.ValueError": _failed,
    "builtins.LookupError": _failed,
    "builtins.RuntimeError": _failed,
    "builtins.TypeError": _failed,
    "builtins.ArithmeticError": _failed,
}
