"""What a rule of a gate may look at: the point, the gear, the hotfix, and the change, each read once."""

from __future__ import annotations

from functools import cached_property

from andon.errors import Unavailable
from andon.record import Record
from andon.response.change import Change
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from andon.desk.deployments import Production
    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk
    from andon.incident.gate_record import GateRecord
    from andon.incident.state import Incident
    from andon.response.change import ChangeCommit


class Asked(Record):
    """What a gate is asked about: the index, or the way from one commit to another."""

    #: Commits; both "" for the index. `base` is "" too when everything up to `head` is new.
    base: str = ""
    head: str = ""
    #: Where the branch stands that they are for, "" when it is new: its configuration holds.
    onto: str = ""
    #: The branch the commits are on, without `refs/heads/`; "" when detached or not known.
    branch: str = ""
    #: What is written to: the full name of the reference that is pushed; "" where nothing is.
    target: str = ""
    #: The message of the commit that is being made, or the annotated tag that is pushed; "" for neither.
    message: str = ""
    #: The commits that are new to whoever receives them, newest first; None: those from `base` to `head`.
    arriving: tuple[ChangeCommit, ...] | None = None
    #: True when the reference is removed: nothing comes with that.
    deletes: bool = False
    #: True when the reference leaves a commit behind that it had: a forced push.
    rewinds: bool = False
    #: The other references of the same push, each with its new commit.
    beside: tuple[tuple[str, str], ...] = ()
    #: SARIF files of scanners that somebody ran at `base` and at `head`.
    sarif_base: tuple[str, ...] = ()
    sarif_head: tuple[str, ...] = ()
    #: Why the range could not be found out, and the way out; "" when it was. Rules that need it are unknown.
    problem: str = ""
    remedy: str = ""


class GateContext:
    """Everything the rules of one gate share."""

    def __init__(self, desk: Desk, point: Point, standing: Standing, asked: Asked) -> None:
        """Take who asks where about what."""
        self.desk = desk
        self.point = point
        self.standing = standing
        self.asked = asked
        #: What one rule found out and others use.
        self.shared: dict[str, Any] = {}

    @property
    def is_hotfix(self) -> bool:
        """True on the branch of the hotfix that is under way."""
        branch = self.standing.hotfix_branch
        return bool(branch) and branch in (self.asked.branch, self.target_branch)

    @property
    def target_branch(self) -> str:
        """The branch that is written to; "" when it is none."""
        from andon.response.gates.pushed import branch_of

        return branch_of(self.asked.target) if self.asked.target else ""

    @cached_property
    def protected(self) -> tuple[str, ...]:
        """What the protected branches are called: as configured, else the default branch."""
        return self.desk.config.gates.protected or (self.desk.ranges.default_branch() or "main",)

    @property
    def subject(self) -> str:
        """What is judged, in a few letters: a commit, or the index."""
        return self.asked.head[:10] or "what is staged"

    @cached_property
    def change(self) -> Change:
        """What changes, by files and lines; raises Unavailable, NotFound."""
        asked, changes = self.asked, self.desk.changes
        if asked.problem:
            raise Unavailable(asked.problem, rule="range-known", remedy=asked.remedy)
        if asked.deletes:
            return Change(base=asked.base, head="")
        return changes.between(asked.base, asked.head) if asked.head else changes.staged()

    @cached_property
    def commits(self) -> tuple[ChangeCommit, ...]:
        """The commits that arrive, newest first; none for the index. Raises Unavailable, NotFound."""
        if self.asked.arriving is not None and not self.asked.problem:
            return self.asked.arriving
        return self.change.commits

    def each_commit(self) -> Iterator[Change]:
        """Return what each arriving commit changes by itself, or what is staged; raises as `change` does.

        What a commit adds and a later one of the same push removes is only seen here. The files are read one
        commit at a time; `commits` is bounded.
        """
        if not self.asked.head:
            yield self.change
            return
        yield from self.desk.changes.each(self.commits)

    @cached_property
    def change_with_texts(self) -> Change:
        """What changes, with the texts of the files before and after; raises as `change` does."""
        return self.desk.changes.with_texts(self.change)

    @cached_property
    def production(self) -> Production:
        """What runs and what could run; raises Unavailable when the journal cannot be read."""
        from andon.desk.deployments import Production, survey

        known = self.shared.get("production")
        return known if isinstance(known, Production) else survey(self.desk)

    @cached_property
    def incident(self) -> Incident | None:
        """The incident that makes it HOTFIX, whole; None without one. Raises Unavailable."""
        from andon.incident.emergency import Emergency

        found = self.standing.incident
        if not isinstance(found, Emergency):
            return found
        from andon.desk.casefile import load

        return load(self.desk, found.id)

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """Every incident of the service, closed ones too; raises Unavailable."""
        from andon.desk.casefile import all_incidents

        return all_incidents(self.desk)

    @cached_property
    def record(self) -> GateRecord:
        """What is on record of the service's gates; raises Unavailable."""
        from andon.desk.casefile import service_stream
        from andon.incident.gate_record import fold_gates

        return fold_gates(self.desk.history(service_stream(self.desk)))
