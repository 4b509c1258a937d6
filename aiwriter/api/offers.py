"""What the API says of models that may be asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field

from aiwriter.api.schemas import Message
from aiwriter.documents import ArticleKind


class ModelHead(Message):
    """A model that may be asked for, or the default list of them. `writes`: an article, or a digest of quotations. Not
    usable: `note` says why, as while it is left alone because it failed or refused the account. Prices are US dollars a
    million tokens; None: not known."""

    name: str
    writes: ArticleKind | None
    default: bool
    usable: bool
    note: str = ""
    state: str = ""
    left_alone_until: AwareDatetime | None = None
    context_tokens: int | None = None
    input_usd: Decimal | None = None
    output_usd: Decimal | None = None


class ModelList(Message):
    """Models that are known here; others can be named as provider:model. `away`: endpoints that did not list theirs."""

    items: tuple[ModelHead, ...]
    away: tuple[str, ...] = ()


class ModelNamed(Message):
    """A model, or a list of them, as provider:model."""

    model: Annotated[str, Field(min_length=3, max_length=500)]


class ModelAnswers(Message):
    """What came of asking."""

    model: str
    said: str
