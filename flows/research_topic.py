"""The flow that looks into a topic: what its sources speak of, ask and answer; nothing is written."""

from __future__ import annotations

from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.errors import AIWriterError, Conflict, NotFound, Refused
from aiwriter.services import studies
from flows import naming
from tasks.studying import look_into
from tasks.tooling import opened, step


@flow(name="research-topic", flow_run_name="research-topic", persist_result=False)
async def research_topic(study_id: UUID, title: str = "", workspace: UUID | None = None) -> State:
    """Carry a stored study to its end. Started again with the same id it begins anew, unless it is done.

    Ends Completed with what was found, Completed with the name "Refused" when the sources say nothing about the topic
    and "Skipped" when the study has ended or was removed; Failed when something was unavailable.
    """
    async with opened(workspace) as held:
        try:
            return Completed(message=await step(look_into, study_id, naming.short(title)))
        except (Conflict, NotFound) as error:
            return Completed(name="Skipped", message=str(error))
        except Refused as error:
            await studies.end_with(held.database, held.principal, study_id, error)
            return Completed(name="Refused", message=str(error))
        except (AIWriterError, TimeoutError) as error:  # a task's time limit, as Prefect raises it
            await studies.end_with(held.database, held.principal, study_id, error)
            return Failed(message=str(error))
        except Exception as error:  # a defect: the study must not stay "running" behind us
            await studies.end_with(held.database, held.principal, study_id, error)
            raise
