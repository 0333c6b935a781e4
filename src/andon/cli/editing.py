"""Letting a person edit a text in the editor of their choice; what they wrote is never lost."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile

from andon.errors import AndonError, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def edit_text(text: str, name: str, take: Callable[[str], T]) -> T:
    """Open `text` in $VISUAL or $EDITOR and return what `take` makes of the edited text.

    The file is deleted after `take` succeeded; whatever goes wrong, it is kept and named. Raises Unavailable
    when there is no editor or it fails, and what `take` raises, with the file in its remedy.
    """
    command = _editor()
    handle, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".md")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    try:
        _run(command, path)
        with open(path, encoding="utf-8", errors="strict", newline="") as file:
            taken = take(file.read())
    except AndonError as problem:
        problem.remedy = _kept(path, problem.remedy)
        raise
    except UnicodeDecodeError as problem:
        raise Unavailable(
            "the edited file is no UTF-8", where=path, rule="editor", remedy=_kept(path, "")
        ) from problem
    except BaseException:
        print(f"your text is kept in {path}", file=sys.stderr)
        raise
    os.unlink(path)
    return taken


def _editor() -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError as problem:
            raise Unavailable(
                f"{variable} cannot be read: {problem}",
                rule="editor",
                remedy=f"export {variable}=nano; or andon postmortem edit --set KEY=TEXT",
            ) from problem
        if words:
            return words
    return ["vi"]


def _run(command: list[str], path: str) -> None:
    try:
        done = subprocess.run([*command, path], check=False)
    except OSError as problem:
        raise Unavailable(
            f"the editor {command[0]} cannot be started: {problem.strerror}",
            rule="editor",
            remedy="export EDITOR=nano; or andon postmortem edit --set KEY=TEXT",
        ) from problem
    if done.returncode:
        raise Unavailable(
            f"the editor {command[0]} ended with {done.returncode}; nothing was recorded",
            rule="editor",
            remedy="edit again",
        )


def _kept(path: str, remedy: str) -> str:
    kept = f"your text is kept in {path}: andon postmortem edit --from {path}"
    return f"{remedy}; {kept}" if remedy else kept
