"""What is chosen for a run, by its asker and by the settings, held against what there is before work begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiwriter.bootstrap import Tools
from aiwriter.documents import ArticleKind, Brief
from aiwriter.errors import BadInput
from aiwriter.ports import LanguageModel
from aiwriter.services import estimates
from aiwriter.settings import usual_variable
from aiwriter.text.counted import counted


def checked(tools: Tools, model: str | None = None, briefs: Iterable[Brief] = ()) -> str:
    """The model that will write: `model`, else that of the settings. Raises BadInput when it, or whatever else a run
    would use by the settings, cannot be set up; of the settings, it names the one. Also when its context, or that of
    the cheaper one, is too small for one of the briefs."""
    others(tools)
    if model is None:
        with of_setting("model"):
            tools.model(tools.settings.model)
    else:
        tools.model(model)
    chosen = model or tools.settings.model
    for brief in briefs:
        estimates.require_context(brief, tools.model(chosen))
        if (less := cheaper(tools)) and tools.model(chosen).writes is ArticleKind.ARTICLE:
            estimates.require_context(brief, less)
    return chosen


def cheaper(tools: Tools) -> LanguageModel | None:
    """What writes the sections of a run that is near its budget."""
    return tools.model(tools.settings.cheaper_model) if tools.settings.cheaper_model else None


def others(tools: Tools) -> None:
    """Raises BadInput as `checked`, for what runs use beside their model."""
    settings = tools.settings
    with of_setting("embedder"):
        tools.embedder(settings.embedder)
    with of_setting("checking_model"):
        tools.checker()
        if settings.checking_model and not settings.checking_model.startswith("huggingface-nli:"):
            answering(tools.model(settings.checking_model))
    with of_setting("cheaper_model"):
        if model := cheaper(tools):
            answering(model)


@contextmanager
def of_setting(field: str) -> Iterator[None]:
    """What is refused within is refused for this setting."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"setting {usual_variable(field)} cannot be used: {error}", hint=error.hint) from error


def paced(tools: Tools, spec: str) -> Iterator[str]:
    """The rates that each model of the list is kept to: what a person waits for, and that a name was not mistyped."""
    for name in map(str.strip, spec.split(",")):
        if rates := tools.settings.limits.get(name):
            told = [counted(rates.rpm, "request")] if rates.rpm else []
            told += [f"{rates.tpm:,} tokens"] if rates.tpm else []
            yield f"{name} is sent at most {' and '.join(told)} a minute (AIWRITER_LIMITS): a run waits for its turns"


def answering(model: LanguageModel) -> None:
    """Raises BadInput for a model that makes digests and nothing else."""
    if model.writes is ArticleKind.DIGEST:
        raise BadInput(f"{model.name} answers no questions", hint="Name a language model, as provider:model.")
