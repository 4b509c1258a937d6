"""`edit`: the editable form in the user's editor, saved as a new version that has been checked again."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, standing
from aiwriter.documents import Article
from aiwriter.errors import BadInput
from aiwriter.pipeline.editable import to_editable
from aiwriter.services import articles, editing

EDITORS = ("VISUAL", "EDITOR")
_BY_FILE = "`aiwriter edit ARTICLE --to FILE`, change the file, then `--from FILE`"


async def edit(tools: Tools, prefix: str, file: Path | None, to: Path | None, *, as_json: bool) -> int:
    """Take the edited text from `file` or from an editor; with `to` only write the editable form there."""
    article = await articles.find(tools.database, tools.principal, prefix)
    text = to_editable(article)
    if to is not None:
        await asyncio.to_thread(to.write_text, text, encoding="utf-8")
        console.say(f"{to}: edit it, then: aiwriter edit {article.id} --from {to}")
        return 0
    edited = _read(file) if file is not None else await asyncio.to_thread(_in_editor, tools, article, text)
    name = article.provenance.embedder
    saved = await editing.save(
        tools.database,
        tools.principal,
        article,
        edited,
        tools.publisher(None),
        tools.vectors(name),
        tools.embedder(name),
    )
    _tell(article, saved, as_json=as_json)
    return standing.exit_code(saved)


def _tell(before: Article, saved: Article, *, as_json: bool) -> None:
    if as_json:
        findings = [finding.model_dump(mode="json") for finding in saved.quality.findings]
        changed = saved.version != before.version
        console.give(standing.result(saved) | {"changed": changed, "findings": findings})
        return
    if saved.version == before.version:
        console.say("Nothing was changed.")
        return
    console.say(standing.headline(saved))
    known = {(finding.sentence_id, finding.message) for finding in before.quality.findings}
    found = saved.quality.to_do
    standing.say_findings(saved, (f for f in found if f.is_open_error or (f.sentence_id, f.message) not in known))
    standing.say_reasons(saved)
    console.say(standing.next_step(saved))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the edited text {str(file)!r} cannot be read: {error}", hint="Check the path.") from error


def editor_of(environment: Mapping[str, str], *, is_terminal: bool) -> str:
    """The command of the user's editor. Raises BadInput when none is set, or there is no terminal to open it in."""
    editor = next((environment[name] for name in EDITORS if environment.get(name)), None)
    if editor is None:
        raise BadInput("no editor is set", hint=f"Set EDITOR, or use {_BY_FILE}.")
    if not is_terminal:
        raise BadInput(
            f"the editor {editor!r} cannot be opened: standard input is not a terminal", hint=f"Use {_BY_FILE}."
        )
    return editor


def _in_editor(tools: Tools, article: Article, text: str) -> str:
    """What the editor leaves. The file is kept under AIWRITER_HOME, so that no edit is lost when saving is refused."""
    editor = editor_of(os.environ, is_terminal=sys.stdin.isatty())
    file = tools.settings.home_folder / "edits" / f"{article.id}-v{article.version}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_text(text, encoding="utf-8")
    subprocess.run([*shlex.split(editor), str(file)], check=False)  # noqa: S603 - the user's own editor
    return file.read_text(encoding="utf-8")
