"""What git tells its hooks through the environment: kept when it is about this repository, else refused."""

from __future__ import annotations

import os

from andon.errors import Unavailable
from andon.production.workplace import common_directory, git_directory, is_git_directory

#: What leads git into a repository or an index, and is only kept when it is about this one.
_LEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
#: Where the objects of a push in progress are.
_OBJECTS = _LEADING[4:]
#: What would change how git answers, and is never kept.
_DROPPED = (
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_ATTR_SOURCE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_INTERNAL_SUPER_PREFIX",
)
#: A file that cannot be: of the repository's own, `info/grafts`, nothing is believed. Git passes over a path
#: below what is no directory without a word.
_NO_GRAFTS = os.path.join(os.devnull, "none")


def environment_for_git(root: str) -> dict[str, str]:
    """Return the environment in which git answers about the repository at `root`, as it is in this hook.

    The index of a commit in progress and the objects of a push in progress are only found by what git set.
    Raises Unavailable when it was set for another repository: what it holds would be judged by wrong rules.
    """
    dropped = (*_LEADING, *_DROPPED)
    found = {name: value for name, value in os.environ.items() if name not in dropped}
    found |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": _NO_GRAFTS,
    }
    own, shared = git_directory(root), common_directory(root)
    if own is None or shared is None:
        return found
    places = (os.path.realpath(own), os.path.realpath(shared))
    given = os.environ.get("GIT_DIR", "")
    if given:
        if os.path.realpath(given) not in places:
            raise _foreign("GIT_DIR", given)
        found["GIT_DIR"] = os.path.abspath(own)
        if os.path.lexists(os.path.join(root, ".git")):
            found["GIT_WORK_TREE"] = os.path.abspath(root)
    for name in _OBJECTS:
        value = os.environ.get(name, "")
        if value and _is_inside(value.split(os.pathsep)[0], places):
            parts = value.split(os.pathsep) if name.startswith("GIT_ALTERNATE") else [value]
            found[name] = os.pathsep.join(os.path.abspath(part) for part in parts)
    index = os.environ.get("GIT_INDEX_FILE", "")
    if index:  # git does not set GIT_DIR with it in an ordinary work tree
        if not _is_inside(index, places) and _is_in_a_repository(index):
            raise _foreign("GIT_INDEX_FILE", index)
        found["GIT_INDEX_FILE"] = os.path.abspath(index)
    return found


def _foreign(name: str, value: str) -> Unavailable:
    return Unavailable(
        f"{name} names another repository than the one here",
        where=f"{name}={value}",
        rule="configuration",
        remedy="unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE; then again",
    )


def _is_in_a_repository(path: str) -> bool:
    """Say whether a file lies in what git keeps of some repository."""
    place = os.path.dirname(os.path.realpath(path))
    while not is_git_directory(place):
        above = os.path.dirname(place)
        if above == place:
            return False
        place = above
    return True


def _is_inside(path: str, places: tuple[str, ...]) -> bool:
    whole = os.path.realpath(path)
    return any(whole == place or whole.startswith(place + os.sep) for place in places)
