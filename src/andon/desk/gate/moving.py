"""A reference is about to move: may it? Judges what is new to the repository, and nothing that it has.

No rebase, and no way back from one, is stopped by that: they lead to what is there (docs/decisions/0024).
"""

from __future__ import annotations

from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.rules import check_for
from andon.desk.gate.standing import Standing
from andon.errors import AndonError, Unavailable
from andon.incident.words import Gear, Verdict
from andon.record import Record, replace
from andon.response.change import Change
from andon.response.gates.judge import Judgement, judge
from andon.response.gates.moved import UNJUDGED, by_goal, is_picture
from andon.response.gates.pushed import Known, read_pre_receive
from andon.response.gates.results import failed, passed, unknown
from andon.response.gates.table import Point, rules_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from andon.desk.ports import Desk
    from andon.response.gates.pushed import RefUpdate
    from andon.response.gates.results import RuleResult

#: Commits that are judged before a branch moves, and before a picture of another repository does.
MOST, MOST_OF_A_PICTURE = 10_000, 300
#: Commits of which judging takes longer than a second.
_LONG = 50
#: What is known already. The stash is not, nor what git keeps for a bisect: nobody judged it.
_KNOWN = Known(own=True, but=UNJUDGED)
_REMEDY = "andon doctor; then again"


class Moved(Record):
    """What is said about the references that go to one object."""

    refs: tuple[str, ...]
    new: str
    judgement: Judgement
    #: How many commits are new with it.
    commits: int = 0
    #: True when nothing is stopped: only pictures of another repository move.
    is_only_told: bool = False
    #: Commits that hold a secret, and came by a fetch before.
    tainted: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the rules say, whether it stops anything or not."""
        return self.judgement.verdict

    @property
    def is_stopped(self) -> bool:
        """True when the move must not happen."""
        return not self.is_only_told and self.verdict is not Verdict.PASSED


class _Context(GateContext):
    """What the rules are asked about: changes that are given."""

    def __init__(self, desk: Desk, asked: Asked, changes: Sequence[Change]) -> None:
        stands = Standing(gear=Gear.BUILD, why="the same in every gear", problem="no journal is asked")
        super().__init__(desk, Point.REFERENCES, stands, asked)
        self._changes = tuple(changes)

    def each_commit(self) -> Iterator[Change]:
        """Return what was given."""
        return iter(self._changes)


def moved(
    desk: Desk, updates: Sequence[RefUpdate], tell: Callable[[str], None] = lambda _: None
) -> tuple[Moved, ...]:
    """Return what is said about references that are about to move, one answer for each object they go to.

    Clean commits get a receipt; commits that only pictures of another repository reach and that hold a secret
    are remembered, so that no branch of this one gets them later. `tell` hears of what takes long.
    """
    return tuple(_moved(desk, new, group, tell) for new, group in by_goal(updates).items())


def catch_up(desk: Desk, tell: Callable[[str], None] = lambda _: None) -> tuple[Moved, ...]:
    """Judge what a fetch of many references left for later; the same as if each had been judged as it moved.

    Best effort: what cannot be read is left where it is.
    """
    try:
        waiting = desk.tainted.waiting()
        if not waiting:
            return ()
        updates = read_pre_receive("\n".join(waiting))
        refs, olds = (u.ref for u in updates), (u.old for u in updates if u.old)
        here = tuple(old for old in olds if desk.ranges.commit(old))
        known = Known(own=True, but=(*UNJUDGED, *refs), commits=here)
        goals = by_goal(updates)
        fresh = frozenset(commit for new in goals for commit in _arriving(desk, new, known))
        told = tuple(_moved(desk, new, group, tell, known, fresh) for new, group in goals.items())
        desk.tainted.caught_up(len(waiting))
    except AndonError:
        return ()
    return told


def _arriving(desk: Desk, new: str, known: Known) -> tuple[str, ...]:
    head = desk.ranges.commit(new)
    arriving, _ = desk.ranges.arriving(head, known, MOST_OF_A_PICTURE) if head else ((), ())
    return tuple(commit.id for commit in arriving)


def _moved(
    desk: Desk,
    new: str,
    group: tuple[RefUpdate, ...],
    tell: Callable[[str], None],
    known: Known = _KNOWN,
    fresh: frozenset[str] = frozenset(),
) -> Moved:
    refs = tuple(update.ref for update in group)
    only_told = all(is_picture(ref) for ref in refs)
    found = Moved(refs=refs, new=new, judgement=_judgement(()), is_only_told=only_told)
    try:
        asked = _asked(desk, new, group, known, is_picture=only_told)
        if len(asked.arriving or ()) > _LONG:
            tell(f"{len(asked.arriving or ())} new commits are judged; Ctrl-C leaves the reference as it is")
        changes = _changes(desk, asked)
        results = _without_known(desk, asked, changes, fresh)
        if not only_told and (tainted := _reached(desk, asked, refs)):
            found = replace(found, tainted=tainted)
            results = (
                *(r for r in results if r.rule != "secrets"),
                _of_tainted(tainted, in_rebase=desk.references.is_replaying()),
            )
    except AndonError as problem:
        if only_told:
            _pass_over(desk, new)
        way = problem.remedy or _REMEDY
        told = [unknown(rule.id, str(problem), way) for rule in rules_at(Point.REFERENCES)]
        return replace(found, judgement=_judgement(told))
    found = replace(found, judgement=_judgement(results), commits=len(asked.arriving or ()))
    _remember(desk, found, changes)
    return found


def _judgement(results: Sequence[RuleResult]) -> Judgement:
    given = list(results) or [passed(rule.id, "nothing is new") for rule in rules_at(Point.REFERENCES)]
    return judge(Point.REFERENCES, Gear.BUILD, given)


def _asked(desk: Desk, new: str, group: tuple[RefUpdate, ...], known: Known, *, is_picture: bool) -> Asked:
    """Return what is asked about an object; raises Unavailable for more than is judged.

    A partial clone would fetch what a picture of another repository holds, and a gate never asks the network.
    """
    named = next((u for u in group if u.ref != "HEAD"), group[0])
    is_created = not named.old and named.ref != "HEAD" and not desk.references.exists(named.ref)
    asked = Asked(head=new, target=named.ref if is_created else "")
    head = desk.ranges.commit(new)
    if not head:
        return asked
    if is_picture and desk.references.is_partial():
        raise Unavailable("this clone is partial: its contents are not here", where=named.ref)
    most = MOST_OF_A_PICTURE if is_picture else MOST
    message = desk.ranges.tag_message(new) if head != new else ""
    arriving, _ = desk.ranges.arriving(head, known, most)
    if len(arriving) > most:
        raise Unavailable(
            f"more than {most} commits are new",
            where=named.ref,
            remedy="fetch them from a remote of this repository, under refs/remotes",
        )
    return replace(asked, head=head, message=message, arriving=arriving)


def _changes(desk: Desk, asked: Asked) -> tuple[Change, ...]:
    """Return what is new: of each commit what it changes, of a tag of files all of them."""
    if asked.arriving is None:
        return (Change(base="", head="", files=desk.references.files(asked.head)),)
    return tuple(desk.changes.each(asked.arriving))


def _answers(
    desk: Desk, asked: Asked, changes: Sequence[Change], *, only: str = ""
) -> tuple[RuleResult, ...]:
    context = _Context(desk, asked, changes)
    found = []
    for rule in rules_at(Point.REFERENCES):
        if only and rule.id != only:
            continue
        check = check_for(rule.id)
        try:
            if check is None:
                found.append(unknown(rule.id, "nothing answers this rule yet", "andon doctor"))
            else:
                found.append(check(context))
        except AndonError as problem:
            found.append(unknown(rule.id, str(problem), problem.remedy))
    return tuple(found)


def _without_known(
    desk: Desk, asked: Asked, changes: Sequence[Change], fresh: frozenset[str]
) -> tuple[RuleResult, ...]:
    """Return the answers about what is new; a secret that the history had at that place is not.

    `fresh`: commits that are there already and are no history yet.
    """
    results = _answers(desk, asked, changes)
    if not any(r.rule == "secrets" and r.verdict is Verdict.FAILED for r in results):
        return results
    from andon.desk.gate.known_before import without_known

    left = without_known(desk, changes, fresh, lambda change: _is_clean(desk, change))
    if left == tuple(changes):
        return results
    return (*(r for r in results if r.rule != "secrets"), *_answers(desk, asked, left, only="secrets"))


def _is_clean(desk: Desk, change: Change) -> bool:
    """True when the rule finds no secret in a change alone."""
    answers = _answers(desk, Asked(head=change.head), (change,), only="secrets")
    return all(answer.verdict is Verdict.PASSED for answer in answers)


def _reached(desk: Desk, asked: Asked, refs: Sequence[str]) -> tuple[str, ...]:
    """Return the tainted commits that a branch or tag of this repository would get; those of today's rules.

    HEAD alone may go there: looking is no leak, and a rebase under way is not to be stopped. Its start is.
    """
    if all(ref == "HEAD" for ref in refs) and not desk.references.is_start_of_replay(asked.head):
        return ()
    remembered = desk.tainted.all()
    if not remembered:
        return ()
    reached = desk.references.reached(asked.head, remembered)
    still = tuple(one for one in reached if not _is_clean_today(desk, one))
    if clean := set(reached) - set(still):
        desk.tainted.forget(clean)
    return still


def _is_clean_today(desk: Desk, commit: str) -> bool:
    arriving, _ = desk.ranges.arriving(commit, Known(), 0)
    return all(_is_clean(desk, change) for change in desk.changes.each(arriving[:1]))


def _of_tainted(tainted: Sequence[str], *, in_rebase: bool) -> RuleResult:
    more = f" and {len(tainted) - 3} more" if tainted[3:] else ""
    shown = ", ".join(one[:10] for one in tainted[:3]) + more
    return failed(
        "secrets",
        f"a secret was fetched with {shown}, and would get onto a branch of this repository",
        ("git rebase --abort; then " if in_rebase else "")
        + "andon leak start; this branch can take the history when the secret is out of it",
    )


def _pass_over(desk: Desk, new: str) -> None:
    """Ask no receipt of what was fetched and is too much to judge: it never left this machine from here."""
    try:
        if desk.receipts.has_begun:
            desk.receipts.begin((new,))
    except AndonError:
        return


def _remember(desk: Desk, found: Moved, changes: Sequence[Change]) -> None:
    """Keep a receipt for what is clean, and the commits of a picture that are not; best effort."""
    try:
        if found.verdict is Verdict.PASSED:
            if found.commits:
                from andon.desk.gate.receipts import rules_digest

                desk.receipts.give([change.head for change in changes], rules_digest())
        elif found.is_only_told and found.verdict is Verdict.FAILED:
            tainted = [change.head for change in changes if change.head and not _is_clean(desk, change)]
            desk.tainted.remember(tainted, found.refs[0])
    except AndonError:  # a full disk must not decide about a branch
        return
