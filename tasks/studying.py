"""The task of `research_topic`: a stored study is carried out."""

from __future__ import annotations

from uuid import UUID

from prefect import task

from aiwriter.documents import StudyKind
from aiwriter.services import studies
from aiwriter.text.counted import counted
from tasks import policies
from tasks.tooling import tools


@task(name="study", task_run_name="{name}", **policies.FETCH)
async def look_into(study_id: UUID, owner: str, name: str) -> str:  # noqa: ARG001 - Prefect's pages call the task so
    """Read the sources of a study that `owner` holds, and keep what they say; what came of it, in words."""
    held = tools()
    done = await studies.carry_out(held.database, held.principal, study_id, owner, held.desk())
    said = "questions answered" if done.kind is StudyKind.TOPIC else "judged sentences supported"
    return f"{done.answered} of {done.questions} {said} from {counted(done.sources, 'source')}"
