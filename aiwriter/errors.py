"""Every error a caller may meet; a class exists only if a caller acts differently.

    AIWriterError                 cause and value in the message, the next step in `hint`
    ├── BadInput                  the user can mend it: refused before work begins            exit 2
    │   └── UnreadableSource      one source cannot be used; the others go on
    │       ├── SourceGone        … since it is there no more; what is known of it is forgotten
    │       └── OwnText           … since we wrote it; among others it is left out
    ├── Refused                   a gate said no; what was done is kept, with its reasons     exit 1
    │   └── BudgetSpent           the next call would pass the cap; of a provider: another may answer
    ├── Unavailable               a provider or a store failed; resuming may help             exit 3
    │   └── RateLimited           … and said when to come back (`retry_after`, seconds)
    ├── ProviderRejected          a provider refused the request itself; retrying cannot help exit 3
    │   ├── AccountRefused        … whatever is asked: its key, quota or payment; another provider may answer
    │   └── ModelUnknown          … since it has no such model; another model may answer
    ├── BadReply                  a model's answer could not be used, after repair            exit 3
    ├── Conflict                  somebody else holds or changed it, or it has ended          exit 2
    ├── Forbidden                 who asks may not do this                                    exit 2
    └── NotFound                  no such run, article, source                                exit 2

Messages carry the cause and the value; `hint` says what to do next. Every class survives pickling:
the message is positional, everything else keyword-only with a default.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar


class AIWriterError(Exception):
    """Base of all errors; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def with_hint(self) -> str:
        """Message and next step in one line."""
        return f"{self} ({self.hint})" if self.hint else str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self.args, self.__dict__)


class BadInput(AIWriterError):
    """What the user gave cannot be used; nothing was begun."""

    exit_code = 2


class UnreadableSource(BadInput):
    """One source could not be read; named in the report while the others go on."""


class SourceGone(UnreadableSource):
    """There is no such page or file any more: what was known of it is forgotten."""


class OwnText(UnreadableSource):
    """We wrote this, and what we write confirms nothing: among other files it is left out, and no failure."""


class NotFound(AIWriterError):
    """There is no such run, article or source in this workspace."""

    exit_code = 2


class Refused(AIWriterError):
    """A gate said no; the work done and the reasons are kept."""

    exit_code = 1


class BudgetSpent(Refused):
    """The next model call would pass a budget's cap; `scope` is whose: "run", "workspace", "day", "provider".

    `budget` is what it is called where caps are set, a provider's by its name; `needs_usd` must be free of it.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        scope: str = "",
        budget: str = "",
        needs_usd: Decimal = Decimal(0),
    ) -> None:
        super().__init__(message, hint=hint)
        self.scope = scope
        self.budget = budget or scope
        self.needs_usd = needs_usd


class Unavailable(AIWriterError):
    """A provider, store or helper process failed or cannot be reached.

    `sent`: the request may have reached the other side and have had its effect there (a model call may be billed).
    """

    def __init__(self, message: str, *, hint: str | None = None, sent: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class RateLimited(Unavailable):
    """A provider asked us to wait; `retry_after` is in seconds, None when it did not say."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ProviderRejected(AIWriterError):
    """A provider refused the request (key, quota, content, size); sending it again cannot help."""


class AccountRefused(ProviderRejected):
    """A provider takes nothing from this account, whatever is asked, until a person mends its key, quota or payment."""


class ModelUnknown(ProviderRejected):
    """A provider has no model of this name, or not any more."""


class BadReply(AIWriterError):
    """A model answered, but not in a form that can be used, even after repair."""


class Conflict(AIWriterError):
    """Another process holds the run or changed the row first, or it has ended: trying again cannot help."""

    exit_code = 2


class Forbidden(AIWriterError):
    """The principal lacks the scope that this needs."""

    exit_code = 2
