"""Is a secret that was found new to this repository? One that its history had in that file is not.

Replayed by a rebase, an old commit gets new contents: the file as it was, on another base. Nothing leaks by
that which was not there. What came by a fetch and is remembered as tainted does not count as history.
"""

from __future__ import annotations

from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.response.change import Change, ChangeCommit, ChangedFile


def without_known(
    desk: Desk, changes: Sequence[Change], fresh: frozenset[str], is_clean: Callable[[Change], bool]
) -> tuple[Change, ...]:
    """Return the changes without the files and messages whose secrets the history had at that place.

    `fresh`: commits that are no history yet. `is_clean`: what the rule says about a change alone. Git is
    only asked about what is not clean.
    """
    but = desk.tainted.all() | fresh
    found = []
    for change in changes:
        if is_clean(change):
            found.append(change)
            continue
        files = tuple(file for file in change.files if not _is_known(desk, change, file, but, is_clean))
        commits = tuple(_known_message(desk, change, commit, but, is_clean) for commit in change.commits)
        found.append(replace(change, files=files, commits=commits))
    return tuple(found)


def _is_known(
    desk: Desk, change: Change, file: ChangedFile, but: frozenset[str], is_clean: Callable[[Change], bool]
) -> bool:
    alone = replace(change, files=(file,), commits=())
    if not file.new_object or is_clean(alone):
        return False
    versions = desk.references.versions(file.path, but)
    if file.new_object in versions or desk.references.holds(file.new_object, but):
        return True
    return any(
        is_clean(replace(alone, files=(replace(file, old_object=one, old_mode=file.new_mode, old_path=""),)))
        for one in versions
    )


def _known_message(
    desk: Desk, change: Change, commit: ChangeCommit, but: frozenset[str], is_clean: Callable[[Change], bool]
) -> ChangeCommit:
    """Return the commit without its message when that holds a secret and stands in the history already."""
    if is_clean(replace(change, files=(), commits=(commit,))):
        return commit
    if any(message == commit.message for message in desk.references.messages(but)):
        return replace(commit, message="")
    return commit
