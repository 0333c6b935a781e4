"""Where a symbolic link leads, by its words alone: inside the repository, or out of it."""

from __future__ import annotations

from andon.response.change import Kind
from andon.response.gates.results import Objection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from andon.response.change import Change, ChangedFile


def leads_outside(path: str, target: str) -> str:
    """Return why the link at `path` does not stay inside the repository; "" when it does.

    Windows' separators and drives count as well: a link that is harmless here may not be so there.
    """
    told = target.replace("\\", "/")
    if told.startswith("/") or (told[1:2] == ":" and told[:1].isalpha()):
        return "an absolute place"
    at = path.split("/")[:-1]
    through = False
    for part in told.split("/"):
        if part == "..":
            if through:  # what it goes through may be a link itself, and lie elsewhere
                return "a place that goes up again behind a name"
            if not at:
                return "out of the repository"
            at.pop()
        elif part not in ("", "."):
            through = True
            at.append(part)
    return "into what git keeps for itself" if at[:1] and at[0].lower() in (".git", "git~1") else ""


def target_in_lines(link: ChangedFile) -> str | None:
    """Return where a link leads as its added lines say; a name may hold line ends. None when they do not."""
    return "\n".join(link.hunks[-1].added) if link.hunks and link.hunks[-1].added else None


def objections_to_links(
    change: Change, targets: Mapping[str, str]
) -> tuple[tuple[Objection, ...], tuple[str, ...]]:
    """Return the links of a change that lead outside or take the place of a directory, and those not read.

    `targets` has by path where each link leads.
    """
    links = [f for f in change.files if f.is_link]
    found, unread = [], []
    gone = _directories(f.old_path or f.path for f in change.files if f.kind in (Kind.REMOVED, Kind.RENAMED))
    for link in links:
        target = targets.get(link.path)
        if target is None:
            unread.append(link.path)
            continue
        if why := leads_outside(link.path, target):
            found.append(_objection(link, f"a link to {why}: {target[:80]}"))
        elif link.path in gone:
            found.append(_objection(link, f"a link takes the place of a directory: {target[:80]}"))
    return tuple(found), tuple(unread)


def _directories(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


def _objection(link: ChangedFile, text: str) -> Objection:
    return Objection(rule="links-inside", path=link.path, text=text, snippet=text)
