"""The flow that looks into a topic, what its sources speak of, ask and answer, or checks a text against them; nothing
is written."""

from __future__ import annotations

from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from aiwriter.bootstrap import Tools
from aiwriter.documents import RunStatus
from aiwriter.errors import AIWriterError, Conflict, NotFound, Refused
from aiwriter.services import studies
from flows import naming
from tasks.studying import look_into
from tasks.tooling import opened, step


@flow(name="research-topic", flow_run_name="research-topic", persist_result=False)
async def research_topic(study_id: UUID, title: str = "", workspace: UUID | None = None) -> State:
    """Carry a stored study to its end. Started again with the same id it begins anew, unless it has ended.

    Ends Completed with what was found, Completed with the name "Refused" when the sources say nothing about the topic
    and "Skipped" when the study has ended, was removed, or is in other hands; Cancelled when somebody cancelled it;
    Failed when something was unavailable.
    """
    async with opened(workspace) as held:
        try:
            async with studies.in_hand(held.database, held.principal, study_id, held.clock) as owner:
                return Completed(message=await step(look_into, study_id, owner, naming.short(title)))
        except NotFound as error:
            return Completed(name="Skipped", message=str(error))
        except Conflict as error:
            return await _not_ours(held, study_id, error)
        except Refused as error:
            return Completed(name="Refused", message=str(error))
        except (AIWriterError, TimeoutError) as error:  # a task's time limit, as Prefect raises it
            return Failed(message=str(error))


async def _not_ours(held: Tools, study_id: UUID, error: Conflict) -> State:
    study = await studies.get(held.database, held.principal, study_id)
    if study.status is RunStatus.CANCELLED:
        return Cancelled(message=study.reason)
    return Completed(name="Skipped", message=str(error))
