"""Which moves of references can bring something new into a repository, and which stay on this machine."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.response.gates.pushed import RefUpdate

#: What git keeps for itself: never pushed by a plain push, and in the way of nobody.
_OWN = ("refs/stash", "refs/bisect/", "refs/rewritten/", "refs/worktree/")
#: The same as patterns of git: nobody judged what they lead to, so it is not known when a branch gets it.
UNJUDGED = ("refs/stash", "refs/bisect/*", "refs/rewritten/*", "refs/worktree/*")
#: What is only a picture of another repository: stopping it would cut somebody off, and undo nothing there.
_PICTURES = ("refs/remotes/", "refs/prefetch/")


def matters(ref: str) -> bool:
    """True for HEAD and whatever a branch, a tag or a note can be; the hook's shell leaves out the same."""
    return ref == "HEAD" or (ref.startswith("refs/") and not ref.startswith(_OWN))


def is_picture(ref: str) -> bool:
    """True for a reference that follows another repository."""
    return ref.startswith(_PICTURES)


def that_matter(updates: Iterable[RefUpdate]) -> tuple[RefUpdate, ...]:
    """Return the moves that are judged: no removals, nothing that stays where it is."""
    return tuple(u for u in updates if u.new and u.new != u.old and matters(u.ref))


def by_goal(updates: Iterable[RefUpdate]) -> dict[str, tuple[RefUpdate, ...]]:
    """Return the moves by the object they lead to: a commit moves its branch and HEAD at once."""
    found: dict[str, tuple[RefUpdate, ...]] = {}
    for update in updates:
        found[update.new] = (*found.get(update.new, ()), update)
    return found


def content_of(tree: str, parents: str, message: str) -> str:
    """Return what is judged of a commit before it has an id; git tells the same as `%T %P%n%B`."""
    return f"{tree} {parents}\n{message}".rstrip("\n")


def read_moves(text: str) -> str:
    """Return the lines of git's hook without those that only point at another reference."""
    return "".join(f"{line}\n" for line in text.splitlines() if "ref:" not in line[:130])
