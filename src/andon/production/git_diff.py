"""Reading what `git diff` says: which files differ, and in which lines."""

from __future__ import annotations

from andon.record import replace
from andon.response.change import ChangedFile, Hunk, Kind

_KINDS = {
    "A": Kind.ADDED, "C": Kind.ADDED, "D": Kind.REMOVED, "M": Kind.CHANGED, "R": Kind.RENAMED,
    "T": Kind.TYPE_CHANGED, "U": Kind.CHANGED,
}  # fmt: skip
_UNMERGED = "its merge conflict is not resolved"


def read_diff(answer: bytes) -> tuple[ChangedFile, ...]:
    """Return the files of `git diff --raw -z --patch -U0`, in git's order. Raises nothing but ValueError."""
    files, place = [], 0
    while answer[place : place + 1] == b":":
        end = answer.index(b"\0", place)
        old_mode, new_mode, old, new, letter = answer[place + 1 : end].decode("ascii").split(" ")
        count = 2 if letter[0] in "RC" else 1
        names = []
        for _ in range(count):
            start, end = end + 1, answer.index(b"\0", end + 1)
            names.append(answer[start:end].decode("utf-8", "backslashreplace"))
        place = end + 1
        files.append(_file(old_mode, new_mode, old, new, letter[0], names))
    return _with_hunks(files, answer[place:].lstrip(b"\0"))


def _file(old_mode: str, new_mode: str, old: str, new: str, letter: str, names: list[str]) -> ChangedFile:
    file = ChangedFile(
        path=names[-1],
        old_path=names[0] if letter == "R" else "",
        kind=_KINDS.get(letter, Kind.CHANGED),
        old_mode=old_mode.strip("0") and old_mode,
        new_mode=new_mode.strip("0") and new_mode,
        old_object=old.strip("0") and old,
        new_object=new.strip("0") and new,
    )
    why = _UNMERGED if letter == "U" else "a submodule" if file.is_submodule else ""
    return replace(file, unread=why) if why else file


def _with_hunks(files: list[ChangedFile], patch: bytes) -> tuple[ChangedFile, ...]:
    """Return the files with the hunks of the patch, whose sections come in the same order.

    A file that becomes a link has two sections; one with an unresolved conflict has none.
    """
    if not patch:
        return tuple(files)
    sections = [number for number, file in enumerate(files) for _ in range(_sections(file))]
    hunks: list[list[Hunk]] = [[] for _ in files]
    binary: set[int] = set()
    lines = patch.split(b"\n")
    section, at = -1, 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith(b"diff --git "):
            section += 1
            if section >= len(sections):
                break
        elif section >= 0 and line.startswith((b"Binary files ", b"GIT binary patch")):
            binary.add(sections[section])
        elif section >= 0 and line.startswith(b"@@ "):
            hunk, at = _hunk(line, lines, at)
            hunks[sections[section]].append(hunk)
    if section + 1 != len(sections):  # git's patch has other sections than its list
        return tuple(replace(f, unread=f.unread or "git's patch does not list it") for f in files)
    return tuple(_complete(f, hunks[n], n in binary) for n, f in enumerate(files))


def _sections(file: ChangedFile) -> int:
    if file.unread == _UNMERGED:
        return 0
    return 2 if file.kind is Kind.TYPE_CHANGED else 1


def _complete(file: ChangedFile, hunks: list[Hunk], binary: bool) -> ChangedFile:
    if binary:
        return replace(file, is_binary=True, unread=file.unread or "binary, or too large to compare by lines")
    return replace(file, hunks=tuple(hunks))


def _hunk(header: bytes, lines: list[bytes], at: int) -> tuple[Hunk, int]:
    """Return the hunk whose header this is, and where it ends; its counts say how long it is."""
    old, new = header.split(b" ")[1:3]
    old_start, _, old_count = old[1:].partition(b",")
    new_start, _, new_count = new[1:].partition(b",")
    gone, come = int(old_count or 1), int(new_count or 1)
    removed: list[str] = []
    added: list[str] = []
    while at < len(lines) and (len(removed) < gone or len(added) < come):
        line = lines[at]
        at += 1
        if line[:1] == b"-":
            removed.append(_text(line))
        elif line[:1] == b"+":
            added.append(_text(line))
        elif line[:1] != b"\\":  # "no newline at end of file"
            break
    hunk = Hunk(
        old_start=int(old_start), new_start=int(new_start), removed=tuple(removed), added=tuple(added)
    )
    return hunk, at


def _text(line: bytes) -> str:
    return line[1:].decode("utf-8", "backslashreplace")
