"""The flow that publishes what is approved and due, and goes on with what was left half done."""

from __future__ import annotations

from collections import Counter

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.documents import PublicationStatus
from tasks.publishing import publish_what_is_due


@flow(name="publish-articles", flow_run_name="publish-articles", persist_result=False)
async def publish_articles() -> State:
    """Carry every publication that is due, in every workspace. Run again, what is published stays as it is.

    Ends Failed when a target did not take one; what the gate holds back is no failure.
    """
    ended = await publish_what_is_due()
    counts = Counter(one.status for one in ended)
    message = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nothing was due"
    return Failed(message=message) if counts[PublicationStatus.FAILED] else Completed(message=message)
