"""What a rule of a gate may look at: the point, the gear, the hotfix, and the change, each read once."""

from __future__ import annotations

from functools import cached_property

from andon.record import Record
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk
    from andon.response.change import Change


class Asked(Record):
    """What a gate is asked about: the index, or the way from one commit to another."""

    #: Commits; both "" for the index. `base` is "" too when everything up to `head` is new.
    base: str = ""
    head: str = ""
    #: The branch the commits are on, without `refs/heads/`; "" when detached or not known.
    branch: str = ""
    #: What is written to: the full name of the reference that is pushed; "" where nothing is.
    target: str = ""
    #: The message of the commit that is being made, or that of nothing.
    message: str = ""
    #: Why the range could not be found out; "" when it was. Rules that need it are unknown.
    problem: str = ""


class GateContext:
    """Everything the rules of one gate share."""

    def __init__(self, desk: Desk, point: Point, standing: Standing, asked: Asked) -> None:
        """Take who asks where about what."""
        self.desk = desk
        self.point = point
        self.standing = standing
        self.asked = asked

    @property
    def is_hotfix(self) -> bool:
        """True on the branch of the hotfix that is under way."""
        branch = self.standing.hotfix_branch
        target = self.asked.target.removeprefix("refs/heads/")
        return bool(branch) and branch in (self.asked.branch, target)

    @property
    def subject(self) -> str:
        """What is judged, in a few letters: a commit, or the index."""
        return self.asked.head[:10] or "what is staged"

    @cached_property
    def change(self) -> Change:
        """What changes, by files and lines; raises Unavailable, NotFound."""
        changes = self.desk.changes
        return changes.between(self.asked.base, self.asked.head) if self.asked.head else changes.staged()

    @cached_property
    def change_with_texts(self) -> Change:
        """What changes, with the texts of the files before and after; raises as `change` does."""
        return self.desk.changes.with_texts(self.change)
