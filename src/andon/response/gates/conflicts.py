"""The markers that git writes around a merge conflict, in the lines a change adds."""

from __future__ import annotations

from andon.response.gates.results import Objection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.change import Change

#: What opens and closes a conflict, and what parts the common ancestor (`diff3`): seven signs and a name, as
#: git-merge(1) shows them. A line of equals signs alone is a heading as often.
_MARKERS = ("<<<<<<<", ">>>>>>>", "|||||||")
#: Markers that are named; a file full of them says no more with the rest.
_MOST = 100


def markers(change: Change) -> tuple[Objection, ...]:
    """Return an objection for each added line that is a conflict marker, in order.

    A line of seven signs without a name only counts beside one with a name in the same file.
    """
    found: list[Objection] = []
    for file in change.files:
        if len(found) >= _MOST:
            break
        lines = [
            (hunk.new_start + offset, line.rstrip("\r"))
            for hunk in file.hunks
            for offset, line in enumerate(hunk.added)
            if line.startswith(_MARKERS) and line.rstrip("\r")[7:8] in ("", " ")
        ]
        if any(" " in line for _, line in lines):
            seen: dict[str, int] = {}
            for at, line in lines[: _MOST - len(found)]:
                seen[line] = seen.get(line, 0) + 1
                found.append(_objection(file.path, at, line, seen[line]))
    return tuple(found)


def _objection(path: str, at: int, line: str, number: int) -> Objection:
    return Objection(
        rule="conflict-markers",
        path=path,
        line=at,
        end_line=at,
        text=f"a conflict marker: {line[:40]}",
        snippet=f"{line} {number}",
    )
