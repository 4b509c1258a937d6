"""What every document is, and the types of their fields."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from aiwriter.text.domains import domain

PassageId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Domain = Annotated[str, AfterValidator(domain)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _as_listed(models: str) -> str:
    """A list of models as their layers name it, however it was typed: figures of the same list belong together."""
    return ", ".join(one.strip() for one in models.split(","))


ModelSpec = Annotated[str, AfterValidator(_as_listed)]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Document(BaseModel):
    """A frozen value that is stored as JSON; `schema_version` rises when old JSON needs a migration."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: ClassVar[int] = 1

    @property
    def news(self) -> dict[str, object]:
        """What the history of a run tells of it, beside that it is there now."""
        return {}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical JSON: equal documents have equal fingerprints."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
