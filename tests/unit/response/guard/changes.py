"""Changes written as texts: each file with what it held before and what it holds after."""

from __future__ import annotations

from difflib import SequenceMatcher

from andon.response.change import Change, ChangedFile, Hunk, Kind


def change(**files: tuple[str | None, str | None]) -> Change:
    """Return a change of files named `a_py` for `a.py`, each with its text before and after."""
    return change_of({name.replace("__", "/").replace("_py", ".py"): texts for name, texts in files.items()})


def change_of(files: dict[str, tuple[str | None, str | None]]) -> Change:
    """Return a change of files by path, each with its text before and after."""
    return Change(base="a", head="b", files=tuple(changed(path, *texts) for path, texts in files.items()))


def changed(path: str, before: str | None, after: str | None) -> ChangedFile:
    """Return one file with its hunks."""
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
    old, new = (before or "").splitlines(), (after or "").splitlines()
    hunks = tuple(
        Hunk(old_start=a + (b > a), new_start=c + (d > c), removed=tuple(old[a:b]), added=tuple(new[c:d]))
        for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
        if tag != "equal"
    )
    return ChangedFile(path=path, kind=kind, before=before, after=after, hunks=hunks)
