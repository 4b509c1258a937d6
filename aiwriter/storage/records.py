"""What every store does alike, with SQL or without: documents as text, ids by their beginning, scopes of a budget."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from aiwriter.documents import (
    Article,
    CheckedText,
    Document,
    PublicationStatus,
    RunStatus,
    Stage,
    Study,
    Support,
)
from aiwriter.errors import BadInput, BudgetSpent, NotFound, Unavailable
from aiwriter.ports import EVERY_DAY, NO_RUN, BudgetState, budget_spent
from aiwriter.storage import money

D = TypeVar("D", bound=Document)

ENDED = (RunStatus.DONE, RunStatus.REFUSED, RunStatus.CANCELLED)  # nothing can take such a run again
FINISHED = (*ENDED, RunStatus.FAILED)
STUDY_UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)
STUDY_OPEN = (*STUDY_UNDER_WAY, RunStatus.FAILED)  # a study that can be taken up
AT_WORK = (PublicationStatus.PUBLISHING, PublicationStatus.WITHDRAWING)  # somebody holds it, or died of it
IN_INDEX = (PublicationStatus.PUBLISHING, PublicationStatus.PUBLISHED)  # and has an address
WITHDRAWAL = ("withdrawn_by", "withdrawn_at", "withdrawn_why")  # written as a publication is taken in hand
REMEMBERED = timedelta(hours=48)  # how long an idempotency key is kept

_LISTS = {
    "run": "`aiwriter runs` lists them.",
    "article": "`aiwriter articles` lists them.",
    "study": "`aiwriter research --list` lists them.",
}
_UUID_DIGITS = 32
_ID_BEGINNING = re.compile(r"[0-9a-f]{1,32}")


def json_text(data: Mapping[str, object]) -> str:
    """JSON of an event's data; ids, times and amounts become strings."""
    return json.dumps(dict(data), default=str)


def schema_version(document: BaseModel) -> int:
    return getattr(document, "schema_version", 1)


def read_document(kind: type[D], text: str, version: int) -> D:
    """The document in a row. Raises Unavailable when it cannot be read, BadInput when a newer aiwriter wrote it."""
    if version > kind.schema_version:
        raise BadInput(
            f"a stored {kind.__name__} has version {version}; this aiwriter knows {kind.schema_version}",
            hint="Upgrade aiwriter.",
        )
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Unavailable(
            f"a stored {kind.__name__} cannot be read: {first['loc']}: {first['msg']}",
            hint="The database was changed by something else: restore it from a backup.",
        ) from error


def id_range(prefix: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin so, dashes ignored; None when no id can."""
    digits = prefix.strip().lower().replace("-", "")
    if not _ID_BEGINNING.fullmatch(digits):
        return None
    return UUID(digits.ljust(_UUID_DIGITS, "0")), UUID(digits.ljust(_UUID_DIGITS, "f"))


def the_one(kind: str, prefix: str, found: Iterable[UUID]) -> UUID:
    """The only id found. Raises NotFound for none and BadInput for several."""
    ids = sorted(found)
    if not ids:
        raise no_such(kind, repr(prefix))
    if len(ids) > 1:
        some = ", ".join(map(str, ids[:5]))
        raise BadInput(f"{prefix!r} stands for more than one {kind}: {some}", hint="Give more of the id.")
    return ids[0]


def no_such(kind: str, key: object) -> NotFound:
    return NotFound(f"there is no {kind} {key} in this workspace", hint=_LISTS.get(kind))


def check_article(article: Article) -> None:
    """Raises BadInput when a citation does not resolve within the article or two sentences share an id."""
    known = {passage.id for passage in article.passages}
    seen: set[UUID] = set()
    for sentence in article.sentences:
        if sentence.id in seen:
            raise BadInput(f"two sentences of article {article.id} have the id {sentence.id}", hint="Nothing was kept.")
        seen.add(sentence.id)
        if unknown := set(sentence.citations) - known:
            raise BadInput(
                f"sentence {sentence.text!r} cites {min(unknown)}, which is not among the article's passages",
                hint="Nothing was kept: an article carries every passage it cites.",
            )


def fold(text: str) -> str:
    """Text as it is searched: compatible forms made one, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def searchable(article: Article) -> list[str]:
    """What a search looks through: the title, then every sentence."""
    return [article.title, *(sentence.text for sentence in article.sentences)]


def searchable_of(document: str) -> list[str]:
    """`searchable` of a stored article, read without the cost of validating all the rest of it."""
    return [json.loads(document)["title"], *sentences_of(document)]


def sentences_of(document: str) -> list[str]:
    """The texts of a stored article's sentences, read likewise."""
    paragraphs = (part for section in json.loads(document)["sections"] for part in section["paragraphs"])
    return [sentence["text"] for paragraph in paragraphs for sentence in paragraph["sentences"]]


def study_figures(found: Study | CheckedText) -> dict[str, int]:
    """What lists show of a study that is done."""
    if isinstance(found, CheckedText):
        return {
            "sources": found.read,
            "passages": len(found.reviewed.passages),
            "questions": len(found.judged),
            "answered": sum(support in (Support.SUPPORTED, Support.VOUCHED) for support in found.judged),
        }
    coverage = found.evidence.coverage
    return {
        "sources": len(found.evidence.sources),
        "passages": len(found.evidence.items),
        "questions": len(coverage),
        "answered": sum(row.answer == "answered" for row in coverage),
    }


def study_results(found: Study | CheckedText) -> dict[str, Study | CheckedText]:
    """The field of a study that holds what was found."""
    return {"checked" if isinstance(found, CheckedText) else "study": found}


def seconds_by_stage(items: Iterable[tuple[str, datetime, float]]) -> dict[str, float]:
    """What `StageRepository.seconds` promises, of each item's stage, when it ended, and the seconds it took."""
    spans: dict[str, list[tuple[float, float]]] = {stage: [] for stage in Stage}
    for stage, ended, seconds in items:
        spans[stage].append((ended.timestamp() - seconds, ended.timestamp()))
    counted: list[tuple[float, float]] = []
    found, before = {}, 0.0
    for stage, theirs in spans.items():
        if theirs:
            counted += theirs
            together = _covered(counted)
            found[str(stage)], before = round(together - before, 6), together
    return found


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """How long at least one of them lasts."""
    total, until = 0.0, float("-inf")
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def scopes(workspace_id: UUID, run_id: UUID, model: str, at: datetime) -> list[tuple[str, str]]:
    """The budgets a call counts against, always in the same order, so that no two transactions wait for each other.

    A call of no run counts against the others alone."""
    provider = model.partition(":")[0]
    day = at.astimezone(UTC).date().isoformat()
    found = {("workspace", str(workspace_id)), ("day", day), ("provider", provider)}
    return sorted(found if run_id == NO_RUN else found | {("run", str(run_id))})


def scopes_of_any(
    workspace_id: UUID, run_id: UUID, models: str, at: datetime
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Of a list of models ("openai:a, gemini:b"): the budgets that each of them counts against, then their own."""
    found = {scope for model in models.split(", ") for scope in scopes(workspace_id, run_id, model, at)}
    shared = [scope for scope in found if scope[0] != "provider"]
    return [*shared, ("day", EVERY_DAY)], [scope for scope in found if scope[0] == "provider"]


def left_of(shared: Iterable[BudgetState | None], own: Iterable[BudgetState | None]) -> Decimal | None:
    """What a call may still cost; None when nothing caps it. Of the budgets that all models of a list share the
    tightest counts; of their providers' own the one that has most: whoever has room for the call answers it."""
    capped = [state.left_usd for state in shared if state is not None]
    each = [None if state is None else state.left_usd for state in own]
    roomy = [left for left in each if left is not None]
    if roomy and len(roomy) == len(each):
        capped.append(max(roomy))
    return min(capped, default=None)


def no_room(scope: tuple[str, str], needed: int, state: BudgetState, run_id: UUID) -> BudgetSpent:
    """What is said when a reservation of `needed` micro-dollars does not fit."""
    asks = None if run_id == NO_RUN else run_id
    return budget_spent("the next model call", *scope, money.dollars(needed), state, asks)
